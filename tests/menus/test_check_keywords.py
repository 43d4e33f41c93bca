"""Keywords that would never be heard, or that run together, are found at the desk."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpline.menus.check_keywords import check_keywords
from helpline.menus.faults import Fault
from helpline.menus.forms import Identity
from helpline.menus.parse import parse_prompts
from helpline.menus.prompts import prepare
from helpline.prompts_folder import read_files

IDENTITY = Identity("Relais Droits", "association Le Pont", "01 99 00 12 34", "38123", "01 99 00 12 34")
PROMPTS = Path(__file__).parents[2] / "prompts"


def faults_with(keywords: str) -> list[Fault]:
    files = read_files(PROMPTS)
    first = "    keywords: |\n"
    files["contact.yaml"] = files["contact.yaml"].replace(first, f"{first}      {keywords}\n", 1)
    menus, _ = parse_prompts(files, ("fr", "en"))
    return check_keywords(prepare(menus, IDENTITY))


def test_the_keywords_as_they_are_have_no_fault() -> None:
    assert faults_with("un mot tout neuf") == []


@pytest.mark.parametrize(
    ("keywords", "what"),
    [
        ("réinscription", "is also one of contact"),
        ("Menu", "already means 'menu' everywhere"),
        ("stop", "already means 'stop' everywhere"),
        ("wifi cassé; box cassée", "run together"),
        ("mot " * 20, "run together"),
    ],
)
def test_a_keyword_that_cannot_work_is_named_with_its_place(keywords: str, what: str) -> None:
    found = faults_with(keywords)

    assert any(what in fault.what for fault in found), found
    assert all(fault.mend and fault.source.file.endswith(".yaml") for fault in found)
