"""A fresh number for each conversation of a script, from those that are kept for fiction: 06 39 98 xx xx."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

NAME = "script-number"  # in VAR_DIR
# The first hundred are for people who try the phone by hand.
FIRST, HOW_MANY = 100, 9_900


def fresh_numbers(var_dir: Path) -> Iterator[str]:
    """Numbers that no script of this folder had of late, one after the other."""
    last = _last_used(var_dir)
    while True:
        last = (last + 1) % HOW_MANY
        _keep(var_dir, last)
        yield f"+3363998{FIRST + last:04d}"


def _last_used(var_dir: Path) -> int:
    try:
        return int((var_dir / NAME).read_text(encoding="ascii")) % HOW_MANY
    except (OSError, ValueError):
        return secrets.randbelow(HOW_MANY)


def _keep(var_dir: Path, number: int) -> None:
    try:
        (var_dir / NAME).write_text(f"{number}\n", encoding="ascii")
    except OSError:
        return  # the next script begins anywhere
