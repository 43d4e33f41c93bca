"""A fault of the simulator itself, as its log tells it: what and where, and nothing of what callers wrote."""

from __future__ import annotations

from pathlib import Path
from traceback import extract_tb


def told(error: BaseException) -> dict[str, str]:
    """The kind of an error, and the line of the program where it came up."""
    frames = extract_tb(error.__traceback__)
    where = f"{Path(frames[-1].filename).name}:{frames[-1].lineno} {frames[-1].name}" if frames else ""
    return {"error": type(error).__name__, "where": where}
