"""A file of JSON, a line an entry, that survives the killing of whoever writes it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """The entries of a file, in order, if there is one. A last line that is not whole counts for nothing."""
    if not path.exists():
        return
    with path.open("rb") as file:
        for line in file:
            if line.endswith(b"\n"):
                yield json.loads(line)


class Lines:
    """Writes entries behind those that are there."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        self._drop_torn_line()

    def add(self, entry: Mapping[str, Any]) -> None:
        """Write it before this returns, so that killing the process loses nothing that it told anybody."""
        os.write(self._file, json.dumps(entry, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")

    def _drop_torn_line(self) -> None:
        size = os.fstat(self._file).st_size
        end = os.pread(self._file, min(size, 8192), max(0, size - 8192))
        if end and not end.endswith(b"\n"):
            os.ftruncate(self._file, size - len(end) + end.rfind(b"\n") + 1)
