"""One place as a caller gets it: by text with segments, in a call with seconds, and the facts behind it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from helpline.conversation.forms import Form
from helpline.conversation.moves import resolve
from helpline.conversation.questions import kind_at, values_at
from helpline.conversation.session import Place, Session
from helpline.conversation.turn import Again, Context, Languages, Page, Says, Turn
from helpline.menus.dates import date_values, today_in_paris, whole_date
from helpline.menus.pages import put
from helpline.menus.prompts import Prompts
from helpline.menus.shapes import LANGUAGE, MAIN_MENU, Channel, Node, Wording
from helpline.menus.voice_form import VoicePage
from helpline.simulator.talk.screen import seconds_of, size_of
from helpline.sms.compose import compose
from helpline.terminal import Terminal
from helpline.voice.speech import Recorded, speech
from helpline.voice.ssml import spoken_lines

EXAMPLE = timedelta(days=130)  # from now, so that every reminder of a paper is still to come


class NodeView:
    """Shows places in one language, as they are at one moment."""

    def __init__(self, prompts: Prompts, recordings: frozenset[str], language: str, now: datetime) -> None:
        self._prompts, self._recordings, self._code, self._now = prompts, recordings, language, now
        menus = prompts.menus
        self._locale = menus.languages[language].locale
        # {place} is whatever the conversation is about; the label of some menu stands for it.
        examples = [node for node in menus.nodes.values() if node.kind == "menu" and node.id != MAIN_MENU]
        self._values = {**date_values(menus.calendar, now, self._locale), "place": _label(examples, language)}
        self._form: Form = ()

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
        self._choose_example(node)
        self._texts(terminal, node)
        self._call(terminal, node)
        self._facts(terminal, node)
        _keywords(terminal, wording)

    def _computed(self, terminal: Terminal, node: Node) -> None:
        today = resolve(self._prompts, Place(node.id), Context("sms", self._now)).node
        state = next((case for case, target in node.cases.items() if target == today), "")
        others = ", ".join(f"{case}: {name}" for case, name in node.cases.items() if case != state)
        day = today_in_paris(self._now)
        terminal.line(f"On {whole_date(day, self._locale)} {day.year} it is {state}: {today}")
        terminal.line(f"Other cases: {others}")
        terminal.line()
        self.show(terminal, today)

    def _choose_example(self, node: Node) -> None:
        """In the places of a dated kind a date of somebody stands for theirs."""
        kind = kind_at(self._prompts, Place(node.id))
        if kind is None:
            return
        day = ("day", f"{today_in_paris(self._now) + EXAMPLE:%Y-%m-%d}")
        self._form = (day, ("time", "14:30")) if kind.asks == "moment" else (day,)
        own = values_at(self._prompts, self._at(node), self._now, self._locale)
        self._values = {**self._values, **own}

    def _at(self, node: Node) -> Session:
        return Session(language=self._code, place=Place(node.id), form=self._form)

    def _texts(self, terminal: Terminal, node: Node) -> None:
        pages = self._prompts.form(node.id, self._code).sms
        for number in range(len(pages)):
            says: Says = Languages() if node.id == LANGUAGE else Page(Place(node.id, number))
            texts = compose(self._prompts, Turn(self._at(node), (says,)), Context("sms", self._now))
            for text in (put(text, self._values) for text in texts):
                terminal.line()
                heading = f"Text {number + 1} of {len(pages)}: {size_of(text)}"
                terminal.line(heading + self._leads(node, "sms", number), style="cyan")
                terminal.line(text, indent=2)

    def _call(self, terminal: Terminal, node: Node) -> None:
        form = self._prompts.form(node.id, self._code)
        for number, page in enumerate(form.voice):
            says: Says = Languages() if node.id == LANGUAGE else Page(Place(node.id, number))
            heading = f"Call {number + 1} of {len(form.voice)}"
            self._heard(terminal, heading, node, says, page, self._leads(node, "voice", number))
        if form.again:
            self._heard(terminal, "Call, after a silence", node, Again(Place(node.id)), form.again, "")

    def _heard(self, terminal: Terminal, heading: str, node: Node, says: Says, page: VoicePage, leads: str) -> None:
        turn = Turn(self._at(node), (says,))
        pieces = speech(self._prompts, turn, self._recordings, Context("voice", self._now))
        shown: list[str] = []
        for piece in pieces:
            if isinstance(piece, Recorded):
                shown.append(f"(the recording audio/{piece.file}, in place of the voice)")
            else:
                shown += self._filled(spoken_lines(piece.ssml), self._values)
        before = "" if isinstance(says, Languages) else self._before_key(page)
        terminal.line()
        terminal.line(f"{heading}: {seconds_of(shown):g} s{before}{leads}", style="cyan")
        for line in shown:
            terminal.line(line, indent=2)

    def _before_key(self, page: VoicePage) -> str:
        if not page.keys:
            return ""
        return f", {seconds_of(self._filled(spoken_lines(page.body), self._values)):g} s before the first key"

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

    def _leads(self, node: Node, channel: Channel, number: int) -> str:
        """Where the keys of a page lead."""
        offered = self._prompts.form(node.id, self._code).options(channel, number)
        keys = [int(option.key) for option in offered if option.key.isdigit()]
        led = [f"{key} {node.options[key - 1]}" for key in keys if 0 < key <= len(node.options)]
        return f"  ({', '.join(led)})" if led else ""

    @staticmethod
    def _filled(lines: tuple[str, ...], values: Mapping[str, str]) -> list[str]:
        return [put(line, values) for line in lines]


def _label(nodes: list[Node], language: str) -> str:
    wordings = (node.wordings.get(language) for node in nodes)
    return next((wording.label for wording in wordings if wording and wording.label), "...")


_KINDS = {"menu": "menu", "topic": "topic", "choose": "computed", "effect": "effect", "end": "ending"}


def _keywords(terminal: Terminal, wording: Wording) -> None:
    """Last, as there may be a hundred."""
    if wording.dated:
        terminal.line(f"With a date: {', '.join(wording.dated)}")
    if wording.keywords:
        terminal.line(f"Keywords: {', '.join(wording.keywords)}")
