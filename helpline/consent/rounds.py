"""Work that goes over everybody, in pieces: what one job has no time for, the next one goes on with."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import Engine, delete, insert, select

from helpline.records.engine import reading
from helpline.records.tables import controls

PLACE = "forgetting"  # the row of `controls` that says where the round stands that was cut short

# A step takes up after a key, or from the beginning with None. It yields after each page: its last key, and what was
# done, by name. It is harmless to do again.
Page = tuple[Any, Mapping[str, int]]
Step = Callable[[Any], Iterator[Page]]


@dataclass(frozen=True, slots=True)
class Piece:
    """What was done, by name; and when the round began, if it is over with this piece."""

    counts: Mapping[str, int]
    round_began: datetime | None


@dataclass(frozen=True, slots=True)
class _Place:
    began: datetime
    step: str  # nothing: all steps are done
    after: Any = None


def go_on(engine: Engine, steps: Mapping[str, Step], now: datetime, seconds: float) -> Piece:
    """Go on with the round, or begin one, for about that time: one page at least.

    Who is killed leaves the place where it began: what it did is done again, without harm.
    """
    end = time.monotonic() + seconds
    counts: Counter[str] = Counter()
    place = _kept(engine, steps)
    if place is None:
        place = _Place(now, next(iter(steps)))
        _keep(engine, place, now)
    for reached in _walk(steps, place, counts):
        if reached.step and time.monotonic() >= end:
            _keep(engine, reached, now)
            return Piece(counts, None)
    _keep(engine, None, now)
    return Piece(counts, place.began)


def _walk(steps: Mapping[str, Step], place: _Place, counts: Counter[str]) -> Iterator[_Place]:
    """The places that are reached: after each page, and after each step."""
    names = [*steps, ""]
    after = place.after
    for name, following in pairwise(names[names.index(place.step) :]):
        for last, done in steps[name](after):
            counts.update(done)
            yield _Place(place.began, name, last)
        after = None
        yield _Place(place.began, following)


def _kept(engine: Engine, steps: Mapping[str, Step]) -> _Place | None:
    """Where the last piece was cut short. None if nowhere, or if that step is no more."""
    with reading(engine).connect() as connection:
        value = connection.scalar(select(controls.c.value).where(controls.c.name == PLACE))
    found = json.loads(value) if value else {}
    if found.get("step") not in steps:
        return None
    return _Place(datetime.fromtimestamp(found["began"], UTC), found["step"], found["after"])


def _keep(engine: Engine, place: _Place | None, now: datetime) -> None:
    with engine.begin() as connection:
        connection.execute(delete(controls).where(controls.c.name == PLACE))
        if place:
            value = {"began": int(place.began.timestamp()), "step": place.step, "after": place.after}
            connection.execute(insert(controls).values(name=PLACE, value=json.dumps(value), changed_at=now))
