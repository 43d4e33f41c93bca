"""What a person types, or what a pipe holds, line by line."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import suppress

import click

from helpline.simulator.talk.screen import Screen


def typed_lines(screen: Screen, prompt: str, empty: bool = False) -> Iterator[str]:
    """Each line that is typed, until Ctrl-D or Ctrl-C; `empty` lines where they mean something.

    Lines of a pipe are shown, since nobody saw them typed.
    """
    if sys.stdin.isatty():
        yield from (text for text in _from_person(prompt) if empty or text.strip())
        return
    for line in sys.stdin.buffer:
        text = line.decode("utf-8", "replace").rstrip("\r\n")
        if empty or text.strip():
            screen.typed(text)
            yield text


def _from_person(prompt: str) -> Iterator[str]:
    with suppress(ImportError):
        import readline  # noqa: F401 - input() then knows arrows and what was typed before
    while True:
        try:
            text = input(prompt)
        except (EOFError, KeyboardInterrupt):
            click.echo()  # the shell's prompt begins on a line of its own
            return
        yield text.encode("utf-8", "replace").decode()
