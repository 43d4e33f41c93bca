"""The script that watches whether a web worker grows."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from tests.security.memory import MOST_A_THOUSAND, growth


def test_a_short_run_prints_what_the_worker_held() -> None:
    command = [sys.executable, "-m", "tests.security.memory", "--short", "--requests", "300"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    held = re.findall(r"^ *(\d+) requests +(\d+\.\d) MB  0 answers of 5xx$", done.stdout, re.M)
    assert held
    assert all(float(megabytes) > 10 for _, megabytes in held)
    assert "growth once warm" in done.stdout


@pytest.mark.parametrize(("each", "is_too_much"), [(0.0, False), (0.5, False), (1.5, True), (20.0, True)])
def test_what_grows_is_told_from_what_was_only_warming_up(each: float, is_too_much: bool) -> None:
    found = [(1000 * number, 100.0 + min(number, 8) * 30 + each * number) for number in range(1, 21)]
    assert (growth(found) > MOST_A_THOUSAND) is is_too_much


def test_it_explains_itself_with_an_example() -> None:
    told = subprocess.run(["scripts/fuzz-memory", "--help"], capture_output=True, text=True, check=True).stdout
    assert "Example:" in told
