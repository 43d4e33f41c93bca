"""`helpline capacity`: whether so many people can be reminded in time, reckoned from the calendar."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from typing import Any

import click

from helpline.capacity.reckoning import Load, Plan, Reckoned, reckoned
from helpline.date.of_settings import clock_of
from helpline.identity import identity_of
from helpline.menus.windows import PARIS
from helpline.prompts_folder import load_prompts
from helpline.server.plainly import told_plainly
from helpline.settings import load_settings
from helpline.terminal import Terminal

MOST = 100_000_000
_CENT = Decimal("0.01")
_MILLION = 1_000_000
_BAR = 30
NOT_ALL = 1


@click.command(short_help="Whether so many people can be reminded in time, and what it takes.")
@click.option("--subscribers", type=click.IntRange(1, MOST), required=True, help="People who get every reminder.")
@click.option(
    "--per-second",
    type=click.FloatRange(0.01, 10_000),
    help="Messages a second; SMS_PER_SECOND unless given. Carriers count segments: half of theirs for two segments.",
)
@click.option("--segments", type=click.IntRange(1, 10), default=2, show_default=True, help="Of each message.")
@click.option("--json", "as_json", is_flag=True, help="For programs: one JSON object.")
@told_plainly()
def capacity(subscribers: int, per_second: float | None, segments: int, as_json: bool) -> None:
    """Reckon the reminders of a year from the calendar: how long each wave takes at that rate, within the hours.

    It reckons with the most that can be: everybody wants every reminder, nobody says that it is done. Nothing is sent
    and no database is read. The exit code is 1 if some reminders would come too late.

    \b
    Example:
      helpline capacity --subscribers 1000000 --per-second 10
    """
    settings = load_settings()
    prompts = load_prompts(settings.prompts_dir, settings.languages, identity_of(settings))
    plan = Plan(subscribers, per_second or settings.sms_per_second, segments, settings.sms_price)
    found = reckoned(prompts.menus.calendar, plan, clock_of(settings)())
    if as_json:
        click.echo(json.dumps(as_object(plan, found), ensure_ascii=False))
    else:
        show(Terminal(), plan, found, settings.messages_a_day)
    if found.late:
        raise SystemExit(NOT_ALL)


def show(terminal: Terminal, plan: Plan, found: Reckoned, budget: int) -> None:
    """For a person: each wave with its length, then the sums. `budget` is MESSAGES_A_DAY."""
    terminal.line(
        f"{plan.people:,} people, {plan.per_second:g} messages a second, {plan.segments} segments each", style="bold"
    )
    terminal.line()
    terminal.line(f"{'wave':<18}{'begins':<22}{'ends':<22}{'takes':>10}  too late")
    longest = max((load.takes for load in found.loads), default=None)
    for load in found.loads:
        drawn = "█" * round(_BAR * (load.takes / longest)) if terminal.is_drawn and longest else ""
        style = "bold red" if load.late else ""
        terminal.line(f"{_line(load)}  {drawn}".rstrip(), style=style)
    terminal.line()
    if found.late:
        terminal.line(
            f"{found.late:,} reminders a year would come too late and are not sent. "
            f"From {found.enough_per_second:,} messages a second on, all are in time.",
            style="bold red",
        )
    else:
        terminal.line(f"All are in time; {found.enough_per_second:,} a second would be enough.")
    if found.busiest_day > budget:
        terminal.line(
            f"On the busiest day {found.busiest_day:,} messages go out. MESSAGES_A_DAY is {budget:,}: what is beyond "
            "waits until midnight, and may be too late. Set it higher.",
            style="bold red",
        )
    else:
        terminal.line(f"On the busiest day {found.busiest_day:,} messages go out, within MESSAGES_A_DAY ({budget:,}).")
    terminal.line(f"In a year: {found.segments:,} segments at {plan.price} € = {found.cost.quantize(_CENT):,} €")
    rows = ", ".join(f"{name} {count:,}" for name, count in found.rows.items())
    terminal.line(f"Rows at the busiest: {rows}")
    sizes = ", ".join(f"{kind} {size / _MILLION:,.0f} MB" for kind, size in found.database.items())
    terminal.line(f"Database: {sizes}")
    terminal.line(f"Valkey, where all were reminded within three days: {found.valkey / _MILLION:,.0f} MB")


def as_object(plan: Plan, found: Reckoned) -> dict[str, Any]:
    """The same for programs. Moments are in French time, money is in euros, sizes are in bytes."""
    return {
        "subscribers": plan.people,
        "per_second": plan.per_second,
        "segments_each": plan.segments,
        "waves": [
            {
                "wave": load.wave.name,
                "occurrence": load.wave.occurrence,
                "begins": _iso(load.began),
                "ends": _iso(load.ends),
                "messages": load.messages,
                "late": load.late,
            }
            for load in found.loads
        ],
        "late": found.late,
        "enough_per_second": found.enough_per_second,
        "busiest_day": found.busiest_day,
        "segments": found.segments,
        "cost": str(found.cost.quantize(_CENT)),
        "rows": dict(found.rows),
        "database_bytes": dict(found.database),
        "valkey_bytes": found.valkey,
    }


def _line(load: Load) -> str:
    hours = load.takes.total_seconds() / 3600
    takes = f"{hours:.1f} h" if hours < 48 else f"{hours / 24:.1f} days"
    late = f"{load.late:,}" if load.late else "-"
    name = f"{load.wave.name} {load.wave.occurrence}"
    return f"{name:<18}{_clock(load.began):<22}{_clock(load.ends):<22}{takes:>10}  {late:>8}"


def _clock(moment: datetime) -> str:
    return f"{moment.astimezone(PARIS):%a %Y-%m-%d %H:%M}"


def _iso(moment: datetime) -> str:
    return moment.astimezone(PARIS).isoformat(timespec="seconds")
