"""One text and the answer to it: read what is kept, take the turn, keep what came of it."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from helpline.carrier.callers import fingerprint
from helpline.conversation import loop_guard, session
from helpline.conversation.heard import STOP, Heard
from helpline.conversation.loop_guard import LoopGuard
from helpline.conversation.moves import show
from helpline.conversation.session import DANGER_SAID, Place, Session
from helpline.conversation.turn import Context, Turn, Words
from helpline.prompts_folder import Loaded, PromptsFolder
from helpline.sms.compose import compose
from helpline.sms.store import CallerStore, Kept, StoreDown
from helpline.telemetry.counters import Counters
from helpline.turns.turn import Turns, listen

RETRY_SECONDS = 1.0  # how long a text is taken again because another one of its caller was quicker
_PAUSE = Place("pause")
_STOP_DONE = "stop.done"

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


class Texts:
    """Answers texts. `key` turns numbers into fingerprints."""

    def __init__(
        self,
        folder: PromptsFolder,
        turns: Turns,
        store: CallerStore,
        counters: Counters,
        key: bytes,
        now: Callable[[], datetime],
    ) -> None:
        self._folder, self._turns, self._store = folder, turns, store
        self._counters, self._key, self._now = counters, key, now

    def answer(self, text: Text) -> tuple[str, ...]:
        """The messages to answer with; none for silence."""
        if not text.number or not text.message:
            return self._without_store(text)
        caller = fingerprint(text.number, self._key)
        try:
            return self._with_store(text, caller)
        except StoreDown as error:
            log.warning("store down, answered by keyword", reason=str(error), key=text.message)
            self._counters.count("store_down", channel="sms")
            return self._without_store(text)

    def _with_store(self, text: Text, caller: str) -> tuple[str, ...]:
        began = time.monotonic()
        while time.monotonic() - began < RETRY_SECONDS:
            kept = self._store.read(caller, text.message)
            if kept.answer is not None:
                self._counters.count("repeats", channel="sms")
                return kept.answer
            state, messages = self._take(text, kept)
            language = session.decode(state.partition("|")[0]).language
            given = self._store.commit(caller, text.message, kept, state, language, messages)
            if given is not None:
                return given
        raise StoreDown("other texts of this caller came between, again and again")

    def _take(self, text: Text, kept: Kept) -> tuple[str, tuple[str, ...]]:
        """The caller's new state and the answer to this text."""
        loaded = self._folder.current()
        context = Context("sms", self._now(), text.message)
        before, guard = _read_state(kept)
        heard = self._hear(loaded, before, text, context)
        guard, verdict = loop_guard.count_text(guard, self._mark(text, heard), int(context.now.timestamp()))
        if text.opt_out and not heard.is_stop:  # The carrier has answered: what we sent last is still the last of us.
            return f"{session.encode(before)}|{loop_guard.encode(guard)}", ()
        turn = self._turn(loaded, before, heard, verdict, context)
        messages = () if text.opt_out else tuple(compose(loaded.prompts, turn, context))
        return f"{session.encode(turn.session)}|{loop_guard.encode(guard)}", messages

    def _hear(self, loaded: Loaded, before: Session, text: Text, context: Context) -> Heard:
        if text.opt_out == "STOP":
            return STOP
        return listen(loaded.prompts, loaded.ears, before, text.body, context)

    def _turn(self, loaded: Loaded, before: Session, heard: Heard, verdict: str, context: Context) -> Turn:
        if verdict == "answer" or _always_heard(before, heard):
            return self._turns.of_heard(loaded.prompts, before, heard, context)
        self._counters.count("paused", channel="sms")
        if verdict == "silent":
            return Turn(before)
        spoken_to = replace(before, language=before.language or loaded.prompts.languages[0])
        paused = show(loaded.prompts, spoken_to, _PAUSE, context)
        return replace(paused, session=before)

    def _without_store(self, text: Text) -> tuple[str, ...]:
        """Nothing is known of the caller: keywords are answered in full, numbers get the main menu and the hint."""
        if text.opt_out:
            return ()
        loaded = self._folder.current()
        context = Context("sms", self._now(), text.message)
        heard = listen(loaded.prompts, loaded.ears, Session(), text.body, context)
        turn = self._turns.of_heard(loaded.prompts, Session(), heard, context)
        if heard.kind == "key":
            turn = replace(turn, says=(Words("words.only"), *turn.says))
        return tuple(compose(loaded.prompts, turn, context))

    def _mark(self, text: Text, heard: Heard) -> str:
        """A mark that equal texts share. Of a text with a secret, or a cry for help, not even that is made."""
        if heard.kind in ("secret", "danger"):
            return heard.kind
        words = " ".join(text.body.casefold().split())
        return hmac.new(self._key, words.encode(errors="replace"), hashlib.sha256).hexdigest()[:10]


def _read_state(kept: Kept) -> tuple[Session, LoopGuard]:
    written, _, guard = kept.caller.partition("|")
    before = session.decode(written)
    return replace(before, language=before.language or kept.language), loop_guard.decode(guard)


def _always_heard(before: Session, heard: Heard) -> bool:
    """What counts even from a machine: a first STOP, and a first call for help."""
    if heard.kind == "danger":
        return not before.has_said(DANGER_SAID)
    return heard.is_stop and before.place.node != _STOP_DONE
