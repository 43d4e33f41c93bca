"""Withdrawals on disk, one JSON line each: written before SQL is asked, so that none is lost while SQL is down.

Lines are only added. A line is on the disk when `append` returns. Any number of processes may append at once: each
line is one write at the end of the file. What a crash or a full disk left half written is closed by the next line.
Only `trim`, after years, writes the file anew, while nobody appends.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from helpline.consent.withdrawal import LONGEST_HEARD, LONGEST_KEY, LONGEST_SID, REASONS, Withdrawal

NAME = "withdrawals.jsonl"  # in VAR_DIR
READ_AT_ONCE = 256 * 1024

_FINGERPRINT = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Lines:
    """Some lines of the journal: what they say, how many say nothing, and where the next one begins.

    `torn` is how many bytes at the end of the file are no whole line (yet).
    """

    withdrawals: tuple[Withdrawal, ...]
    damaged: int
    next: int
    torn: int


class Journal:
    """The file at `path`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._torn_at = -1

    def append(self, *withdrawals: Withdrawal) -> None:
        """Add them to the end. OSError if they are not surely on the disk."""
        lines = b"".join(_written(withdrawal) for withdrawal in withdrawals)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self._opened(fcntl.LOCK_SH) as file:
            size = os.fstat(file).st_size
            if size and os.pread(file, 1, size - 1) != b"\n":
                lines = b"\n" + lines
            if os.write(file, lines) < len(lines):
                raise OSError(f"{self.path}: only a part of a withdrawal could be written")
            os.fsync(file)
        if not size:
            self._keep_name()

    def size(self) -> int:
        """Its length in bytes; 0 where there is none."""
        try:
            return self.path.stat().st_size
        except FileNotFoundError:
            return 0

    def identity(self) -> str:
        """Which journal this is: a random name beside the file, as each machine has a journal of its own.

        Nothing while there is neither.
        """
        path = self.path.with_suffix(".id")
        with suppress(FileNotFoundError):
            return path.read_text("ascii")
        if not self.size():
            return ""
        name = secrets.token_hex(8)
        draft = path.with_name(f"{path.name}.{name}")
        with open(draft, "w", encoding="ascii", opener=_private) as file:
            file.write(name)
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):  # another process was first
            os.link(draft, path)
        draft.unlink()
        self._keep_name()
        return path.read_text("ascii")

    def read(self, offset: int) -> Lines:
        """The lines from `offset` on, as many as fit into one reading."""
        try:
            with self.path.open("rb") as file:
                file.seek(offset)
                found = file.read(READ_AT_ONCE)
        except FileNotFoundError:
            found = b""
        whole = found.rfind(b"\n") + 1
        if not whole and len(found) == READ_AT_ONCE:
            return Lines((), 1, offset + len(found), 0)  # no line of ours is so long
        read = [_read(line) for line in found[:whole].split(b"\n") if line.strip()]
        withdrawals = tuple(withdrawal for withdrawal in read if withdrawal)
        torn = len(found) - whole if len(found) < READ_AT_ONCE else 0
        return Lines(withdrawals, len(read) - len(withdrawals), offset + whole, torn)

    def begins_before(self, moment: datetime) -> bool:
        """Whether its first withdrawal is older than that."""
        first = self.read(0).withdrawals[:1]
        return bool(first) and first[0].at < moment

    def trim(self, before: datetime) -> int:
        """Take out what is older, and what cannot be read. How many lines went. Offsets into it are void then."""
        with self._opened(fcntl.LOCK_EX):
            lines = self.path.read_bytes().splitlines(keepends=True)
            stay = [line for line in lines if (found := _read(line)) and found.at >= before]
            draft = self.path.with_suffix(".draft")
            with open(draft, "wb", opener=_private) as file:
                file.writelines(stay)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self.path)
            self._keep_name()
        return len(lines) - len(stay)

    def is_news(self, torn_at: int) -> bool:
        """Whether the torn line at this offset is told for the first time."""
        was, self._torn_at = self._torn_at, torn_at
        return torn_at != was

    @contextmanager
    def _opened(self, lock: int) -> Iterator[int]:
        """The file to append to, made if need be, held together with others or alone."""
        file = self._open(lock)
        try:
            yield file
        finally:
            os.close(file)

    def _open(self, lock: int) -> int:
        while True:
            file = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(file, lock)
                with suppress(FileNotFoundError):
                    if os.path.samestat(os.fstat(file), self.path.stat()):
                        return file
            except BaseException:
                os.close(file)
                raise
            os.close(file)  # it was replaced meanwhile: open the one that is there now

    def _keep_name(self) -> None:
        """A new file is found after a power cut only if its folder is on the disk too."""
        folder = os.open(self.path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _fit(text: object, most: int) -> str:
    """What every database takes, whatever stands there: one line that nothing can apply would hold back all sending."""
    return "".join(letter for letter in str(text) if letter.isprintable() and letter.isascii())[:most]


def _written(withdrawal: Withdrawal) -> bytes:
    fields = {
        "at": int(withdrawal.at.timestamp()),
        "fingerprint": withdrawal.fingerprint,
        "reason": withdrawal.reason,
        "channel": withdrawal.channel,
        "language": withdrawal.language,
        "heard": withdrawal.heard,
        "sid": withdrawal.sid,
        "key": withdrawal.key,
        "erases": withdrawal.erases,
        "tell": withdrawal.tell,
    }
    return json.dumps(fields).encode("ascii") + b"\n"


def _read(line: bytes) -> Withdrawal | None:
    """The withdrawal of a line; None if it is damaged."""
    try:
        fields = json.loads(line)
        reason, fingerprint = fields["reason"], fields["fingerprint"]
        if reason not in REASONS or not _FINGERPRINT.fullmatch(fingerprint):
            return None
        return Withdrawal(
            fingerprint=fingerprint,
            reason=reason,
            at=datetime.fromtimestamp(int(fields["at"]), UTC),
            channel=_fit(fields["channel"], 8),
            language=_fit(fields["language"], 2),
            heard=_fit(fields["heard"], LONGEST_HEARD),
            sid=_fit(fields["sid"], LONGEST_SID),
            key=_fit(fields["key"], LONGEST_KEY),
            erases=fields["erases"] is True,
            tell=fields["tell"] is True,
        )
    except (ValueError, TypeError, KeyError, OverflowError, OSError, RecursionError):
        return None
