"""One caller who texts, on a real Valkey, with what was agreed to in memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from helpline.conversation.turn import Effect
from helpline.sms.store import CallerStore
from helpline.sms.texts import Text, Texts
from helpline.telemetry.counters import Counters
from helpline.turns.turn import Turns
from tests.conftest import Line
from tests.conversations.performer import Agreed
from tests.conversations.player import KEY, Folder, load
from tests.phone import new_number, new_sid

NOW = datetime(2026, 12, 3, 9, 0, tzinfo=UTC)


@dataclass
class Talk:
    """One caller and what came of each text."""

    texts: Texts
    agreed: Agreed
    number: str
    now: datetime = NOW

    def __call__(self, body: str, opt_out: str = "", sid: str = "") -> tuple[str, ...]:
        self.now += timedelta(seconds=20)
        return self.texts.answer(Text(sid or new_sid(), self.number, body, opt_out))

    @property
    def last(self) -> Effect:
        return self.agreed.effects[-1]

    @property
    def done(self) -> list[str]:
        return [effect.name for effect in self.agreed.effects]


def talk(line: Line, agreed: Agreed | None = None, store: CallerStore | None = None) -> Talk:
    agreed = agreed or Agreed()
    clock: Callable[[], datetime] = lambda: talking.now  # noqa: E731
    texts = Texts(
        Folder(load(("fr", "en"))),
        Turns(agreed.performers(), Counters()),
        store or CallerStore(line.wire.url),
        Counters(),
        KEY,
        clock,
        agreed.asked_recently,
    )
    talking = Talk(texts, agreed, new_number())
    return talking
