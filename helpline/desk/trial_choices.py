"""Which messages can be tried out, and their words as they would go today: pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from helpline.consent.consent import KIND
from helpline.consent.kinds import is_dated
from helpline.conversation import session
from helpline.conversation.session import Session
from helpline.menus import gsm7
from helpline.menus.dated import dated_waves
from helpline.menus.prompts import Prompts
from helpline.menus.shapes import Channel
from helpline.menus.waves import occurrence_now
from helpline.menus.windows import today_in_paris
from helpline.reminders.words import ANSWERS, NoWords, said

_MARKS = {"fr": "ESSAI - "}
_MARK = "TEST - "
_LONGEST_AHEAD = 30  # days between a made-up date's last reminder and the date, at most


@dataclass(frozen=True, slots=True)
class Choice:
    """A kind of message, and which of its reminders."""

    kind: str
    wave: str

    @property
    def value(self) -> str:
        """As it stands in a form."""
        return f"{self.kind} {self.wave}".strip()

    @property
    def may_be_called(self) -> bool:
        return self.kind == KIND or is_dated(self.kind)


@dataclass(frozen=True, slots=True)
class Trial:
    """What would go. A call has no text: `begins` is where it begins, as an address has it."""

    choice: Choice
    language: str
    channel: Channel
    text: str = field(default="", repr=False)
    segments: int = 0
    is_marked: bool = False
    begins: str = ""


def choices(prompts: Prompts) -> tuple[Choice, ...]:
    """All that can be tried: the waves of the update, those of each dated kind, and what else we send by ourselves."""
    calendar = prompts.menus.calendar
    update = [Choice(KIND, rule.name) for rule in calendar.waves]
    dated = [Choice(kind.name, rule.name) for kind in calendar.kinds.values() for rule in kind.waves]
    return (*update, *dated, *(Choice(kind, wave) for kind, wave in ANSWERS))


def as_it_would_go(prompts: Prompts, choice: Choice, language: str, channel: Channel, now: datetime) -> Trial:
    """A message as it would go now. NoWords if it has none; of a thing with a date of its own the date is made up."""
    if channel == "voice" and not choice.may_be_called:
        raise NoWords("it never goes by call")
    about = (choice.kind, choice.wave, _occurrence(prompts, choice, now))
    text, place, form = said(prompts, *about, language, now, channel)
    if channel == "voice":
        begins = session.encode(Session(language=language, place=place, form=form))
        return Trial(choice, language, channel, begins=begins)
    marked = f"{_MARKS.get(language, _MARK)}{text}"
    fits = gsm7.septets(marked) <= gsm7.TWO_SEGMENTS
    text = marked if fits else text
    return Trial(choice, language, channel, text, gsm7.segments(text), fits)


def _occurrence(prompts: Prompts, choice: Choice, now: datetime) -> str:
    calendar, today = prompts.menus.calendar, today_in_paris(now)
    if not is_dated(choice.kind):
        return occurrence_now(calendar, now)
    kind = calendar.kinds[choice.kind]
    before = next((rule.days_before for rule in kind.waves if rule.name == choice.wave), 0)
    # The first day from which that reminder would be sent: what says "tomorrow" must be so.
    for ahead in range(before, before + _LONGEST_AHEAD):
        day = (today + timedelta(days=ahead)).isoformat()
        occurrence = f"{day}T14:30" if kind.asks == "moment" else day
        waves = (wave for wave in dated_waves(calendar, choice.kind, occurrence) if wave.name == choice.wave)
        if any(today_in_paris(wave.begins) >= today for wave in waves):
            return occurrence
    raise NoWords("the calendar has no day for it")
