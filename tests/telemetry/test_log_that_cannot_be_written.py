"""A disk that is full takes no more lines of the log: whoever is answered meanwhile must not notice."""

from __future__ import annotations

import subprocess
import sys

LOGS_TO_A_FULL_DISK = """
import sys
sys.stderr = open("/dev/full", "w", buffering=1)
import structlog
from helpline.telemetry.logs import set_up_logs
set_up_logs()
structlog.get_logger("turn").info("turn", place="menu")
structlog.get_logger("turn").error("effect failed")
print("answered")
"""


def test_a_turn_goes_on_when_its_line_cannot_be_written() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOGS_TO_A_FULL_DISK], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.stdout == "answered\n", done.stderr
