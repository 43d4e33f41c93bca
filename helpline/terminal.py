"""What commands write: colours and frames for a person at a terminal, plain lines for a pipe."""

from __future__ import annotations

import sys
import unicodedata

import click
from rich.console import Console
from rich.padding import Padding
from rich.text import Text


def printable(text: str) -> str:
    """The text without what a terminal would obey, or could not write. Lines stay lines."""
    return "".join(letter for letter in text if letter in "\n\t" or unicodedata.category(letter) not in ("Cc", "Cs"))


class Terminal:
    """Standard output, drawn where a person looks at it."""

    def __init__(self) -> None:
        self.is_drawn = sys.stdout.isatty()
        self.console = Console(force_terminal=self.is_drawn, highlight=False, markup=False, emoji=False)

    def line(self, text: str = "", style: str = "", indent: int = 0) -> None:
        """One or more lines, moved to the right; a pipe gets them as long as they are."""
        text = printable(text)
        if self.is_drawn:
            self.console.print(Padding(Text(text, style=style), (0, 0, 0, indent), expand=False))
            return
        for line in text.split("\n"):
            click.echo((" " * indent + line).rstrip())
