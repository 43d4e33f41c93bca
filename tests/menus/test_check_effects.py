"""Prompts in which somebody could agree by accident, or something is done and nothing follows, are at fault."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpline.menus.check_effects import AGREED_TO
from helpline.menus.check_tree import EFFECTS
from tests.menus.mistakes import Case, assert_named, place, text

REMIND = "remind.yaml"


def without(line: str, times: int = 1) -> dict[str, object]:
    return {REMIND: lambda words: words.replace(line, "", times)}


def instead(line: str, other: str) -> dict[str, object]:
    return {REMIND: lambda words: words.replace(line, other, 1)}


CASES = [
    Case(
        "a question of consent that words could answer",
        "Its option 'remind.all' changes what is kept of a caller, and words could choose it.",
        "add a line 'by: keys' to this place.",
        edits=without("  by: keys\n  unclear: remind.again\n"),
        file=REMIND,
        node="remind.ask",
    ),
    Case(
        "a menu that signs people up",
        "Its option 'remind.all' changes what is kept of a caller, and words could choose it.",
        "add a line 'by: keys'",
        broken=place(text("Voici :", "1 Tous les rappels"), "options: remind.all"),
        node="broken",
    ),
    Case(
        "a keyword that signs people up",
        "It changes what is kept of a caller, so no keyword may lead to it.",
        "give the keywords to the page that asks.",
        edits=instead(
            "    not_saved: remind.later\n  fr:\n    label: Tous les rappels\n",
            "    not_saved: remind.later\n  fr:\n    label: Tous les rappels\n    keywords: tous\n",
        ),
        file=REMIND,
        node="remind.all (fr)",
    ),
    Case(
        "a day that signs people up",
        "It leads to 'remind.all' without a key, which changes what is kept of a caller.",
        "lead to a page that asks first.",
        broken=place(more="choose: window\ncases:\n  open: remind.all\n  last_day: contact\n  closed: contact"),
        node="broken",
    ),
    Case(
        "an answer in another way",
        "'by: words' means nothing.",
        "write 'by: keys', or take the line out.",
        edits=instead("  by: keys\n", "  by: words\n"),
        file=REMIND,
        node="remind.ask",
    ),
    Case(
        "a menu by keys",
        "Only a page can have 'by: keys'.",
        "take the line out.",
        broken=place(text("Voici :", "1 Contact"), "kind: menu\nby: keys\noptions: contact"),
        node="broken",
    ),
    Case(
        "a question that is asked again with other choices",
        "It cannot be asked again by 'remind.sure'.",
        "give both 'by: keys' and the same options.",
        edits=instead("  unclear: remind.again\n", "  unclear: remind.sure\n"),
        file=REMIND,
        node="remind.ask",
    ),
    Case(
        "an outcome that nothing follows",
        "Nothing follows where 'stop' ends with 'not_saved'.",
        "add a line 'not_saved: ...' to its outcomes.",
        edits=without("    not_saved: stop.failed\n"),
        file=REMIND,
        node="stop",
    ),
    Case(
        "an outcome that never comes",
        "'stop' never ends with 'saved'.",
        "its outcomes are stopped, not_saved.",
        edits=instead("    stopped: stop.done\n", "    stopped: stop.done\n    saved: stop.done\n"),
        file=REMIND,
        node="stop",
    ),
    Case(
        "an outcome that does something again",
        "Its outcome 'none' leads to 'remind.all', which does something again.",
        "lead to a page.",
        edits=instead("    none: remind.ask\n", "    none: remind.all\n"),
        file=REMIND,
        node="remind",
    ),
    Case(
        "outcomes that look up without end",
        "Its outcome 'blocked' leads to 'remind', which does something again.",
        "lead to a page.",
        edits=instead("    blocked: remind.blocked\n", "    blocked: remind\n"),
        file=REMIND,
        node="remind",
    ),
    Case(
        "a STOP that does something else",
        "The program looks here for the effect 'stop'.",
        "write 'effect: stop' with its outcomes below it.",
        edits=instead("  effect: stop\n", "  effect: keep\n"),
        file=REMIND,
        node="stop",
    ),
    Case(
        "a reminder of two messages",
        "It takes 2 messages, and must be one.",
        "say less, and take out '---'.",
        edits=instead("      Choisissez un jour pour la faire", "      ---\n      Choisissez un jour pour la faire"),
        file=REMIND,
        node="wave.middle.open (fr)",
    ),
    Case(
        "a consent of two messages",
        "It takes 2 prompts, and must be one.",
        "say less, and take out '---'.",
        edits=instead("      Gratuits à recevoir, 4 par mois", "      ---\n      Gratuits à recevoir, 4 par mois"),
        file=REMIND,
        node="remind.ask (fr)",
    ),
    Case(
        "an effect that nobody can perform",
        "Nothing can do 'lottery'.",
        "take the place out.",
        broken=place(more="effect: lottery\noutcomes:\n  won: contact"),
        node="broken",
    ),
    Case(
        "reminders without their words",
        "The place 'wave.last' is missing.",
        "put it back: the program looks for it.",
        edits=instead("wave.last:\n", "wave.gone:\n"),
        file="answers.yaml",
        node="wave.last",
    ),
]


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_a_mistake_is_named_with_its_place_and_how_to_mend_it(case: Case, tmp_path: Path) -> None:
    assert_named(case, tmp_path)


def test_whatever_is_agreed_to_can_be_performed() -> None:
    assert set(EFFECTS) > AGREED_TO
