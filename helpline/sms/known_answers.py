"""Answers to texts that were given within this minute: after a reminder many write the same at the same place.

Kept are only digits, and words of ours to the letter: keywords and commands, as the prompts have them. Nothing else
that callers write is, nor anything about a session that is one caller's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from helpline.conversation.changed import changed
from helpline.conversation.heard import Heard
from helpline.conversation.moves import paused
from helpline.conversation.normalise import words_of
from helpline.conversation.session import Session
from helpline.conversation.turn import Context, Turn
from helpline.prompts_folder import Loaded
from helpline.turns.this_minute import ThisMinute, is_everybodys

LONGEST = 60  # letters
LONGEST_KEY = 2
_OURS = frozenset({"command", "topics"})


@dataclass(frozen=True, slots=True)
class Known:
    """A text of before: what was heard, the turn, and the messages."""

    heard: Heard
    turn: Turn
    messages: tuple[str, ...]


class _Asked(NamedTuple):
    """All that an answer hangs on beside the minute: the session but for its counts, and the words."""

    session: Session
    has_begun: bool
    paused: bool
    words: str


class KnownAnswers:
    """The answers of this minute, by session and words. Threads share one."""

    def __init__(self) -> None:
        self._answers: ThisMinute[_Asked, Known] = ThisMinute()

    def get(self, loaded: Loaded, before: Session, words: str, context: Context) -> Known | None:
        """The answer that was given there, to these words, as the turn of this caller."""
        if len(words) > LONGEST:
            return None
        found = self._answers.get(loaded, context.notice, context.now, _asked(before, words, context))
        if found is None:
            return None
        after = changed(found.turn.session, turn=before.turn + 1, at=int(context.now.timestamp()))
        return Known(found.heard, changed(found.turn, session=after), found.messages)

    def keep(self, loaded: Loaded, before: Session, words: str, context: Context, known: Known) -> None:
        """Keep one for the rest of the minute, if it hangs on nothing else, and its words are nobody's own."""
        if _is_ours(loaded, words, known.heard) and is_everybodys(before, known.turn) and not _is_about_own(before):
            self._answers.keep(loaded, context.notice, context.now, _asked(before, words, context), known)


def _asked(before: Session, words: str, context: Context) -> _Asked:
    return _Asked(changed(before, turn=0, at=0), before.at > 0, paused(before, context), words)


def _is_ours(loaded: Loaded, text: str, heard: Heard) -> bool:
    """Whether a text is a digit, or to the letter what the prompts have."""
    if len(text) > LONGEST:
        return False
    if heard.kind == "key":
        return len(text) <= LONGEST_KEY or bool(heard.said)  # it is the label of an option
    if heard.kind not in _OURS or heard.is_stop:
        return False
    words = words_of(text)
    return " ".join(words) in loaded.ears.commands.phrases or loaded.ears.is_keyword(words)


def _is_about_own(session: Session) -> bool:
    """Whether a session is about something of the caller's: a date of theirs, an answer to a question."""
    places = (session.place, session.bookmark, *session.choices, *session.trail)
    return any(place.item for place in places)
