"""A rotation of NUMBER_KEYS: the new key in front, numbers sealed again, the old key taken out."""

from __future__ import annotations

from sqlalchemy import Engine, select, update

from helpline.records.reseal import PAGE, Resealed, reseal
from helpline.records.sealing import Seals
from helpline.records.tables import callers
from tests.records.filled import KEY, OTHER_KEY, SEALS, everything, fill, number_of

BOTH, NEW = Seals([OTHER_KEY, KEY]), Seals([OTHER_KEY])


def numbers(engine: Engine, seals: Seals) -> list[str | None]:
    with engine.begin() as connection:
        sealed = connection.scalars(select(callers.c.number).order_by(callers.c.id)).all()
    return [number and seals.open(number) for number in sealed]


def test_after_a_rotation_the_old_key_is_needed_no_more(engine: Engine) -> None:
    people = PAGE + 20
    fill(engine, people)
    assert reseal(engine, BOTH, 10) == Resealed(done=10, unreadable=0)
    assert numbers(engine, BOTH) == [number_of(place) for place in range(people)]
    assert reseal(engine, BOTH, 10_000) == Resealed(done=people - 10, unreadable=0)
    assert reseal(engine, BOTH, 10_000) == Resealed(done=0, unreadable=0)
    assert numbers(engine, NEW) == [number_of(place) for place in range(people)]
    assert {row[3] for row in everything(engine)["callers"]} == {NEW.mark}


def test_it_goes_on_after_the_last_one_of_the_call_before(engine: Engine) -> None:
    fill(engine, 5)
    with engine.begin() as connection:
        connection.execute(update(callers).where(callers.c.spread == 0).values(number="damaged"))
    last, found = 0, []
    while (page := reseal(engine, BOTH, 2, last)).last:
        found.append((page.done, page.unreadable))
        last = page.last
    assert found == [(1, 1), (2, 0), (1, 0)]
    assert reseal(engine, BOTH, 2, last) == Resealed(done=0, unreadable=0)


def test_who_has_no_number_gets_none(engine: Engine) -> None:
    fill(engine)
    with engine.begin() as connection:
        connection.execute(update(callers).where(callers.c.spread == 1).values(number=None, number_key=None))
    assert reseal(engine, BOTH, 10) == Resealed(done=2, unreadable=0)
    assert numbers(engine, NEW) == [number_of(0), None, number_of(2)]


def test_a_number_that_no_key_opens_stays_and_holds_nobody_back(engine: Engine) -> None:
    fill(engine)
    with engine.begin() as connection:
        connection.execute(update(callers).where(callers.c.spread == 0).values(number="damaged"))
    assert reseal(engine, BOTH, 10) == Resealed(done=2, unreadable=1)
    assert reseal(engine, BOTH, 10) == Resealed(done=0, unreadable=1)
    with engine.begin() as connection:
        assert connection.scalar(select(callers.c.number).where(callers.c.spread == 0)) == "damaged"


class SealsMeanwhile(Seals):
    """Seals that are slow: while they seal, the caller does something."""

    def __init__(self, engine: Engine, number: str | None) -> None:
        super().__init__([OTHER_KEY, KEY])
        self._engine, self._number = engine, number

    def open(self, sealed: str) -> str:
        with self._engine.begin() as connection:
            connection.execute(update(callers).values(number=self._number))
        return super().open(sealed)


def test_who_says_stop_while_numbers_are_sealed_again_stays_without_one(engine: Engine) -> None:
    fill(engine, people=1)
    reseal(engine, SealsMeanwhile(engine, None), 10)
    assert numbers(engine, BOTH) == [None]


def test_a_number_that_is_sealed_meanwhile_stays_as_it_is(engine: Engine) -> None:
    fill(engine, people=1)
    other = SEALS.seal(number_of(9)).number
    reseal(engine, SealsMeanwhile(engine, other), 10)
    assert numbers(engine, BOTH) == [number_of(9)]
