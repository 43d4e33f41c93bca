"""The calls that the carrier led: in memory to be listed, and in a file that survives its being killed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from helpline.simulator.carrier.lines import Lines, read_lines
from helpline.simulator.carrier.lists import Wanted, newest


@dataclass(frozen=True, slots=True)
class KeptCall:
    """One call as it stands. Its dates are seconds since 1970, on the helpline's date.

    `heard`: whether whoever is on the phone was told anything by the helpline.
    """

    sid: str
    to: str
    sender: str
    direction: str  # inbound or outbound-api
    at: float  # when it was made
    status: str
    url: str = ""
    callback: str = ""
    answered: float | None = None
    ended: float | None = None
    seconds: int = 0
    answered_by: str = ""
    heard: bool = False

    @property
    def latest(self) -> float:
        """When something happened in it last."""
        return self.ended or self.answered or self.at

    def line(self) -> dict[str, Any]:
        """As the journal has it."""
        time = datetime.fromtimestamp(self.latest, UTC).isoformat(timespec="milliseconds")
        return asdict(self) | {"time": time}


def calls_beside(journal: Path) -> Path:
    """Where the calls are kept whose messages are in that journal."""
    return journal.with_name(f"{journal.stem}-calls{journal.suffix}")


def read_calls(path: Path) -> list[KeptCall]:
    """The calls of a journal, each as it stood last, in the order in which they were made."""
    return list(_latest(path).values())


def _latest(path: Path) -> dict[str, KeptCall]:
    found: dict[str, KeptCall] = {}
    for entry in read_lines(path):
        del entry["time"]
        found[entry["sid"]] = KeptCall(**entry)
    return found


class CallsJournal:
    """Every call, by its sid, by whom it was to, and in order. A call that its carrier's death cut is over."""

    def __init__(self, path: Path, date: Callable[[], float]) -> None:
        self._all: list[KeptCall] = []
        self._place: dict[str, int] = {}  # by sid
        self._places: dict[str, list[int]] = defaultdict(list)  # by whom it was to
        self._remember(_latest(path).values())
        self._lines = Lines(path)
        for call in [kept for kept in self._all if kept.ended is None]:
            self.keep(replace(call, status="failed" if call.answered is None else "completed", ended=date()))

    def keep(self, call: KeptCall) -> None:
        """A call was made, or stands otherwise than before: written before this returns."""
        self._lines.add(call.line())
        self._remember([call])

    def find(self, sid: str) -> KeptCall | None:
        place = self._place.get(sid)
        return None if place is None else self._all[place]

    def select(self, wanted: Wanted, status: str, before: int | None, size: int) -> tuple[list[KeptCall], int | None]:
        """The newest `size` calls that fit, older than place `before`; and the place to go on from."""
        places: Sequence[int] = self._places.get(wanted.to, []) if wanted.to else range(len(self._all))
        return newest(self._all, places, lambda call: wanted.fits(call) and status in ("", call.status), before, size)

    def _remember(self, calls: Iterable[KeptCall]) -> None:
        for call in calls:
            place = self._place.get(call.sid)
            if place is not None:
                self._all[place] = call
                continue
            self._place[call.sid] = len(self._all)
            self._places[call.to].append(len(self._all))
            self._all.append(call)
