"""Prompts folders with one mistake each, and what is to be said about it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from helpline.identity import identity_of
from helpline.menus.check_tree import REQUIRED
from helpline.menus.faults import Fault
from helpline.menus.parse import parse_prompts
from helpline.prompts_folder import inspect_folder, read_files
from helpline.settings import CHECKOUT, load_settings

BROKEN, OTHERS = "broken.yaml", "others.yaml"
AS_THEY_ARE = (
    "languages.yaml",
    "calendar.yaml",
    "service.yaml",
    "answers.yaml",
    "main.yaml",
    "remind.yaml",
    "requests.yaml",
    "person.yaml",
)
# The longest sentence that is allowed, without its full stop.
FIFTEEN = "un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze"


class Case(NamedTuple):
    """A mistake, and what is said about it. `edits` change a file; `broken` is a file of its own."""

    name: str
    what: str
    mend: str
    broken: str = ""
    edits: Mapping[str, Callable[[str], str]] = {}
    file: str = BROKEN
    node: str = "broken (fr)"
    severity: str = "fault"


def place(french: str = "text: Appelez le 3949.", more: str = "", name: str = "broken") -> str:
    """A place with keywords, so that somebody reaches it; its English words are right unless `french` is not."""
    english = re.sub(r"\n?keywords: .*", "", french)
    return block(
        f"{name}:",
        more,
        "fr:",
        f"  label: Essai\n  keywords: motdessai{name}\n" + moved(french),
        "en:",
        f"  label: Try\n  keywords: tryword{name}\n" + moved(english),
    )


def block(name: str, *lines: str) -> str:
    return name + "\n" + "\n".join(moved(line) for line in lines if line) + "\n"


def moved(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.split("\n"))


def text(*lines: str) -> str:
    return "text: |\n" + moved("\n".join(lines))


def voice(*lines: str) -> str:
    return "text: Appelez le 3949.\nvoice: |\n" + moved("\n".join(lines))


def instead_of_open(prompts: str) -> str:
    """Puts the broken place into the tree: it is what callers get while the update is open."""
    return prompts.replace("open: contact", "open: broken")


IN_TREE = {OTHERS: instead_of_open}


def fact(name: str) -> str:
    return (
        f"\n{name}:\n  fr: Le ciel est bleu.\n  en: The sky is blue.\n  source: nobody\n  status: holds\n"
        "  checked: 2026-11-22\n  words:\n    fr: le ciel est bleu\n    en: the sky is blue\n"
    )


@cache
def few_prompts() -> dict[str, str]:
    """The real main menu and answers; every other place that they need is a small one."""
    real = read_files(CHECKOUT / "prompts")
    files = {name: re.sub(r"(?m)^  facts:.*\n", "", real[name]) for name in AS_THEY_ARE} | {"facts.yaml": ""}
    nodes = parse_prompts(files, ("fr", "en"))[0].nodes
    needed = {*REQUIRED, *(option for node in nodes.values() for option in node.options)} - nodes.keys()
    computed = "choose: window\ncases:\n  open: contact\n  last_day: contact\n  closed: contact"
    files[OTHERS] = "".join(place(name=name, more=computed if name == "update" else "") for name in sorted(needed))
    return files


def broken_prompts(folder: Path, case: Case) -> Path:
    """A prompts folder with the mistake of a case, and no other."""
    prompts = folder / "prompts"
    prompts.mkdir()
    for name, words in ({BROKEN: case.broken} | few_prompts()).items():
        edit = case.edits.get(name)
        changed = edit(words) if edit else words
        assert not edit or changed != words
        (prompts / name).write_text(changed, encoding="utf-8")
    return prompts


def inspected(prompts: Path) -> list[Fault]:
    settings = load_settings({"TWILIO_AUTH_TOKEN": "any", "HELPLINE_ENV": "demo"})
    return inspect_folder(prompts, settings.languages, identity_of(settings))[1]


def assert_named(case: Case, folder: Path) -> None:
    """The mistake of a case is reported, where it is and with how to mend it."""
    faults = inspected(broken_prompts(folder, case))
    said = [fault for fault in faults if case.what in fault.what]
    here = [fault for fault in said if (fault.source.file, fault.node) == (case.file, case.node)]
    assert here, f"said: {[str(fault) for fault in said] or [str(f) for f in faults if f.severity == 'fault']}"
    assert here[0].severity == case.severity
    assert case.mend in here[0].mend
    assert here[0].source.line > 0
