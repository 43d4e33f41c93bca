"""Inspection of kinds: every place that one needs is named when it is missing, and questions lead on."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpline.menus.dated_places import places_of
from helpline.menus.faults import Fault
from helpline.menus.kinds_file import parse_kinds
from helpline.menus.yaml_text import read_yaml
from helpline.prompts_folder import inspect_folder
from tests.conversation.callers import TRAINING, put_into, written
from tests.conversation.training import KIND, WORDS
from tests.conversations.player import OPERATOR
from tests.menus.mistakes import few_prompts, place

PLACES = tuple(places_of(parse_kinds(read_yaml("kinds.yaml", KIND)[0])[0]["training"]))


def inspected(folder: Path, before: str = "", after: str = "", more: str = "") -> list[Fault]:
    """What is said about few prompts and a training, with one mistake in it."""
    assert before in WORDS
    words = WORDS.replace(before, after) if before else WORDS
    put_into(folder, few_prompts() | {"kinds.yaml": KIND, TRAINING: words + more})
    return [fault for fault in inspect_folder(folder, ("fr", "en"), OPERATOR)[1] if fault.severity == "fault"]


def test_a_kind_of_yaml_alone_is_without_faults(tmp_path: Path) -> None:
    assert inspected(tmp_path) == []


@pytest.mark.parametrize("missing", PLACES)
def test_each_place_that_is_missing_is_named(missing: str, tmp_path: Path) -> None:
    faults = inspected(tmp_path, f"\n{missing}:\n", "\nsomething.else:\n")
    said = [fault for fault in faults if fault.node == missing]
    assert said, [str(fault) for fault in faults]
    assert f"The kind 'training' has no place '{missing}'." in [fault.what for fault in said]
    assert said[0].source.file == "kinds.yaml"


@pytest.mark.parametrize(
    ("before", "after", "what"),
    [
        ("  by: keys\n", "", "It asks whether a date is right."),
        ("options: training.note, training.day", "options: training.day, contact", "Nothing is noted from here."),
        ("  ask: time\n  next: training.sure\n", "  ask: time\n", "Nothing follows the answer."),
        ("  ask: time\n", "", "'next' follows an answer, and nothing is asked."),
        ("  ask: time\n", "  ask: hour\n", "Nothing can be asked as 'hour'."),
        ("  ask: time\n", "  ask: day\n", "It is the question for the time."),
        ("  of: training\n", "  of: trainings\n", "There is no kind 'trainings'."),
        ("  next: training.sure\n", "  next: training.sur\n", "It leads to 'training.sur', which is not there."),
        ("  next: training.sure\n", "  next: training.sure\n  options: menu\n", "digits are no choice here"),
        ("effect: note", "effect: keep", "The program notes the date here."),
        ("    past: contact\n", "", "Nothing follows where 'note' ends with 'past'."),
        ("dans {in_days}", "dans {days}", "Nothing is known by the name {days}"),
    ],
)
def test_a_mistake_in_the_places_of_a_kind_is_named(before: str, after: str, what: str, tmp_path: Path) -> None:
    faults = inspected(tmp_path, before, after)
    assert any(what in fault.what for fault in faults), [str(fault) for fault in faults]


def test_words_of_a_date_stand_in_the_places_of_a_kind_only(tmp_path: Path) -> None:
    faults = inspected(tmp_path, more=place("text: Le {day}, appelez le 3949.", name="other"))
    assert "Nothing is known by the name {day} in its text." in [fault.what for fault in faults]


def test_a_question_without_a_kind_is_a_fault(tmp_path: Path) -> None:
    faults = inspected(tmp_path, more=place("text: Quand ?", "ask: day\nnext: contact", name="other.day"))
    assert "It asks for a date, and belongs to no kind." in [fault.what for fault in faults]


def test_what_we_send_and_say_of_a_kind_is_one_message(tmp_path: Path) -> None:
    long = "\n      ---\n      ".join(["Ici {service}. Votre formation est à {time}.", "Bonne formation."])
    faults = inspected(tmp_path, "Ici {service}. Votre formation est à {time}.", long)
    assert "It takes 2 prompts, and must be one." in [fault.what for fault in faults]


def test_a_page_that_callers_can_have_sent_has_a_short_name(tmp_path: Path) -> None:
    name = "about.given.to.somebody.else.too"
    put_into(tmp_path, {file: words.replace("about.given", name) for file, words in written().items()})
    faults = inspect_folder(tmp_path, ("fr", "en"), OPERATOR)[1]
    said = [fault.what for fault in faults if fault.node == name]
    assert f"Its name has {len(name)} letters, and callers can have it sent." in said
