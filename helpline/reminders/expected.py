"""For how many people the coming waves are, all of them counted in one go: `preview.py` looks at one wave closely."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection, func, select

from helpline.consent.consent import KIND
from helpline.menus.prompts import Prompts
from helpline.menus.waves import Wave
from helpline.records.tables import callers, subscriptions
from helpline.reminders.preview import InLanguage, in_language, refused


@dataclass(frozen=True, slots=True)
class Expected:
    """A wave that has not begun. `texts` by language; `calls`: how many people are called, by language."""

    wave: Wave
    texts: tuple[InLanguage, ...]
    calls: tuple[tuple[str, int], ...]

    @property
    def people(self) -> int:
        return sum(each.count for each in self.texts) + self.called

    @property
    def called(self) -> int:
        return sum(count for _, count in self.calls)

    @property
    def segments(self) -> int:
        """Of all texts together."""
        return sum(each.count * each.segments for each in self.texts)

    @property
    def faults(self) -> tuple[str, ...]:
        return tuple(each.fault for each in self.texts if each.fault)

    def cost(self, price: Decimal) -> Decimal:
        """Of the texts, in euros."""
        return self.segments * price


def expected(connection: Connection, prompts: Prompts, waves: Iterable[Wave], now: datetime) -> tuple[Expected, ...]:
    """These waves, none of which has begun, as of now. Who asks for reminders until they begin comes on top."""
    of_whom = (callers.c.language, callers.c.channel, subscriptions.c.scope, subscriptions.c.done)
    active = (subscriptions.c.kind == KIND, subscriptions.c.ended_at.is_(None), subscriptions.c.since <= now)
    joined = select(*of_whom, func.count()).join_from(subscriptions, callers, callers.c.id == subscriptions.c.caller_id)
    rows = connection.execute(joined.where(*active, ~refused()).group_by(*of_whom)).all()
    found = []
    for wave in waves:
        texts: Counter[str] = Counter()
        calls: Counter[str] = Counter()
        for language, channel, scope, done, count in rows:
            if done != wave.occurrence and (wave.for_last or scope == "all"):
                (calls if channel == "voice" else texts)[language] += count
        in_words = (in_language(prompts, wave, language, count) for language, count in sorted(texts.items()))
        found.append(Expected(wave, tuple(in_words), tuple(sorted(calls.items()))))
    return tuple(found)
