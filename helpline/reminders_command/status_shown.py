"""The status for an operator: in a terminal with bars, plainly in a pipe, or as JSON for programs."""

from __future__ import annotations

from typing import Any

from rich.text import Text

from helpline.menus.waves import Wave
from helpline.reminders.figures import WaveFigures
from helpline.reminders.health import paused_in_words
from helpline.reminders.held import Held
from helpline.reminders_command.coming_shown import coming_as_json, show_coming
from helpline.reminders_command.status import Status
from helpline.reminders_command.words import ago, bar, clock_time, counted, moment_in_words, month_in_words, title
from helpline.terminal import Terminal

# The parts of a bar: what they are, their mark in a pipe, their mark and colour in a terminal.
_PARTS = (
    ("delivered", "#", "█", "green"),
    ("accepted, not delivered yet", "+", "█", "cyan"),
    ("being sent", "?", "█", "yellow"),
    ("waiting", ".", "░", "white"),
    ("not delivered (goes again)", "~", "█", "magenta"),
    ("failed", "x", "█", "red"),
    ("not sent", "-", "░", "bright_black"),
)


def show_status(terminal: Terminal, found: Status) -> None:
    """What goes out, what waits, and how each wave stands."""
    standing, sending = found.standing, found.standing.sending
    if sending.pause:
        since = moment_in_words(sending.pause.since)
        terminal.line(f"Sending: paused since {since}. {paused_in_words(sending)}", style="bold red")
    else:
        terminal.line("Sending: on")
    tick = f"ticked {ago(found.now - standing.last_tick)} ago" if standing.last_tick else "has not ticked"
    terminal.line(f"Clock: {tick}")
    due = f"due for {ago(found.now - sending.oldest_due)}" if sending.oldest_due else "none is due"
    terminal.line(f"Oldest waiting text: {due}")
    if found.queues is not None:
        terminal.line("Jobs that wait: " + ", ".join(f"{name} {count}" for name, count in found.queues.items()))
    for each in found.held:
        since = moment_in_words(each.since)
        which = f"'{each.wave}' for {month_in_words(each.occurrence)}"
        terminal.line(f"Held back: {which}, by {each.who} since {since} ({each.reason}). To let it go: /desk/reminders")
    for words in found.means:
        if not sending.pause or words != paused_in_words(sending):
            terminal.line(f"! {words}", style="bold red")
    for wave, figures in found.waves:
        if figures.total or wave.begins > found.now:
            terminal.line()
            _show(terminal, wave, figures, found)
    if any(figures.total for _, figures in found.waves):
        terminal.line()
        _legend(terminal)
    if found.dated:
        terminal.line()
        show_coming(terminal, found.dated)


def _show(terminal: Terminal, wave: Wave, figures: WaveFigures, found: Status) -> None:
    terminal.line(title(wave), style="bold")
    if not figures.total:
        terminal.line("It is not planned yet. To see what it will be: helpline reminders preview", indent=2)
        return
    widths = bar([(count, str(place)) for place, count in enumerate(_counts(figures))])
    if terminal.is_drawn:
        drawn = Text("  ")
        for place, width in widths:
            drawn.append(_PARTS[int(place)][2] * width, style=_PARTS[int(place)][3])
        terminal.console.print(drawn)
    else:
        terminal.line("[" + "".join(_PARTS[int(place)][1] * width for place, width in widths) + "]", indent=2)
    again = f"not delivered (goes again) {figures.goes_again:,}, " if figures.goes_again else ""
    share = f" ({figures.delivered / figures.accepted:.0%} of those accepted)" if figures.accepted else ""
    terminal.line(
        f"planned {figures.total:,}: waiting {figures.waiting:,}, being sent {figures.in_doubt:,}, "
        f"accepted {figures.accepted:,}, delivered {figures.delivered:,}{share}, "
        f"{again}failed {figures.failed:,}, not sent {figures.not_sent:,}",
        indent=2,
    )
    if wave.begins > found.now:
        terminal.line(f"It begins at {clock_time(wave.begins)}.", indent=2)
    _reasons(terminal, "Not delivered (goes again)", figures.why_again)
    _reasons(terminal, "Failed", figures.why_failed)
    _reasons(terminal, "Not sent", figures.why_not_sent)


def _reasons(terminal: Terminal, heading: str, reasons: dict[str, int]) -> None:
    if reasons:
        terminal.line(f"{heading}:", indent=2)
        for words, count in counted(reasons):
            terminal.line(f"{count:>9,}  {words}", indent=4)


def _counts(figures: WaveFigures) -> tuple[int, ...]:
    """How many are in each of _PARTS."""
    under_way = figures.of("accepted", "sent")
    waits = (figures.in_doubt, figures.waiting, figures.goes_again)
    return figures.delivered, under_way, *waits, figures.failed, figures.not_sent


def _legend(terminal: Terminal) -> None:
    if not terminal.is_drawn:
        terminal.line("  ".join(f"{plain} {name}" for name, plain, _, _ in _PARTS))
        return
    drawn = Text()
    for name, _, mark, style in _PARTS:
        drawn.append(mark, style=style)
        drawn.append(f" {name}   ")
    terminal.console.print(drawn)


def status_as_json(found: Status) -> dict[str, Any]:
    """The same for programs. Moments are in UTC."""
    standing, sending = found.standing, found.standing.sending
    pause = sending.pause
    return {
        "state": "degraded" if found.means else "ok",
        "means": list(found.means),
        "paused": {"by": pause.by, "reason": pause.reason, "since": pause.since.isoformat()} if pause else None,
        "last_tick": standing.last_tick.isoformat() if standing.last_tick else None,
        "oldest_due": sending.oldest_due.isoformat() if sending.oldest_due else None,
        "queues": found.queues,
        "waves": [_wave_as_json(wave, figures) for wave, figures in found.waves],
        "dated": coming_as_json(found.dated),
        "held": [_held_as_json(each) for each in found.held],
    }


def _held_as_json(each: Held) -> dict[str, str]:
    about = {"wave": each.wave, "occurrence": each.occurrence, "who": each.who, "reason": each.reason}
    return {**about, "since": each.since.isoformat()}


def _wave_as_json(wave: Wave, figures: WaveFigures) -> dict[str, Any]:
    return {
        "wave": wave.name,
        "occurrence": wave.occurrence,
        "begins": wave.begins.isoformat(),
        "planned": figures.total,
        "waiting": figures.waiting,
        "being_sent": figures.in_doubt,
        "accepted": figures.accepted,
        "delivered": figures.delivered,
        "goes_again": figures.goes_again,
        "failed": figures.failed,
        "not_sent": figures.not_sent,
        "goes_again_by_reason": figures.why_again,
        "failed_by_reason": figures.why_failed,
        "not_sent_by_reason": figures.why_not_sent,
    }
