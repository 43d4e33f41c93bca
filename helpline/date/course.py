"""The course of the helpline's date: that of real time, but for a demo, where it is moved.

What is kept in the database is dated by the helpline's date. How long ago that was in real time, the course tells:
whatever the carrier needs time for is not hurried by a jump of the date.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

WHOLE = timedelta(seconds=1)  # dates are kept as whole seconds
_NEVER_BEGAN, _NEVER_ENDS = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Stretch:
    """From a real moment on, the date was so far ahead of it."""

    begins: datetime
    ahead: timedelta


@dataclass(frozen=True, slots=True)
class Course:
    """Until the real moment `now`. Without stretches the date was the real one all the time."""

    now: datetime
    stretches: tuple[Stretch, ...] = ()

    def age(self, date: datetime) -> timedelta:
        """How long ago it was that date, in real time. Where it was that date more than once, the last time counts.

        A date that is yet to come was before the last jump; without any it is of a clock that was set right since.
        """
        if not self.stretches:
            return self.now - date
        been = [moment for moment in self._moments(date) if moment <= self.now + WHOLE]
        return self.now - max(been, default=self.stretches[-1].begins)

    def dates_around(self, date: datetime, before: timedelta, after: timedelta) -> tuple[datetime, datetime]:
        """The earliest and the latest date that it was from so long before to so long after it was that date."""
        after += WHOLE
        first, last = date - before, date + after
        for moment in self._moments(date):
            for begins, ends, ahead in self._pieces():
                start, end = max(moment - before, begins), min(moment + after, ends)
                if start <= end:
                    first, last = min(first, start + ahead), max(last, end + ahead)
        return first - WHOLE, last

    def _moments(self, date: datetime) -> Iterator[datetime]:
        """The real moments at which it may have been that date."""
        for begins, ends, ahead in self._pieces():
            moment = date - ahead
            if moment + WHOLE >= begins and moment <= ends:
                yield moment

    def _pieces(self) -> Iterator[tuple[datetime, datetime, timedelta]]:
        """When each stretch began and ended, and how far ahead the date was. Before the first one it was real."""
        begins, ahead = _NEVER_BEGAN, timedelta(0)
        for stretch in self.stretches:
            yield begins, stretch.begins, ahead
            begins, ahead = stretch.begins, stretch.ahead
        yield begins, _NEVER_ENDS, ahead
