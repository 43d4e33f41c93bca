"""What a caller's text, key or speech was understood to mean, as a value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

HeardKind = Literal[
    "key",  # values: the keys, one character each of 0-9 * #
    "command",  # values: the name of a word that works anywhere (stop, menu, next, repeat, back, help ...)
    "language",  # language: the one that was asked for
    # values: what the place asked for, as text: "2026-12-12", "14:30", "2026-12-12T14:30". Where that cannot be told:
    # an empty text, what is wrong with what was heard (When.problem), and the answers that may be meant.
    "answer",
    "dated",  # values: the dated kind that was named, then the same as of an answer
    "topics",  # values: node ids, the best first; more than one is asked back
    "danger",  # values: node ids heard beside the danger
    "secret",  # values: password, social or card, then node ids heard beside it
    "yes",
    "no",
    "unsure",  # yes and no at once
    "thanks",
    "other_script",  # a script that the line does not speak
    "empty",  # no words: a picture, an empty text
    "silence",  # nothing was typed or said in a call
    "unanswered",  # one of us was called for this caller, in vain
    "talked",  # they have spoken with each other
    "unknown",
]


@dataclass(frozen=True, slots=True)
class Heard:
    """`language` is the language that the words were in, where that is clear; empty otherwise.

    `literal` says that it was given to the letter: the digit itself, or a plain word of yes. Nothing else agrees to
    anything. `said` is the phrase by which it was understood: one of our own lists, never the caller's text.
    """

    kind: HeardKind
    values: tuple[str, ...] = ()
    language: str = ""
    literal: bool = False
    said: str = ""

    @property
    def is_stop(self) -> bool:
        """Whether the caller wants to hear no more, in whatever language."""
        return (self.kind, self.values) == (STOP.kind, STOP.values)

    @property
    def word(self) -> str:
        """What was said, for the record: the phrase of ours, or the key, or the name of what it is, or its kind."""
        return self.said or self.values[0] if self.kind in ("key", "command", "topics") and self.values else self.kind


SILENCE = Heard("silence")
UNANSWERED, TALKED = Heard("unanswered"), Heard("talked")
STOP = Heard("command", ("stop",))
START = Heard("command", ("start",))
