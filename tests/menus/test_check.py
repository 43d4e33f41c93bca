"""Every fault of the tree and of facts is named, with its file, its place and how to mend it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.menus.mistakes import (
    IN_TREE,
    OTHERS,
    Case,
    assert_named,
    broken_prompts,
    fact,
    inspected,
    place,
    text,
)

CASES = [
    Case(
        "missing wording",
        "It has no words in 'en'.",
        "add a block 'en:' to it.",
        broken=place().partition("  en:")[0],
        node="broken",
    ),
    Case(
        "unreachable place",
        "Nobody reaches this place.",
        "name it in the options of a menu, or give it keywords.",
        broken=re.sub(r"\n *keywords: .*", "", place()),
        node="broken",
    ),
    Case(
        "dead end",
        "Dead end: the fr words offer no choice and name nobody to turn to.",
        "add an option, or say who helps",
        broken=place("text: Attendez."),
        edits=IN_TREE,
        node="broken",
    ),
    Case(
        "dead end in a call only",
        "Dead end: the fr spoken words offer no choice and name nobody to turn to.",
        "add an option, or say who helps",
        broken=place("text: Appelez le 3949.\nvoice: Attendez."),
        edits=IN_TREE,
        node="broken",
    ),
    Case(
        "option that leads nowhere",
        "It leads to 'nowhere', which is not there.",
        "correct the name, or add the place.",
        broken=place(text("Voici :", "1 Suite"), "options: nowhere"),
        node="broken",
    ),
    Case(
        "two options with one key",
        "Two options of its text have the key 1.",
        "give each its own key.",
        broken=place(text("Voici :", "1 Ici", "1 Ailleurs"), "options: contact"),
    ),
    Case(
        "two options to one place",
        "Two options lead to 'contact'.",
        "take one of them out.",
        broken=place(text("Voici :", "1 Ici", "2 Ailleurs"), "options: contact, contact"),
        node="broken",
    ),
    Case(
        "option that no line offers",
        "No line of its text offers 'contact'.",
        "add a line '1 ...' to a page",
        broken=place(more="options: contact"),
    ),
    Case(
        "line that offers no option",
        "Its text offers the key 2, and 'options' has no such place.",
        "add the place to 'options'",
        broken=place(text("Voici :", "1 Ici", "2 Ailleurs"), "options: contact"),
    ),
    Case(
        "menu over 5 options",
        "It has 6 options.",
        "5 at most",
        broken=place(more="kind: menu\noptions: update, signin, register, meeting, more, contact"),
        node="broken",
    ),
    Case(
        "voice menu deeper than 3",
        "This menu is the 4th in a row.",
        "3 menus at most: move it up.",
        broken=place(text("Voici :", "1 Suite"), "kind: menu\noptions: broken.deeper")
        + place(text("Voici :", "1 Suite"), "kind: menu\noptions: broken.deepest", "broken.deeper")
        + place(text("Voici :", "1 Contact"), "kind: menu\noptions: contact", "broken.deepest"),
        edits=IN_TREE,
        node="broken.deepest",
    ),
    Case(
        "keyword claimed twice",
        "The keyword 'Motdessaibroken' is also one of broken (broken.yaml:",
        "leave it to one of them.",
        broken=place() + place(name="broken2").replace("motdessaibroken2", "Motdessaibroken"),
        node="broken2 (fr)",
    ),
    Case(
        "keyword claimed twice, with another accent",
        "The keyword 'mötdessaibroken' is also one of broken (broken.yaml:",
        "leave it to one of them.",
        broken=place() + place(name="broken2").replace("motdessaibroken2", "mötdessaibroken"),
        node="broken2 (fr)",
    ),
    Case(
        "fact uncited",
        "No place cites this fact.",
        "add it to the 'facts' of the place that says it, or take it out.",
        edits={"facts.yaml": lambda facts: facts + fact("X1")},
        file="facts.yaml",
        node="X1",
    ),
    Case(
        "fact unknown",
        "It cites X2, which is not in facts.yaml.",
        "add the fact first.",
        broken=place(more="facts: X2"),
        node="broken",
    ),
    Case(
        "fact cited but not said",
        "It cites X3, but its text does not hold 'le ciel est bleu'.",
        "say the fact, or take it out of 'facts'.",
        broken=place(more="facts: X3"),
        edits={"facts.yaml": lambda facts: facts + fact("X3")},
    ),
    Case(
        "fact said in a text but not in a call",
        "It cites X4, but its speech does not hold 'le ciel est bleu'.",
        "say the fact",
        broken=place("text: Le ciel est bleu. Appelez le 3949.\nvoice: Appelez le 3949.", "facts: X4"),
        edits={"facts.yaml": lambda facts: facts + fact("X4")},
    ),
    Case(
        "computed place without all its cases",
        "Its cases are open.",
        "name open, last_day, closed.",
        broken=place(more="choose: window\ncases:\n  open: contact"),
        node="broken",
    ),
    Case(
        "the main menu is gone",
        "The place 'menu' is missing.",
        "put it back: the program looks for it.",
        edits={"main.yaml": lambda main: main.replace("menu:\n", "menuu:\n", 1)},
        file="answers.yaml",
        node="menu",
    ),
    Case(
        "two places of one name",
        "The place 'contact' is also in broken.yaml:",
        "rename one of the two.",
        broken=place(name="contact"),
        file=OTHERS,
        node="contact",
    ),
    Case(
        "a line that is no YAML",
        "This line cannot be read",
        "write a `|` after the name",
        broken="broken: 'a\nb: c: d\n",
        node="",
    ),
]


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_a_mistake_is_named_with_its_place_and_how_to_mend_it(case: Case, tmp_path: Path) -> None:
    assert_named(case, tmp_path)


def test_without_a_mistake_nothing_is_at_fault(tmp_path: Path) -> None:
    faults = inspected(broken_prompts(tmp_path, Case("right", "", "", broken=place())))
    assert [str(fault) for fault in faults if fault.severity == "fault"] == []
