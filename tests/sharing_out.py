"""Which tests one process of pytest runs together, where several run the tests.

Those of a file: what is made once for a module would else be made in every process. `tests/browser` is one group, with
one helpline and one browser. Files that wait for processes begin before all others; of the longest each test goes by
itself.
"""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

BROWSER = "tests/browser"
# They wait for processes that live and die: begun last, they would be waited for with idle cores.
LONG = (
    "test_scripts.py",
    "test_crash.py",
    "test_bench.py",
    "test_chaos.py",
    "test_whole_helpline.py",
    "test_travelling.py",
)
TOGETHER = "test_scripts.py"  # some of its tests have one server


class ByFile(LoadFileScheduling):
    """Hands out files in the order in which they were collected, and single tests of LONG ones."""

    def __init__(self, config: pytest.Config, log: Producer | None = None) -> None:
        super().__init__(config, log)
        config.option.loadscopereorder = False

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)


def group_of(nodeid: str) -> str:
    """The name of those that are run together with this test."""
    file = PurePosixPath(nodeid.split("::", 1)[0])
    if file.name in LONG and file.name != TOGETHER:
        return nodeid
    return BROWSER if file.is_relative_to(BROWSER) else str(file)


def place(nodeid: str) -> int:
    """What is begun first has the lowest."""
    file = PurePosixPath(nodeid.split("::", 1)[0])
    if file.is_relative_to(BROWSER):
        return 0
    return 1 + LONG.index(file.name) if file.name in LONG else 1 + len(LONG)
