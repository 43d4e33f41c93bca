"""`docs/writing-prompts.md`, followed to the letter on a copy of the prompts."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from helpline.cli import main

ROOT = Path(__file__).parent.parent
GUIDE = ROOT / "docs" / "writing-prompts.md"
_OPENED = re.compile(r"(?:Open|Make a new file,)\s+`prompts/([a-z]+\.yaml)`")
_FENCE = re.compile(r"```([a-z-]+)\n(.*?)```", re.S)


@dataclass(frozen=True)
class Step:
    """One block of the guide: what kind it is, its text, and the file that the guide has open there."""

    kind: str
    text: str
    file: str


def sections() -> dict[str, list[Step]]:
    """The numbered examples of the guide, each as the steps that a reader takes."""
    found: dict[str, list[Step]] = {}
    for part in re.split(r"^## ", GUIDE.read_text(encoding="utf-8"), flags=re.M)[1:]:
        title = part.splitlines()[0]
        if not title[0].isdigit():
            continue
        steps: list[Step] = []
        opened, at = "", 0
        for fence in _FENCE.finditer(part):
            names = _OPENED.findall(part[at : fence.start()])
            opened, at = (names[-1] if names else opened), fence.end()
            steps.append(Step(fence[1], fence[2], opened))
        found[title] = steps
    return found


def follow(steps: list[Step], prompts: Path, run: Callable[[str, Path], str]) -> None:
    """Do what the guide says, in its order; fail where it does not work out."""
    line = printed = ""
    for step in steps:
        path = prompts / step.file
        text = path.read_text(encoding="utf-8") if step.file and path.exists() else ""
        if step.kind == "find":
            assert step.text in text, f"{step.file} has no line {step.text!r}"
            line = step.text
        elif step.kind == "see":
            assert step.text.strip() in printed
        elif step.kind == "command":
            printed = run(step.text, prompts)
        else:
            path.write_text(changed(step, text, line), encoding="utf-8")


def changed(step: Step, text: str, line: str) -> str:
    match step.kind:
        case "instead":
            assert text.count(line) == 1, f"{line!r} stands {text.count(line)} times"
            return text.replace(line, step.text)
        case "below":
            assert text.count(line) == 1, f"{line!r} stands {text.count(line)} times"
            return text.replace(line, line + step.text)
        case "below-each":
            return text.replace(line, line + step.text)
        case "end":
            return f"{text.rstrip()}\n\n{step.text}"
        case "new":
            assert not text, f"{step.file} is there already"
            return step.text
    raise AssertionError(f"the guide has a block that nobody can follow: {step.kind}")


def environ(prompts: Path) -> dict[str, str]:
    return {"PROMPTS_DIR": str(prompts), "VAR_DIR": str(prompts.parent / "var"), "PATH": "/usr/bin:/bin"}


def by_a_program(command: str, prompts: Path) -> str:
    words = [sys.executable, "-c", "from helpline.cli import main; main()", *shlex.split(command)[1:]]
    done = subprocess.run(words, capture_output=True, text=True, env=environ(prompts), cwd=ROOT, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def here(command: str, prompts: Path) -> str:
    """The same in this process, which has loaded everything that a new one would load for a second."""
    done = CliRunner().invoke(main, shlex.split(command)[1:], env=environ(prompts))
    assert done.exit_code == 0, done.output
    return done.stdout


def test_the_guide_walks_through_a_sentence_a_keyword_a_step_a_topic_and_kinds_of_reminders() -> None:
    assert [title[3:] for title in sections()] == [
        "Change a sentence",
        "Add a keyword",
        "Add a step",
        "Add a topic",
        "Change when reminders go",
        "Add a kind of reminder",
    ]


@pytest.mark.parametrize("title", sections())
def test_who_follows_the_guide_to_the_letter_gets_what_it_promises(title: str, tmp_path: Path) -> None:
    prompts = tmp_path / "prompts"
    shutil.copytree(ROOT / "prompts", prompts)

    follow(sections()[title], prompts, by_a_program)


def test_all_examples_one_after_the_other_leave_prompts_without_a_fault(tmp_path: Path) -> None:
    prompts = tmp_path / "prompts"
    shutil.copytree(ROOT / "prompts", prompts)

    for steps in sections().values():
        follow(steps, prompts, here)

    assert "0 faults" in here("helpline prompts check", prompts)
