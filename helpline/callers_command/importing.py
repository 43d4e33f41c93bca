"""A file of paper forms gone over, some hundred rows at a time: to count what would happen, or to invite."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.exc import DBAPIError

from helpline.callers_command.paper_file import Cells
from helpline.callers_command.paper_rows import Refused, Rules, Signed, read_row
from helpline.consent.consent import Consent
from helpline.consent.invitations import Fate, Paper, fates, invite
from helpline.menus.shapes import Calendar
from helpline.menus.waves import next_allowed
from helpline.menus.windows import PARIS
from helpline.records.engine import reading

TOGETHER = 200  # rows in one transaction: for so long SQLite's other writers wait
LEFT_ALONE: dict[Fate, str] = {
    "subscribed": "has the reminders already",
    "objected": "said STOP, or does not want to be written to",
    "blocked": "is blocked by the carrier until they text START",
}
_TRIES = 3
_SHARE = 2  # of the rate: the other half is for reminders

Judge = Callable[[Sequence[Signed]], Sequence[Fate]]
Tell = Callable[[Refused], None]


@dataclass(slots=True)
class Tally:
    """What came of a file. `fates` counts all rows that stand, `languages` the invited, `refused` the others."""

    fates: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)
    refused: int = 0

    @property
    def invited(self) -> int:
        """How many are invited now."""
        return self.fates["invited"]


class Turns:
    """When invitations go: one after the other in the hours in which we may write, at half our rate."""

    def __init__(self, calendar: Calendar, now: datetime, per_second: float) -> None:
        self._calendar, self._step = calendar, timedelta(seconds=_SHARE / per_second)
        self._next = self._allowed(now)
        self.first: datetime | None = None
        self.last: datetime | None = None

    def __call__(self) -> datetime:
        """The moment of the next one."""
        self.last = self._next
        self.first = self.first or self.last
        self._next = self._allowed(self.last + self._step)
        return self.last

    def _allowed(self, moment: datetime) -> datetime:
        """No moment is late in the hours: what is due then may have to wait for its turn."""
        hours = self._calendar.hours
        here = next_allowed(self._calendar, moment).astimezone(PARIS)
        if here.time() < hours.spread_until:
            return here
        return next_allowed(self._calendar, datetime.combine(here.date(), hours.ends, PARIS))


def would_invite(consent: Consent, turns: Turns) -> Judge:
    """What would become of rows now. Changes nothing."""

    def judge(rows: Sequence[Signed]) -> Sequence[Fate]:
        with reading(consent.engine).connect() as connection:
            found = fates(connection, [(consent.fingerprint(row.number), row.on) for row in rows])
        for _ in range(found.count("invited")):
            turns()
        return found

    return judge


def inviting(consent: Consent, turns: Turns, now: datetime) -> Judge:
    """Invites whom rows are of, each batch in one transaction: whoever breaks it off finds it done, or not begun."""

    def judge(rows: Sequence[Signed]) -> Sequence[Fate]:
        papers = [_paper(consent, row) for row in rows]
        for tries in range(1, _TRIES + 1):
            try:
                return invite(consent.engine, papers, now, turns)
            except DBAPIError:  # somebody's row went meanwhile, or two waited for each other
                if tries == _TRIES:
                    raise
        raise AssertionError("unreachable")

    return judge


def go_over(
    rows: Iterable[Cells], rules: Rules, judge: Judge, tell: Tell, consent: Consent, tally: Tally
) -> Iterator[int]:
    """Go over the rows in their order, and count in `tally`; yields the line reached, after each batch.

    `tell` hears of each row that invites nobody.
    """
    first_line: dict[bytes, int] = {}
    waiting: list[Signed | Refused] = []
    for cells in rows:
        row = read_row(cells, rules)
        if isinstance(row, Signed):
            row = _or_second(row, first_line, consent)
        waiting.append(row)
        if len(waiting) >= TOGETHER:
            _settle(waiting, judge, tell, tally)
            waiting.clear()
            yield row.line
    _settle(waiting, judge, tell, tally)


def _or_second(row: Signed, first_line: dict[bytes, int], consent: Consent) -> Signed | Refused:
    """The row, unless an earlier one has its number."""
    first = first_line.setdefault(bytes.fromhex(consent.fingerprint(row.number)), row.line)
    return row if first == row.line else Refused(row.line, f"the same number as in line {first}", row.number[-2:])


def _settle(waiting: list[Signed | Refused], judge: Judge, tell: Tell, tally: Tally) -> None:
    signed = [row for row in waiting if isinstance(row, Signed)]
    became = iter(judge(signed) if signed else ())
    for row in waiting:
        if isinstance(row, Refused):
            tally.refused += 1
            tell(row)
            continue
        fate = next(became)
        tally.fates[fate] += 1
        if fate == "invited":
            tally.languages[row.language] += 1
        elif fate in LEFT_ALONE:
            tell(Refused(row.line, LEFT_ALONE[fate], row.number[-2:]))


def _paper(consent: Consent, row: Signed) -> Paper:
    sealed = consent.seals.seal(row.number)
    return Paper(consent.fingerprint(row.number), sealed, row.language, row.form, row.on)
