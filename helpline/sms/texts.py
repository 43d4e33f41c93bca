"""One text and the answer to it: read what is kept, take the turn, keep what came of it."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import uuid4

import structlog

from helpline.carrier.callers import fingerprint
from helpline.conversation import loop_guard, session
from helpline.conversation.changed import changed
from helpline.conversation.heard import START, STOP, Heard
from helpline.conversation.loop_guard import LoopGuard
from helpline.conversation.moves import show
from helpline.conversation.session import DANGER_SAID, NOWHERE, Place, Session
from helpline.conversation.turn import ERASED, Context, Turn, Words
from helpline.prompts_folder import Loaded, PromptsFolder
from helpline.sms.compose import compose, last_message
from helpline.sms.known_answers import Known, KnownAnswers
from helpline.sms.store import CallerStore, Kept, StoreDown
from helpline.telemetry.counters import Counters
from helpline.turns.turn import Turns

RETRY_SECONDS = 1.0  # how long a text is taken again because another one of its caller was quicker
HELP = Heard("command", ("help",))
BY_CARRIER = {"STOP": STOP, "START": START}  # anything else that the carrier answers itself asks nothing of us
_PAUSE, _CONSENT = Place("pause"), Place("remind.ask")
_ASKING = frozenset({"remind.ask", "remind.again"})
_PLAIN_YES = frozenset({"oui", "yes"})  # the words that the question names; nothing near them is enough
_MAY_MEAN_YES = frozenset({"yes", "thanks"})
_KEYS_OF_YES = (("1",), ("2",))
_STOP_DONE, _NOT_ME_DONE = "stop.done", "not.me.done"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Text:
    """A text that came in. `number` is empty for whoever cannot be written back to by number.

    `opt_out` is what the carrier took it for and has answered itself: STOP, START, HELP, or nothing.
    """

    message: str
    number: str
    body: str
    opt_out: str = ""


@dataclass(frozen=True, slots=True)
class _Taken:
    """A turn that was taken: what to keep of it and what to say. `is_done`: it did something that stays done."""

    state: str
    language: str
    messages: tuple[str, ...]
    is_done: bool


class Texts:
    """Answers texts. `key` turns numbers into fingerprints.

    `asked_recently` tells for whom the question of consent was asked a moment ago, in which language, and an empty
    string otherwise: it is asked where the session cannot be read. `notice`: what is put up at the desk at a moment.
    """

    def __init__(
        self,
        folder: PromptsFolder,
        turns: Turns,
        store: CallerStore,
        counters: Counters,
        key: bytes,
        now: Callable[[], datetime],
        asked_recently: Callable[[str, datetime], str] = lambda number, now: "",
        notice: Callable[[datetime], Mapping[str, str] | None] = lambda now: None,
    ) -> None:
        self._folder, self._turns, self._store = folder, turns, store
        self._counters, self._key, self._now = counters, key, now
        self._asked_recently, self._notice = asked_recently, notice
        self._known = KnownAnswers()

    def answer(self, text: Text) -> tuple[str, ...]:
        """The messages to answer with; none for silence."""
        if not text.number or not text.message:
            return self._without_store(text)
        try:
            return self._with_store(text, fingerprint(text.number, self._key))
        except StoreDown as error:
            log.warning("store down, answered by keyword", reason=str(error), key=text.message)
            self._counters.count("store_down", channel="sms")
            return self._without_store(text)

    def _with_store(self, text: Text, caller: str) -> tuple[str, ...]:
        began = time.monotonic()
        taken: _Taken | None = None
        try:
            while time.monotonic() - began < RETRY_SECONDS:
                kept = self._store.read(caller, text.message)
                if kept.answer is not None:
                    self._counters.count("repeats", channel="sms")
                    return kept.answer
                if taken is None or not taken.is_done:
                    taken = self._take(text, kept)
                given = self._store.commit(caller, text.message, kept, taken.state, taken.language, taken.messages)
                if given is not None:
                    return given
            raise StoreDown("other texts of this caller came between, again and again")
        except StoreDown as error:
            if taken is None or not taken.is_done:
                raise
            log.warning("store down after something was done", reason=str(error), key=text.message)
            self._counters.count("store_down", channel="sms")
            return taken.messages

    def _take(self, text: Text, kept: Kept) -> _Taken:
        """The caller's new state and the answer to this text."""
        loaded = self._folder.current()
        context = self._context(text, text.message)
        before, guard = _read_state(kept)
        known = None if text.opt_out else self._known.get(loaded, before, text.body, context)
        heard = known.heard if known else self._hear(loaded, before, text, context)
        if before.place == NOWHERE and _is_plain_yes(heard, text):
            before = self._asked_without_store(text, before, context)
        guard, verdict = loop_guard.count_text(guard, self._mark(text, heard), int(context.now.timestamp()))
        if known and verdict == "answer":
            self._turns.taken(loaded.prompts, before, heard, known.turn, context)
            return _taken(known.turn.session, guard, known.turn, known.messages)
        turn = self._turn(loaded, before, heard, "answer" if text.opt_out else verdict, context, text.body)
        # The carrier has answered: but for a STOP, what we sent last is still the last of us.
        after = turn.session if heard.is_stop or not text.opt_out else before
        if before.place.node in _ASKING and _leaves(turn, after):
            self._turns.refused(heard, after.language, context)
        messages = () if text.opt_out else tuple(compose(loaded.prompts, turn, context))
        if verdict == "answer" and not text.opt_out and before.place.node not in _ASKING:
            self._known.keep(loaded, before, text.body, context, Known(heard, turn, messages))
        return _taken(after, guard, turn, messages)

    def _asked_without_store(self, text: Text, before: Session, context: Context) -> Session:
        """The session of somebody of whom nothing is kept, though we asked them a moment ago: Redis was away then."""
        asked_in = self._asked_recently(text.number, context.now)
        return _at_consent(asked_in, context) if asked_in else before

    def _context(self, text: Text, key: str) -> Context:
        now = self._now()
        return Context("sms", now, key, number=text.number, notice=self._notice(now))

    def _hear(self, loaded: Loaded, before: Session, text: Text, context: Context) -> Heard:
        if text.opt_out in BY_CARRIER:
            return BY_CARRIER[text.opt_out]
        heard = self._turns.listen(loaded.prompts, loaded.ears, before, text.body, context)
        return HELP if text.opt_out and not heard.is_stop else heard

    def _turn(self, loaded: Loaded, before: Session, heard: Heard, verdict: str, context: Context, words: str) -> Turn:
        if verdict == "answer" or _always_heard(before, heard):
            return self._turns.of_heard(loaded.prompts, before, heard, context, last_message, words)
        self._counters.count("paused", channel="sms")
        if heard.is_stop:  # it counts again, and is not confirmed again
            turn = self._turns.of_heard(loaded.prompts, before, heard, context, last_message)
            return replace(turn, says=()) if turn.session.place.node == _STOP_DONE else turn
        if verdict == "silent":
            return Turn(before)
        spoken_to = replace(before, language=before.language or loaded.prompts.languages[0])
        paused = show(loaded.prompts, spoken_to, _PAUSE, context)
        return replace(paused, session=before)

    def _without_store(self, text: Text) -> tuple[str, ...]:
        """Nothing is known of the caller: keywords are answered in full, numbers get the main menu and the hint."""
        loaded = self._folder.current()
        # An effect happens once a key: without the carrier's id, each text is one of its own.
        context = self._context(text, text.message or uuid4().hex)
        asked_in = self._asked_recently(text.number, context.now) if text.number else ""
        heard = self._hear(loaded, Session(asked_in), text, context)
        before = _at_consent(asked_in, context) if _is_plain_yes(heard, text) and asked_in else Session(asked_in)
        turn = self._turns.of_heard(loaded.prompts, before, heard, context, last_message, text.body)
        if asked_in and not _may_mean_yes(heard) and _leaves(turn, turn.session):
            self._turns.refused(heard, asked_in, context)
        if heard.kind == "key" and not turn.outcomes:
            turn = replace(turn, says=(Words("words.only"), *turn.says))
        return () if text.opt_out else tuple(compose(loaded.prompts, turn, context))

    def _mark(self, text: Text, heard: Heard) -> str:
        """A mark that equal texts share. Of a text with a secret, or a cry for help, not even that is made."""
        if heard.kind in ("secret", "danger"):
            return heard.kind
        words = " ".join(text.body.casefold().split())
        return hmac.new(self._key, words.encode(errors="replace"), hashlib.sha256).hexdigest()[:10]


