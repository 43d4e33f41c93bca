"""Which facts are to be looked at again: half a year after the last look, or once their sentence changed."""

from __future__ import annotations

import hashlib
from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from sqlalchemy import Connection, func, insert, select

from helpline.menus.shapes import Fact
from helpline.menus.windows import PARIS
from helpline.records.desk_tables import fact_reviews

MONTHS = 6
Why = Literal["", "overdue", "changed"]
_LONGEST_NAME = 10


@dataclass(frozen=True, slots=True)
class Review:
    """Somebody looked at a fact. `statement_hash` is of the sentence that they saw."""

    at: datetime
    who: str
    statement_hash: str

    @property
    def day(self) -> date:
        """In France."""
        return self.at.astimezone(PARIS).date()


@dataclass(frozen=True, slots=True)
class Standing:
    """A fact, and when it was last looked at: by whom of the desk, or as facts.yaml says. `why` it is due, if it is."""

    fact: Fact
    last: date
    who: str
    why: Why

    @property
    def due_on(self) -> date:
        return half_a_year_after(self.last)


def hash_of(fact: Fact) -> str:
    """The mark of what it states, in all its languages."""
    stated = "\0".join(f"{code}\0{fact.statements[code]}" for code in sorted(fact.statements))
    return hashlib.sha256(stated.encode()).hexdigest()


def half_a_year_after(day: date) -> date:
    """The same day six months later; the last of that month where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + MONTHS, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def standing(fact: Fact, review: Review | None, today: date) -> Standing:
    """How a fact stands on a day. The later look counts: the last at the desk, or the one that facts.yaml tells."""
    if review is None or fact.checked > review.day:
        last, who, is_same = fact.checked, "", True
    else:
        last, who, is_same = review.day, review.who, review.statement_hash == hash_of(fact)
    is_overdue = today > half_a_year_after(last)
    return Standing(fact, last, who, "overdue" if is_overdue else "" if is_same else "changed")


def standings(facts: Iterable[Fact], reviews: Mapping[str, Review], today: date) -> list[Standing]:
    """All of them; what is to be looked at comes first, the longest without a look before the others."""
    found = [standing(fact, reviews.get(_key(fact.id)), today) for fact in facts]
    return sorted(found, key=lambda each: (not each.why, each.last if each.why else date.max, each.fact.id))


def last_reviews(connection: Connection) -> dict[str, Review]:
    """The last look at each fact that was looked at here, by its name as it is kept."""
    last = select(func.max(fact_reviews.c.id)).group_by(fact_reviews.c.fact)
    columns = (fact_reviews.c.fact, fact_reviews.c.at, fact_reviews.c.who, fact_reviews.c.statement_hash)
    rows = connection.execute(select(*columns).where(fact_reviews.c.id.in_(last)))
    return {fact: Review(*seen) for fact, *seen in rows}


def reviews_of(connection: Connection, fact: str, most: int) -> list[Review]:
    """The looks at one fact, the last one first."""
    columns = (fact_reviews.c.at, fact_reviews.c.who, fact_reviews.c.statement_hash)
    wanted = select(*columns).where(fact_reviews.c.fact == _key(fact)).order_by(fact_reviews.c.id.desc()).limit(most)
    return [Review(*row) for row in connection.execute(wanted)]


def how_many_due(connection: Connection, facts: Iterable[Fact], today: date) -> int:
    """How many are to be looked at again."""
    return sum(bool(each.why) for each in standings(facts, last_reviews(connection), today))


def note_review(connection: Connection, fact: Fact, who: str, now: datetime) -> None:
    """Somebody has looked at a fact as it stands. `now` is the helpline's date."""
    seen = {"fact": _key(fact.id), "at": now, "who": who, "statement_hash": hash_of(fact)}
    connection.execute(insert(fact_reviews).values(seen))


def _key(name: str) -> str:
    """The name as it is kept: names are short here, and whoever has long ones loses nothing."""
    return name if len(name) <= _LONGEST_NAME else hashlib.sha256(name.encode()).hexdigest()[:_LONGEST_NAME]
