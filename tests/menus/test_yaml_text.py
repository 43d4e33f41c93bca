"""YAML as a volunteer writes it: text only, each value with its line, each mistake with its mend."""

from __future__ import annotations

import pytest

from helpline.menus.yaml_text import pages_of, read_yaml

GOOD = """\
contact:
  options: update.how
  fr:
    label: Parler
    text: |
      Appelez le 3949.
      - une lettre
"""


def test_every_value_is_text_and_knows_its_line() -> None:
    block, faults = read_yaml("contact.yaml", "a:\n  yes: no\n  number: 0612\n")

    assert faults == []
    assert block.block("a").text("yes") == "no"
    assert block.block("a").text("number") == "0612"
    assert str(block.block("a").source_of("number")) == "contact.yaml:3"


@pytest.mark.parametrize(
    ("good", "bad", "line", "what", "mend"),
    [
        ("    label: Parler", "\tlabel: Parler", 4, "begins with a tab", "spaces"),
        ("    label: Parler", "    label Parler", 5, "no colon", "lines 4 and 5"),
        ("    label: Parler", "    label: Parler : à qui", 4, "colon", "`|`"),
        ("    label: Parler", "      label: Parler", 5, "does not begin where its neighbours begin", "left or right"),
        ("      - une lettre", "     - une lettre", 7, "does not begin where its neighbours begin", "left or right"),
    ],
)
def test_a_line_that_cannot_be_read_is_named_with_what_to_do(
    good: str, bad: str, line: int, what: str, mend: str
) -> None:
    _, (fault,) = read_yaml("contact.yaml", GOOD.replace(good, bad))

    assert fault.source.line == line
    assert what in f"{fault.what} {fault.mend}".replace("has none behind its name", "no colon")
    assert mend in fault.mend


def test_a_name_that_stands_twice_is_named() -> None:
    _, (fault,) = read_yaml("contact.yaml", "a:\n  b: c\na:\n  b: d\n")

    assert str(fault.source) == "contact.yaml:3"
    assert "'a' stands twice" in fault.what


def test_a_line_of_dashes_begins_a_new_page() -> None:
    assert pages_of("one\ntwo\n---\nthree\n") == ("one\ntwo", "three")


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("a: " + "[" * 200_000, "too deep"),
        ("a: &x b\nc: *x\n", "begins with & or *"),
        ("a: " + "b" * 1_100_000, "1100003 characters"),
    ],
)
def test_what_could_hold_up_a_running_helpline_is_refused_before_it_is_read(text: str, what: str) -> None:
    block, (fault,) = read_yaml("deep.yaml", text)

    assert block.values == {}
    assert what in fault.what
