"""One turn, for both channels: from words or keys to an answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

import structlog

from helpline.conversation.choices import options_at
from helpline.conversation.ears import Ears
from helpline.conversation.engine import answer
from helpline.conversation.heard import Heard
from helpline.conversation.hearing import hear
from helpline.conversation.hearing_dates import hear_answer, hear_keys
from helpline.conversation.moves import paused
from helpline.conversation.questions import (
    asked_at,
    date_meant_at,
    is_by_keys,
    is_question,
    kind_at,
    without_own_dates,
)
from helpline.conversation.session import Session
from helpline.conversation.turn import Context, Effect, Outcome, Turn
from helpline.menus.prompts import Prompts
from helpline.telemetry.counters import Counters
from helpline.turns.open_places import begins_anew, open_place

Performer = Callable[[Effect, Context], Outcome]
Shown = Callable[[Prompts, Session, Context], str]  # the message that a session was left at, as the caller got it
Told = Callable[[Heard, Turn, Context], None]
Helped = Callable[[str, datetime], None]  # somebody's number, and when
Missed = Callable[[str, str], None]  # words, and somebody's number

log = structlog.get_logger(__name__)


def tell_nobody(heard: Heard, turn: Turn, context: Context) -> None:
    """Nobody is curious."""


def note_nobody(number: str, now: datetime) -> None:
    """Who was helped is let be."""


def note_nothing(words: str, number: str) -> None:
    """What was not understood is let be."""


class Turns:
    """Takes turns with callers. `performers` do what nodes ask to be done, by name of the effect.

    `told` learns of every turn that was taken, `helped` of who got something out of one, `missed` of words that were
    not understood. They are quick, and never raise.
    """

    def __init__(
        self,
        performers: Mapping[str, Performer],
        counters: Counters,
        told: Told = tell_nobody,
        helped: Helped = note_nobody,
        missed: Missed = note_nothing,
    ) -> None:
        self._performers = performers
        self._counters = counters
        self._told, self._helped, self._missed = told, helped, missed

    def of_words(
        self, prompts: Prompts, ears: Ears, session: Session, words: str, context: Context, shown: Shown
    ) -> Turn:
        """The answer to a text, or to speech (`context.spoken`)."""
        heard = self.listen(prompts, ears, session, words, context)
        return self.of_heard(prompts, session, heard, context, shown, words)

    def listen(self, prompts: Prompts, ears: Ears, session: Session, words: str, context: Context) -> Heard:
        """What the words mean to a caller who was last offered the keys of this session."""
        return listen(prompts, ears, session, words, context)

    def hear_keys(self, prompts: Prompts, session: Session, keys: str, context: Context) -> Heard:
        """What keys mean that were pressed in a call; none are silence."""
        asked = asked_at(prompts, session) if is_question(prompts, session) else None
        return hear_keys(keys, asked, kind_at(prompts, session.place), context.now)

    def of_heard(
        self, prompts: Prompts, session: Session, heard: Heard, context: Context, shown: Shown, words: str = ""
    ) -> Turn:
        """The answer to what was heard, in these words. `shown` composes, for effects, the message that is answered.

        Words that mean nothing are noted; an answer to a question never: it may tell of a life.
        """
        if words and heard.kind == "unknown" and not is_question(prompts, session):
            self._missed(words, context.number)

        def perform(effect: Effect, context: Context) -> Outcome:
            answered = without_own_dates(prompts, session)
            before = shown(prompts, answered, context) if _is_there(prompts, session) else ""
            return self._perform(replace(effect, shown=before), context)

        turn = answer(prompts, session, heard, context, perform)
        self.taken(prompts, session, heard, turn, context)
        return turn

    def taken(self, prompts: Prompts, session: Session, heard: Heard, turn: Turn, context: Context) -> None:
        """Count, log and tell a turn: whoever knows the answer from before has this to do for each caller."""
        self._count(prompts, session, heard, turn, context)
        log.info(
            "turn",
            channel=context.channel,
            key=context.key,
            heard=heard.kind,
            place=turn.session.place.node,
            language=turn.session.language,
        )
        self._told(heard, turn, context)

    def began(self, prompts: Prompts, turn: Turn, context: Context) -> None:
        """A call has begun with the words of this turn, which answers nobody."""
        if place := open_place(prompts, turn.session, context):
            self._counters.count("at", node=place, channel=context.channel, did="shown")

    def refused(self, heard: Heard, language: str, context: Context) -> None:
        """The question of consent was left without a yes. Nothing is said to the caller of how this went."""
        self._perform(Effect("refuse", "", language=language, heard=heard.word), context)

    def _count(self, prompts: Prompts, before: Session, heard: Heard, turn: Turn, context: Context) -> None:
        """Numbers only, but for a mark of who was helped. Nothing here waits for anything."""
        channel, after = context.channel, turn.session
        self._counters.count("turns", channel=channel, heard=heard.kind)
        if after.misses > before.misses:
            self._counters.count("misses", channel=channel)
        if context.number and (turn.says if channel == "sms" else heard.kind != "silence"):
            self._helped(context.number, context.now)
        left = "" if begins_anew(before, context) else open_place(prompts, before, context)
        reached = open_place(prompts, after, context)
        if left == reached:
            return
        if left and heard.kind != "silence":
            self._counters.count("at", node=left, channel=channel, did="answered")
        if reached and turn.says:
            self._counters.count("at", node=reached, channel=channel, did="shown")

    def _perform(self, effect: Effect, context: Context) -> Outcome:
        outcome = self._performers[effect.name](effect, context)
        self._counters.count("effects", effect=effect.name, outcome=outcome.name)
        return outcome


def listen(prompts: Prompts, ears: Ears, session: Session, words: str, context: Context) -> Heard:
    """What the words mean to a caller who was last offered the keys of this session.

    Long after the last message its labels are forgotten: a word is then a word, and only a digit is asked back.
    """
    language = session.language if session.language in prompts.languages else ""
    late = context.channel == "sms" and paused(session, context)
    here = session if _is_there(prompts, session) and not late else Session()
    spoken_in = language or prompts.languages[0]
    spoken_to = here if here.language == spoken_in else replace(here, language=spoken_in)
    # Where an answer changes what is kept, the words of a label are no answer.
    offered = () if is_by_keys(prompts, here) else options_at(prompts, spoken_to, context)
    options = [(option.key, option.label) for option in offered]
    heard = hear(ears, words, language, options, context.spoken, context.now, date_meant_at(prompts, here))
    asked = asked_at(prompts, session) if _is_there(prompts, session) else None
    if asked is None:
        return heard
    kind = kind_at(prompts, session.place)
    answer = hear_answer(ears, words, heard, asked, kind, context.now, bool(session.choices))
    return heard if late and (heard.kind == "key" or answer.values[:1] == ("",)) else answer


def _is_there(prompts: Prompts, session: Session) -> bool:
    """Whether the menus still have every place that the keys of this session lead to."""
    nodes = {place.node for place in (session.place, *session.choices) if place.node}
    return nodes <= prompts.menus.nodes.keys()
