"""A preview for an operator: in a terminal with bars, plainly in a pipe, or as JSON for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from helpline.menus.shapes import Language
from helpline.menus.windows import PARIS
from helpline.reminders.coming import Coming
from helpline.reminders.preview import Preview
from helpline.reminders_command.coming_shown import coming_as_json, show_coming
from helpline.reminders_command.words import clock_time, counted, day_in_words, reason_in_words, title
from helpline.terminal import Terminal

_WIDEST = 40
_CENT = Decimal("0.01")


def show_previews(
    terminal: Terminal,
    day: date,
    previews: Sequence[Preview],
    languages: Mapping[str, Language],
    dated: Sequence[Coming] = (),
) -> None:
    """What the waves of a day will be; where it has none, the next one. `dated`: what else goes on that day."""
    if all(_day(found) != day for found in previews):
        terminal.line(f"No reminder begins on {day_in_words(day)}. The next one:")
        terminal.line()
    for found in previews:
        _show(terminal, found, languages)
    show_coming(terminal, dated)


def _show(terminal: Terminal, found: Preview, languages: Mapping[str, Language]) -> None:
    wave = found.wave
    terminal.line(title(wave), style="bold")
    until = "" if found.wave.name == "missed" else f"; the update closes on {day_in_words(wave.deadline)}"
    terminal.line(f"To be sent from {clock_time(wave.begins)} to {clock_time(wave.spread_until)}{until}.", indent=2)
    if found.gone:
        terminal.line(f"Already gone, or under way: {found.gone:,}", indent=2)
    terminal.line(f"Messages: {found.count:,}{_span(found)}", indent=2)
    for each in found.languages:
        name = _name(each.language, languages)
        if each.fault:
            terminal.line(f"{name}: {each.count:,}, without words: {each.fault}", style="bold red", indent=4)
        else:
            terminal.line(f"{name}: {each.count:,}, {_segments(each.segments)} each", indent=4)
    if found.calls:
        terminal.line(f"By call: {found.calls:,}", indent=4)
    for fault in found.call_faults:
        terminal.line(f"By call, without words: {fault}", style="bold red", indent=4)
    terminal.line(
        f"Cost: {_segments(found.segments)} at {found.price} € = {found.cost.quantize(_CENT):,} €{_of_texts(found)}",
        indent=2,
    )
    _hours(terminal, found)
    _not_sent(terminal, found)
    for each in found.languages:
        if each.text:
            terminal.line()
            terminal.line(
                f"In {languages[each.language].name if each.language in languages else each.language}:", indent=2
            )
            terminal.line(each.text, style="cyan", indent=4)
    terminal.line()


def _of_texts(found: Preview) -> str:
    return ", and what the calls cost" if found.calls else ""


def _hours(terminal: Terminal, found: Preview) -> None:
    if not found.hours:
        return
    terminal.line("By hour:", indent=2)
    most = max(found.hours.values())
    mark = "█" if terminal.is_drawn else "#"
    for hour, count in found.hours.items():
        shown = mark * max(1, round(count * _WIDEST / most))
        terminal.line(f"{clock_time(hour)}  {count:>9,}  {shown}", indent=4)


def _not_sent(terminal: Terminal, found: Preview) -> None:
    ended = {name.removeprefix("ended: "): count for name, count in found.not_sent.items() if ":" in name}
    others = {name: count for name, count in found.not_sent.items() if ":" not in name}
    if others:
        terminal.line("Not sent to:", indent=2)
        for words, count in counted(others):
            terminal.line(f"{count:>9,}  {words}", indent=4)
    if ended:
        terminal.line("Ended in the month before:", indent=2)
        for words, count in counted(ended):
            terminal.line(f"{count:>9,}  {words}", indent=4)


def previews_as_json(day: date, previews: Sequence[Preview], dated: Sequence[Coming] = ()) -> dict[str, Any]:
    """The same for programs. Moments are in French time, money is in euros."""
    waves = [_as_json(found) for found in previews]
    return {"asked_for": day.isoformat(), "waves": waves, "dated": coming_as_json(dated)}


def _as_json(found: Preview) -> dict[str, Any]:
    wave = found.wave
    return {
        "wave": wave.name,
        "occurrence": wave.occurrence,
        "begins": wave.begins.isoformat(),
        "spread_until": wave.spread_until.isoformat(),
        "not_after": wave.not_after.isoformat(),
        "deadline": wave.deadline.isoformat(),
        "messages": found.count,
        "calls": found.calls,
        "gone": found.gone,
        "first": found.first.astimezone(PARIS).isoformat() if found.first else None,
        "last": found.last.astimezone(PARIS).isoformat() if found.last else None,
        "hours": {clock_time(hour): count for hour, count in found.hours.items()},
        "languages": {
            each.language: {"messages": each.count, "segments": each.segments, "text": each.text, "fault": each.fault}
            for each in found.languages
        },
        "segments": found.segments,
        "price": str(found.price),
        "cost": str(found.cost),
        "not_sent": {
            name: {"count": count, "means": reason_in_words(name.removeprefix("ended: "))}
            for name, count in found.not_sent.items()
        },
    }


def _span(found: Preview) -> str:
    if found.first is None or found.last is None:
        return ""
    return f", the first at {clock_time(found.first)}, the last at {clock_time(found.last)}"


def _name(code: str, languages: Mapping[str, Language]) -> str:
    return languages[code].name if code in languages else code


def _segments(count: int) -> str:
    return "1 segment" if count == 1 else f"{count:,} segments"


def _day(found: Preview) -> date:
    return found.wave.begins.astimezone(PARIS).date()
