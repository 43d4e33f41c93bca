"""kinds.yaml: what callers can be reminded of that has a date of its own, and what is said about mistakes in it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from helpline.menus.faults import Fault
from helpline.menus.kinds_file import parse_kinds
from helpline.menus.parse import parse_prompts
from helpline.menus.shapes import DatedKind, DatedWave
from helpline.menus.yaml_text import read_yaml
from helpline.settings import CHECKOUT

KIND = """
training:
  asks: moment
  most: 2
  waves:
    week:
      when: 7 days before
      if closed: next day
    start:
      when: same day
      leaves: 60 minutes
"""


def read(text: str) -> tuple[dict[str, DatedKind], list[Fault]]:
    block, faults = read_yaml("kinds.yaml", text)
    kinds, more = parse_kinds(block)
    return dict(kinds), faults + more


def test_a_kind_is_read_with_its_waves_in_their_order() -> None:
    kinds, faults = read(KIND)
    assert faults == []
    waves = (DatedWave("week", 7, "next"), DatedWave("start", 0, "before", timedelta(minutes=60)))
    assert kinds == {"training": DatedKind("training", "moment", 2, waves)}


def test_the_shipped_kinds_are_an_appointment_and_a_paper() -> None:
    kinds, faults = read((CHECKOUT / "prompts" / "kinds.yaml").read_text(encoding="utf-8"))
    assert faults == []
    assert [(kind.name, kind.asks) for kind in kinds.values()] == [("appointment", "moment"), ("paper", "day")]
    assert [wave.days_before for wave in kinds["paper"].waves] == [120, 75, 15]
    assert kinds["appointment"].waves[1].leaves == timedelta(minutes=90)


def test_a_folder_without_the_file_has_no_kinds(tmp_path: Path) -> None:
    menus, faults = parse_prompts({}, ("fr", "en"))
    assert menus.calendar.kinds == {}
    assert [fault for fault in faults if fault.source.file == "kinds.yaml"] == []


@pytest.mark.parametrize(
    ("before", "after", "what", "line"),
    [
        ("asks: moment", "asks: week", "'asks' is 'week'.", 3),
        ("  asks: moment\n", "", "'asks' is ''.", 3),
        ("most: 2", "most: many", "'most' is no number from 1 to 9.", 4),
        ("most: 2", "most: 10", "'most' is no number from 1 to 9.", 4),
        ("when: 7 days before", "when: a week before", "'a week before' is no day that can be read.", 7),
        ("when: 7 days before", "when: 500 days before", "'500 days before' is too far away.", 7),
        ("when: same day", "when: 8 days before", "The wave 'start' is not after 'week'.", 10),
        ("if closed: next day", "if closed: never", "It does not say what happens on a Sunday", 8),
        ("leaves: 60 minutes", "leaves: an hour", "'leaves' is 'an hour'.", 11),
        ("leaves: 60 minutes", "if closed: next day", "It goes on the day itself", 11),
        ("leaves:", "leave:", "'leave' means nothing here.", 11),
        ("most:", "at most:", "'at most' means nothing here.", 4),
        ("training:", "update:", "'update' means something else already.", 3),
        ("training:", "my training:", "The name of a kind holds small letters only.", 3),
        ("    week:", "    1st:", "The name of a wave holds small letters only.", 7),
    ],
)
def test_a_mistake_is_named_with_its_line(before: str, after: str, what: str, line: int) -> None:
    assert before in KIND
    kinds, faults = read(KIND.replace(before, after))
    said = [fault for fault in faults if what in fault.what]
    assert said, [str(fault) for fault in faults]
    assert said[0].source.file == "kinds.yaml"
    assert said[0].source.line == line
    assert said[0].mend
    assert "training" not in kinds


@pytest.mark.parametrize("text", ["training: x", "training:\n  asks: day\n  most: 1\n", "- training"])
def test_what_is_no_kind_is_a_fault_and_no_crash(text: str) -> None:
    kinds, faults = read(text)
    assert kinds == {}
    assert faults
