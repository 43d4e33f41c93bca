"""What the simulated carrier accepted: in memory to be listed, and in a file that survives its being killed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from helpline.simulator.carrier.lines import Lines, read_lines
from helpline.simulator.carrier.lists import Wanted, newest

OUTBOUND, REPLY, INBOUND = "outbound-api", "outbound-reply", "inbound"
DELIVERED = "delivered"


@dataclass(frozen=True, slots=True)
class Message:
    """One message that the carrier took. `fate` is "delivered", or the code with which it is reported undelivered."""

    sid: str
    to: str
    sender: str
    body: str
    at: float  # on the helpline's date: seconds since 1970
    taken: float  # the same moment in real time
    callback: str = ""
    fate: str = DELIVERED
    direction: str = OUTBOUND
    opt_out: str = ""  # the keyword that the carrier took it for

    @property
    def number(self) -> str:
        """The phone at the other end."""
        return self.sender if self.direction == INBOUND else self.to

    def age(self, real: float) -> float:
        """Seconds of real time since it was taken."""
        return real - self.taken

    @property
    def moment(self) -> datetime:
        return datetime.fromtimestamp(self.at, UTC)

    def line(self) -> dict[str, Any]:
        """As the journal has it."""
        return asdict(self) | {"time": self.moment.isoformat(timespec="milliseconds")}


def read_journal(path: Path) -> Iterator[Message]:
    """The messages of a journal, in the order of their acceptance."""
    for found in read_lines(path):
        del found["time"]
        found["taken"] = found.get("taken") or found["at"]  # older journals have it only where it differs
        yield Message(**found)


class Journal:
    """Every accepted message, by its sid, by its number, and in order."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._all: list[Message] = []
        self._by_sid: dict[str, Message] = {}
        self._places: dict[str, list[int]] = defaultdict(list)  # who it is for -> places in `_all`
        self._texted: dict[str, list[int]] = defaultdict(list)  # who texted us -> places in `_all`
        for message in read_journal(path):
            self._remember(message)
        self._lines = Lines(path)

    def __len__(self) -> int:
        return len(self._all)

    def __iter__(self) -> Iterator[Message]:
        return iter(self._all)

    def add(self, message: Message) -> None:
        """Keep it: written before this returns, so that killing the carrier loses nothing that it took."""
        self._lines.add(message.line())
        self._remember(message)

    def find(self, sid: str) -> Message | None:
        return self._by_sid.get(sid)

    def of(self, number: str, most: int) -> list[Message]:
        """The latest messages from and to a phone, in order."""
        places = sorted(self._places.get(number, [])[-most:] + self._texted.get(number, [])[-most:])
        return [self._all[place] for place in places[-most:]]

    def select(self, wanted: Wanted, before: int | None, size: int) -> tuple[list[Message], int | None]:
        """The newest `size` messages that fit, older than place `before`; and the place to go on from."""
        places: Sequence[int] = self._places[wanted.to] if wanted.to else range(len(self._all))
        return newest(self._all, places, wanted.fits, before, size)

    def _remember(self, message: Message) -> None:
        self._places[message.to].append(len(self._all))
        if message.direction == INBOUND:
            self._texted[message.sender].append(len(self._all))
        self._all.append(message)
        self._by_sid[message.sid] = message