def _taken(after: Session, guard: LoopGuard, turn: Turn, messages: tuple[str, ...]) -> _Taken:
    state = "" if ERASED in turn.outcomes else f"{session.encode(after)}|{loop_guard.encode(guard)}"
    return _Taken(state, after.language, messages, bool(turn.outcomes))


def _read_state(kept: Kept) -> tuple[Session, LoopGuard]:
    written, _, guard = kept.caller.partition("|")
    before = session.decode(written)
    return changed(before, language=before.language or kept.language), loop_guard.decode(guard)


def _at_consent(language: str, context: Context) -> Session:
    """The session of a caller whom the question of consent was asked a moment ago."""
    return Session(language=language, place=_CONSENT, at=int(context.now.timestamp()))


def _is_plain_yes(heard: Heard, text: Text) -> bool:
    return heard.kind == "yes" and heard.literal and text.body.strip(" \t\r\n.!").casefold() in _PLAIN_YES


def _may_mean_yes(heard: Heard) -> bool:
    """Whether the question is still open after this, though it was not enough for a yes."""
    return heard.kind in _MAY_MEAN_YES or (heard.kind == "key" and heard.values in _KEYS_OF_YES)


def _leaves(turn: Turn, after: Session) -> bool:
    """Whether a turn left the question of consent without a yes to it, done or failed."""
    return after.place.node not in _ASKING and not any(name.startswith("subscribe") for name, _ in turn.outcomes)


def _always_heard(before: Session, heard: Heard) -> bool:
    """What counts even from a machine: a first STOP or "not me", and a first call for help."""
    if heard.kind == "danger":
        return not before.has_said(DANGER_SAID)
    return (heard.is_stop or heard.values == ("not_me",)) and before.place.node not in (_STOP_DONE, _NOT_ME_DONE)
