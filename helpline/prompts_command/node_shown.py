"""One place as a caller gets it: by text with segments, in a call with seconds, and the facts behind it."""

from __future__ import annotations

from datetime import datetime

from helpline.menus.dates import today_in_paris, whole_date
from helpline.menus.prompts import Prompts
from helpline.menus.shapes import Node, Wording
from helpline.prompts_command.place_read import CallRead, Key, PlaceReader, state_today
from helpline.simulator.talk.screen import size_of
from helpline.terminal import Terminal


class NodeView:
    """Shows places in one language, as they are at one moment."""

    def __init__(self, prompts: Prompts, recordings: frozenset[str], language: str, now: datetime) -> None:
        self._prompts, self._code, self._now = prompts, language, now
        self._reader = PlaceReader(prompts, recordings, language, now)
        self._locale = prompts.menus.languages[language].locale

    def show(self, terminal: Terminal, name: str) -> None:
        """Print one place; of a computed one the case of the day."""
        node = self._prompts.menus.nodes[name]
        wording = node.wordings.get(self._code)
        terminal.line(f"{name}  ({_KINDS[node.kind]}, {self._code})  {node.source}", style="bold")
        if wording is None:
            terminal.line(f"It has no words in '{self._code}'.", style="bold red")
            return
        terminal.line(f"Label: {wording.label}")
        if node.kind == "choose":
            self._computed(terminal, node)
            _keywords(terminal, wording)
            return
        if node.kind == "effect":
            led = ", ".join(f"{outcome}: {target}" for outcome, target in node.outcomes.items())
            terminal.line(f"Does '{node.effect}', then goes on by outcome: {led}")
            return
        self._texts(terminal, node)
        self._calls(terminal, node)
        self._facts(terminal, node)
        _keywords(terminal, wording)

    def _computed(self, terminal: Terminal, node: Node) -> None:
        state, today = state_today(self._prompts, node, self._now)
        others = ", ".join(f"{case}: {name}" for case, name in node.cases.items() if case != state)
        day = today_in_paris(self._now)
        terminal.line(f"On {whole_date(day, self._locale)} {day.year} it is {state}: {today}")
        terminal.line(f"Other cases: {others}")
        terminal.line()
        self.show(terminal, today)

    def _texts(self, terminal: Terminal, node: Node) -> None:
        pages = len(self._prompts.form(node.id, self._code).sms)
        for text in self._reader.texts(node):
            terminal.line()
            terminal.line(f"Text {text.page} of {pages}: {size_of(text.body)}{_leads(text.keys)}", style="cyan")
            terminal.line(text.body, indent=2)

    def _calls(self, terminal: Terminal, node: Node) -> None:
        pages = len(self._prompts.form(node.id, self._code).voice)
        for call in self._reader.calls(node):
            heading = f"Call {call.page} of {pages}" if call.page else "Call, after a silence"
            before = "" if call.before_key is None else f", {call.before_key:g} s before the first key"
            terminal.line()
            terminal.line(f"{heading}: {call.seconds:g} s{before}{_leads(call.keys)}", style="cyan")
            for line in _lines(call):
                terminal.line(line, indent=2)

    def _facts(self, terminal: Terminal, node: Node) -> None:
        if node.facts:
            terminal.line()
            terminal.line("Facts", style="cyan")
        for name in node.facts:
            fact = self._prompts.menus.facts.get(name)
            if fact is None:
                terminal.line(f"{name}: not in facts.yaml", style="bold red", indent=2)
                continue
            statement = fact.statements.get(self._code, "")
            terminal.line(f"{name} ({fact.status}, checked {fact.checked}): {statement}", indent=2)


def _lines(call: CallRead) -> list[str]:
    return [
        line
        for piece in call.pieces
        for line in (
            [f"(the recording audio/{piece.recording}, in place of the voice)"] if piece.recording else piece.lines
        )
    ]


def _leads(keys: tuple[Key, ...]) -> str:
    return f"  ({', '.join(f'{key.key} {key.node}' for key in keys)})" if keys else ""


_KINDS = {"menu": "menu", "topic": "topic", "choose": "computed", "effect": "effect", "end": "ending"}


def _keywords(terminal: Terminal, wording: Wording) -> None:
    """Last, as there may be a hundred."""
    if wording.dated:
        terminal.line(f"With a date: {', '.join(wording.dated)}")
    if wording.keywords:
        terminal.line(f"Keywords: {', '.join(wording.keywords)}")
