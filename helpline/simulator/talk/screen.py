"""What the phone in the terminal shows: bubbles for texts, lines for what is heard."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from rich import box
from rich.panel import Panel
from rich.text import Text

from helpline.menus import gsm7
from helpline.menus.voice_form import seconds_of
from helpline.simulator.twiml.reading import Dialled, Fault, Heard, Pause, Play, Say
from helpline.terminal import Terminal, printable

WIDEST_BUBBLE = 48
_WITH_ACCENTS = {"Lea": "Léa", "Remi": "Rémi", "Celine": "Céline"}


class Screen(Terminal):
    """Draws for a person; writes plain lines into a pipe."""

    def typed(self, text: str) -> None:
        """What the caller sent, where no terminal has shown it already."""
        self.line(f"> {text}".rstrip())

    def note(self, text: str) -> None:
        """Something that the phone itself tells."""
        self.line(text, style="dim")

    def problem(self, text: str) -> None:
        self.line(text, style="bold red")

    def messages(self, bodies: Sequence[str]) -> None:
        """The answer to a text."""
        if not bodies:
            self.note("(no answer)")
        for body in bodies:
            self._bubble(body)

    def _bubble(self, body: str) -> None:
        size, body = size_of(body), printable(body)
        if not self.is_drawn:
            self.line(body, indent=2)
            self.line(f"({size})", indent=2)
            return
        width = max(len(size) + 6, min(WIDEST_BUBBLE, max(map(len, body.split("\n"))) + 4))
        bubble = Panel(
            Text(body),
            box=box.ROUNDED,
            width=min(width, self.console.width),
            subtitle=Text(size, style="dim"),
            subtitle_align="right",
            border_style="cyan",
        )
        self.console.print(bubble)

    def heard(self, heard: Heard) -> None:
        """One thing that is heard in a call."""
        match heard:
            case Say(voice, language, lines):
                self.line(f"{voice_name(voice, language)}:  [{seconds_of(lines):g} s]", style="cyan")
                for line in lines:
                    self.line(line, indent=2)
            case Play(url):
                self.note(f"(plays {urlsplit(url).path or url})")
            case Pause(seconds):
                self.note(f"(pause of {seconds} s)")
            case Dialled(number, seconds):
                self.note(f"(calls {number}, which rings for {seconds} s at most)")
            case Fault(words):
                self.problem(f"(Fault: {words})")


def size_of(body: str) -> str:
    """'2 SMS, 233 characters'."""
    beyond = "" if gsm7.is_gsm7(body) else ", with letters beyond GSM-7"
    return f"{gsm7.segments(body)} SMS, {len(body)} characters{beyond}"


def voice_name(voice: str, language: str) -> str:
    """'Léa (fr)' for Polly.Lea-Neural in fr-FR."""
    name = voice.partition(".")[2].partition("-Neural")[0].partition("-Generative")[0] or "Default voice"
    return f"{_WITH_ACCENTS.get(name, name)} ({language.partition('-')[0] or 'no language'})"
