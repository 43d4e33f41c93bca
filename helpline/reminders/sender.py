"""What sending works with, as one value."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection, Engine

from helpline.carrier.sending import Carrier, Listed
from helpline.consent.daily_budget import NO_LIMIT
from helpline.conversation.session import Place
from helpline.date.course import Course
from helpline.date.real import utc_now
from helpline.menus.prompts import Prompts
from helpline.menus.shapes import Channel
from helpline.menus.waves import may_send_until
from helpline.records.sealing import Seals
from helpline.reminders.rate import Rate

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Accepted:
    """A text that the carrier took, as the caller's last message: an answer is read against its place."""

    fingerprint: str
    language: str
    place: Place
    at: datetime
    form: tuple[tuple[str, str], ...] = ()


Remember = Callable[[Sequence[Accepted]], object]
Said = Callable[[str], bool | None]  # see `words_said.py`


def tell_nobody(message: str) -> None:
    """An alert that stays in the log, where it is in any case."""


def not_noted(sid: str) -> bool:
    """No call has a note beside the database."""
    return False


def nothing_waits(now: datetime) -> None:
    """No journal of withdrawals to apply."""


def nothing_is_left(connection: Connection) -> bool:
    """No journal of withdrawals that the database could lag behind."""
    return True


def of_nobody_else(message: Listed) -> bool:
    """The carrier's account has no other sender."""
    return True


def never_wrong() -> timedelta:
    """Nobody to hold this machine's clock against."""
    return timedelta(0)


@dataclass(frozen=True, slots=True)
class Sender:
    """`engine` is opened with patience. `prompts` gives those in use at the moment.

    `apply_withdrawals` brings the journal of withdrawals into the database; when it raises, nothing is sent.
    `journal_is_applied` tells in the transaction of a claim whether nothing was added to it meanwhile.
    `is_ours` tells whether a text of the carrier's list is from our sender, `service` is the name that ours begin with.
    `rate` is that of texts, `call_rate` that of calls. `countries`: whose numbers get anything; all, where it is None.
    `messages_a_day`: how many texts and calls may go out in a day, all together.
    `said` tells whether a call, by the carrier's id, has a note beside the database that its words were said.
    `remember` keeps texts as their callers' last messages. `alert` reaches an operator, and never raises.
    `clock` tells the helpline's date, by which everything here is dated. `moved` tells its course where it can be
    moved, as in a demo; elsewhere it is real time. `clock_wrong_by`: how far the clock of this machine is ahead of
    what others say; while it is, nothing is claimed and nothing is settled here.
    """

    engine: Engine
    seals: Seals
    fingerprint_key: bytes = field(repr=False)
    carrier: Carrier
    rate: Rate
    prompts: Callable[[], Prompts]
    remember: Remember = len
    apply_withdrawals: Callable[[datetime], object] = nothing_waits
    journal_is_applied: Callable[[Connection], bool] = nothing_is_left
    is_ours: Callable[[Listed], bool] = of_nobody_else
    service: str = ""
    alert: Callable[[str], None] = tell_nobody
    clock: Callable[[], datetime] = utc_now
    moved: Callable[[], Course] | None = None
    clock_wrong_by: Callable[[], timedelta] = never_wrong
    call_rate: Rate | None = None
    said: Said = not_noted
    countries: Collection[str] | None = None
    messages_a_day: int = NO_LIMIT

    def rate_of(self, channel: Channel) -> Rate:
        """How fast messages of a channel go. Where calls have no rate of their own, as fast as texts."""
        return self.call_rate or self.rate if channel == "voice" else self.rate

    def course(self) -> Course:
        """How the date went until now, for what the carrier needs real time for."""
        return self.moved() if self.moved else Course(self.clock())

    def preload(self) -> None:
        """Load what the first job would wait a second for. For the process that forks workers' jobs, before it does."""
        self.carrier.preload()
        may_send_until(self.prompts().menus.calendar, self.clock())

    def remember_safely(self, accepted: Sequence[Accepted]) -> None:
        """Keep them as last messages, best effort: without it a caller's digit is asked back, and nothing else."""
        if not accepted:
            return
        try:
            self.remember(accepted)
        except Exception as error:  # Redis may be away: the texts are sent all the same
            log.warning("sent texts not remembered as last messages", count=len(accepted), error=type(error).__name__)
