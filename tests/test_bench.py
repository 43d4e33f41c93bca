"""`scripts/bench` runs, and what does not depend on the machine holds in its short form."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from helpline.desk.pages import PAGES
from tests.bench.start import STARTS

BENCH = Path(__file__).parent.parent / "scripts" / "bench"


def test_it_explains_itself() -> None:
    shown = subprocess.run([BENCH, "--help"], capture_output=True, text=True, check=True).stdout
    assert "Usage: scripts/bench reminders" in shown
    assert "Usage: scripts/bench desk" in shown
    assert "Usage: scripts/bench start" in shown
    assert "Usage: scripts/bench turns" in shown


def test_a_benchmark_that_there_is_not_is_named() -> None:
    refused = subprocess.run([BENCH, "cats"], capture_output=True, text=True, check=False)
    assert refused.returncode == 2
    assert "There is no benchmark 'cats'" in refused.stderr


@pytest.mark.timeout(400)
def test_the_short_form_takes_every_figure() -> None:
    """That as many rows and messages came of it as should is looked at within."""
    done = subprocess.run([BENCH, "reminders", "--short"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    assert len(re.findall(r"^ +-?\d+\.\d\d  \S", done.stdout, re.MULTILINE)) == 9, done.stdout
    more = re.search(r"(-?\d+\.\d\d)  memory", done.stdout)
    assert more
    assert float(more[1]) < 4
    assert re.search(r"worker: \d+ messages a second, two workers: \d+ messages a second, loop: \d+", done.stdout)


@pytest.mark.timeout(400)
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_the_short_form_times_every_page_of_the_desk(kind: str) -> None:
    done = subprocess.run([BENCH, "desk", "--short", "--on", kind], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    timed = set(re.findall(r"^ +\d+\.\d\d  (\S.*?)  \(at most 3\)$", done.stdout, re.MULTILINE))
    assert timed == {page.name for page in PAGES} | {"looking somebody up", "a person"}
    assert len(re.findall(r"\d ms with 50 subscriptions, \d+\.\d ms with 500", done.stdout)) == len(timed)


@pytest.mark.timeout(400)
def test_the_short_form_takes_every_start() -> None:
    done = subprocess.run([BENCH, "start", "--short"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    taken = re.findall(r"^ +\d+\.\d\d +\d+\.\d\d  (\S.*?)(?:  \(at most 1\.5\))?$", done.stdout, re.MULTILINE)
    assert taken == list(STARTS)


def test_the_short_form_takes_every_figure_of_turns() -> None:
    """That each answer is a 200 is looked at within."""
    done = subprocess.run([BENCH, "turns", "--short"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    assert len(re.findall(r"^ +\d+\.\d\d  \S", done.stdout, re.MULTILINE)) == 9, done.stdout
    rates = r"^(.+): [\d,]+ a second, [\d,]+ us of the server's CPU, [\d,]+ us of the client's, [\d,]+ bytes$"
    assert len(re.findall(rates, done.stdout, re.MULTILINE)) == 6, done.stdout
    assert re.search(r"memory of a web worker .*: Rss \d+ MB, Pss \d+ MB", done.stdout)
    assert re.search(r"kept in Valkey, .*: caller \d+ bytes, language \d+ bytes, answer \d+ bytes", done.stdout)
