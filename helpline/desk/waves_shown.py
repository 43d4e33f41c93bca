"""The waves as Reminders shows them: in words and numbers, from what was counted and what is held back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_currency

from helpline.desk.bars import Part, bar
from helpline.desk.language import Words
from helpline.desk.person_shown import kind_in_words, reason_in_words, wave_in_words
from helpline.desk.wave_counts import Counts
from helpline.menus.waves import Wave
from helpline.menus.windows import today_in_paris
from helpline.reminders.expected import Expected
from helpline.reminders.figures import WaveFigures
from helpline.reminders.held import Held, Key, key_of

_MOST_REASONS = 12


@dataclass(frozen=True, slots=True)
class Why:
    """Reasons in words with how many have them, the most frequent first. `name`: the words above them."""

    name: str
    reasons: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class ShownWave:
    """A wave that has begun, or messages that belong together. `value` names the wave in a form."""

    title: str
    when: str
    total: int
    parts: tuple[Part, ...]
    whys: tuple[Why, ...]
    value: str = ""
    until: datetime | None = None
    is_over: bool = False
    held: Held | None = None
    given_up: int = 0

    @property
    def settled(self) -> int:
        """Of how many nothing more comes."""
        return sum(part.count for part in self.parts if part.name in ("delivered", "failed", "skipped", "expired"))


@dataclass(frozen=True, slots=True)
class ShownAhead:
    """A wave that has not begun."""

    title: str
    when: str
    value: str
    expected: Expected
    cost: str
    held: Held | None


def value_of(key: Key) -> str:
    """A wave in a form: "update 2026-11 last"."""
    return " ".join(key)


def key_in(value: str) -> Key | None:
    """What `value_of` wrote."""
    parts = value.split(" ")
    return (parts[0], parts[1], parts[2]) if len(parts) == 3 else None


def begun(counts: Counts, held: Mapping[Key, Held], now: datetime, t: Words) -> list[ShownWave]:
    """The waves that have begun and that have messages, the latest first."""
    return [
        ShownWave(
            title=title(wave, t),
            when=t.day(today_in_paris(wave.begins)),
            total=figures.total,
            parts=bar(figures),
            whys=whys(figures, t),
            value=value_of(key_of(wave)),
            until=wave.not_after,
            is_over=wave.not_after <= now,
            held=held.get(key_of(wave)),
            given_up=figures.of("expired"),
        )
        for wave, figures in counts.begun
        if figures.total or key_of(wave) in held
    ]


def ahead(counts: Counts, held: Mapping[Key, Held], price: Decimal, t: Words) -> list[ShownAhead]:
    """The waves that come."""
    return [
        ShownAhead(
            title=title(each.wave, t),
            when=t.day(today_in_paris(each.wave.begins)),
            value=value_of(key_of(each.wave)),
            expected=each,
            cost=format_currency(each.cost(price), "EUR", locale=t.language),
            held=held.get(key_of(each.wave)),
        )
        for each in counts.ahead
    ]


def dated(counts: Counts, t: Words) -> list[ShownWave]:
    """Appointments and papers by week, the latest first."""
    return [
        ShownWave(
            title=kind_in_words(each.kind, t),
            when=t("waves.week", first=t.short_day(each.monday), last=t.short_day(each.monday + timedelta(days=6))),
            total=each.figures.total,
            parts=bar(each.figures),
            whys=whys(each.figures, t),
        )
        for each in counts.dated
    ]


def others(counts: Counts, held: Iterable[Held]) -> list[Held]:
    """Held waves that stand in no list: of long ago, or of a calendar that was changed since."""
    listed = {key_of(wave) for wave, _ in counts.begun} | {key_of(each.wave) for each in counts.ahead}
    return [each for each in held if each.key not in listed]


def title(wave: Wave, t: Words) -> str:
    """Which month it is about, and which of its reminders it is."""
    return t("waves.of_month", month=month_in_words(wave.occurrence, t), wave=wave_in_words(wave.name, t))


def month_in_words(occurrence: str, t: Words) -> str:
    """2026-11 as "novembre 2026". Anything else as it is."""
    try:
        return str(format_date(date.fromisoformat(f"{occurrence}-01"), "LLLL y", locale=t.language))
    except ValueError:
        return occurrence


def whys(figures: WaveFigures, t: Words) -> tuple[Why, ...]:
    """Why some did not arrive, are tried again, or were not sent."""
    of = (("again", figures.why_again), ("failed", figures.why_failed), ("not_sent", figures.why_not_sent))
    return tuple(Why(name, _in_words(reasons, t)) for name, reasons in of if reasons)


def _in_words(reasons: Mapping[str, int], t: Words) -> tuple[tuple[str, int], ...]:
    found: Counter[str] = Counter()
    for reason, count in reasons.items():
        state = f"waves.because_{reason}"  # where nothing but the state is known
        found[t(state) if state in t.texts else reason_in_words(reason, t)] += count
    return tuple(sorted(found.items(), key=lambda one: (-one[1], one[0]))[:_MOST_REASONS])


def language_in_words(code: str, t: Words) -> str:
    """anglais, or English, by whose page it is."""
    return Locale.parse(code).get_language_name(t.language) or code
