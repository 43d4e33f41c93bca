"""The carrier of the demo: the simulated one, beside the helpline, so that a demo 'sends' and nothing leaves it."""

from __future__ import annotations

import shlex
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

from helpline.settings import Settings

HERE = "127.0.0.1"
JOURNAL = "carrier.jsonl"  # in VAR_DIR


@dataclass(frozen=True, slots=True)
class DemoCarrier:
    """Where the simulated carrier listens, what it writes, and the command that starts it."""

    url: str
    journal: Path
    command: str


def demo_carrier(settings: Settings) -> DemoCarrier | None:
    """The one for a demo that names no other by TWILIO_API_URL."""
    if not settings.is_demo or "twilio_api_url" in settings.model_fields_set:
        return None
    port, journal = _free_port(), settings.var_dir / JOURNAL
    program = [sys.executable, "-m", "helpline.simulator.carrier", "--port", str(port), "--journal", str(journal)]
    helpline = ["--callbacks", "--callbacks-at", settings.local_address]
    return DemoCarrier(f"http://{HERE}:{port}", journal, f"exec {shlex.join([*program, *helpline])}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HERE, 0))
        return int(probe.getsockname()[1])
