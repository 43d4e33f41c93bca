"""A caller as an operator sees them: in a terminal, in a pipe, as JSON."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from helpline.consent.consent import KIND
from helpline.consent.kept import Kept, KeptMessage, Proof
from helpline.menus.windows import PARIS
from helpline.terminal import Terminal

MOST_MESSAGES = 20
SCOPES = {"all": "all reminders", "last": "one reminder a month, around the 13th"}
NOTHING = "Nothing is kept of this number."

_STATES = {
    "delivered": "green",
    "planned": "cyan",
    "undelivered": "red",
    "failed": "red",
    "unknown": "yellow",
    "expired": "yellow",
}


def summary(kept: Kept) -> str:
    """One line: who this is to us."""
    if kept.is_nothing:
        return NOTHING
    active, dated = kept.active, len(kept.dated)
    what = f"{SCOPES[active.scope]} since {_day(active.since)}" if active else "no reminders"
    if dated:
        of_things = f"{dated} {'thing' if dated == 1 else 'things'} with a date"
        what = f"{what}, and {of_things}" if active else f"reminders of {of_things}"
    if kept.is_called:
        what += "; wants a call"
    planned = sum(message.state == "planned" for message in kept.messages)
    return f"{what}; {len(kept.messages)} messages, {planned} of them planned; {len(kept.proofs)} entries of proof."


def as_json(kept: Kept) -> dict[str, Any]:
    """All of it, with moments as ISO 8601 in French time."""
    return {name: _plain(value) for name, value in asdict(kept).items()}


def show_caller(terminal: Terminal, kept: Kept) -> None:
    """What is kept, most important first."""
    if kept.is_nothing:
        terminal.line(NOTHING)
        return
    for name, value in _facts(kept):
        terminal.line(f"{name:<14}{value}")
    terminal.line()
    terminal.line("Proof of consent", style="bold")
    for proof in kept.proofs:
        _show_proof(terminal, proof)
    if kept.messages:
        terminal.line()
        terminal.line("Last messages", style="bold")
        _show_messages(terminal, kept.messages[-MOST_MESSAGES:])


def _facts(kept: Kept) -> list[tuple[str, str]]:
    active = kept.active
    facts = [("Reminders", f"{SCOPES[active.scope]}, since {_moment(active.since)}" if active else "none")]
    if active and active.done:
        facts.append(("Done", f"the update of {active.done}"))
    facts += [(_named(one.kind), f"{_occurrence(one.occurrence)}, noted {_moment(one.since)}") for one in kept.dated]
    if not kept.is_reminded and kept.subscriptions:
        last = kept.subscriptions[-1]
        facts.append(("Ended", f"{_moment(last.ended_at)} ({last.end_reason})"))
    if kept.created_at:
        facts.append(("Language", kept.language))
        facts.append(("Reached", "by call" if kept.channel == "voice" else "by text"))
        facts.append(("Number", "kept, sealed" if kept.number_sealed else "not kept any more"))
        facts.append(("Last heard of", _moment(kept.last_seen)))
    for paper in kept.invitations:
        signed = f" (form {paper.form}, signed {paper.signed_on})" if paper.form else ""
        facts.append(("Invited", f"{_moment(paper.invited_at)}{signed}"))
    for asked in kept.call_requests:
        sealed = ", number kept, sealed" if asked.number_sealed else ""
        facts.append(("Wants a call", f"asked {_moment(asked.asked_at)}, {asked.state.replace('_', ' ')}{sealed}"))
    if kept.objection_since:
        facts.append(("Objection", f"{_moment(kept.objection_since)} ({kept.objection_reason})"))
    if kept.blocked_since:
        facts.append(("Carrier block", f"{_moment(kept.blocked_since)}, until they text START"))
    return facts


def _show_proof(terminal: Terminal, proof: Proof) -> None:
    scope = f" {proof.scope}" if proof.scope else ""
    scope += f" ({proof.kind})" if proof.kind != KIND else ""
    heard = f" heard: {proof.heard}" if proof.heard else ""
    by = f"{proof.channel} {proof.language}".strip()
    terminal.line(f"{_moment(proof.at)}  {proof.event}{scope}, {by},{heard} {proof.sid}".rstrip(" ,"), indent=2)
    if not proof.text:
        return
    if terminal.is_drawn:
        terminal.console.print(Panel(Text(proof.text), title="shown, word for word", expand=False, border_style="dim"))
    else:
        for line in proof.text.split("\n"):
            terminal.line(f"| {line}", indent=4)


def _show_messages(terminal: Terminal, messages: tuple[KeptMessage, ...]) -> None:
    if not terminal.is_drawn:
        for message in messages:
            terminal.line("  ".join(_cells(message)), indent=2)
        return
    table = Table("Due", "Kind", "Of", "State", "Carrier's id", box=None)
    for message in messages:
        due, kind, of, state, sid = _cells(message)
        table.add_row(due, kind, of, Text(state, style=_STATES.get(message.state, "")), sid)
    terminal.console.print(table)


def _cells(message: KeptMessage) -> tuple[str, str, str, str, str]:
    by_call = " by call" if message.channel == "voice" else ""
    kind = f"{message.kind} {message.wave}".strip() + by_call
    state = f"{message.state} ({message.reason})" if message.reason else message.state
    return _moment(message.due_at), kind, message.occurrence, state, message.sid


def _named(kind: str) -> str:
    return kind.replace("_", " ").capitalize()


def _occurrence(occurrence: str) -> str:
    return occurrence.replace("T", " ")


def _day(moment: datetime) -> str:
    return f"{moment.astimezone(PARIS):%Y-%m-%d}"


def _moment(moment: datetime | None) -> str:
    return f"{moment.astimezone(PARIS):%Y-%m-%d %H:%M}" if moment else "never"


def _plain(value: Any) -> Any:
    """Values as JSON knows them."""
    if isinstance(value, datetime):
        return value.astimezone(PARIS).isoformat()
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, (list, tuple)) else value
