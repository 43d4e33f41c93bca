"""How the Procfile starts worker and clock."""

from __future__ import annotations

import subprocess
import sys

import pytest

from helpline.settings import CHECKOUT


def started(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "workers", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=CHECKOUT)


@pytest.mark.parametrize("name", ["worker", "clock"])
def test_each_is_started_by_its_name(name: str) -> None:
    assert f"exec python -m workers {name}\n" in (CHECKOUT / "Procfile").read_text(encoding="utf-8")
    shown = started(name, "--help")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert shown.stdout.startswith(f"Usage: python -m workers {name} [OPTIONS]")


@pytest.mark.parametrize("arguments", [(), ("process",)])
def test_what_is_no_process_is_refused_with_those_that_are(arguments: tuple[str, ...]) -> None:
    refused = started(*arguments)
    assert refused.returncode == 1
    assert refused.stderr == "Usage: python -m workers worker [QUEUE]\n       python -m workers clock\n"
