"""One turn of a call. Where the caller is stands in the URL, so a call needs nothing that can be down."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import uuid4

import structlog

from helpline.carrier.ask_again import ASK_AGAIN
from helpline.carrier.callers import fingerprint
from helpline.conversation import session
from helpline.conversation.choices import options_at
from helpline.conversation.engine import begin_at, greet
from helpline.conversation.heard import TALKED, UNANSWERED
from helpline.conversation.questions import ONE_KEY, keys_wanted
from helpline.conversation.session import NOWHERE, Session
from helpline.conversation.turn import ERASED, PUT_THROUGH, Context, Turn, Words
from helpline.menus.shapes import MAIN_MENU
from helpline.prompts_folder import Loaded, PromptsFolder
from helpline.turns.turn import Turns
from helpline.voice.known_answers import Known, KnownAnswers
from helpline.voice.speech import last_words, speech
from helpline.voice.twiml import Dialling, Listening, asking, ending, passing_on

MOST_HINTS = 40
MOST_OF_ONE = 6  # hints of one place
MOST_TURNS = 200  # of one call, which nobody needs: a machine that presses keys costs us minutes
GOODBYE = "goodbye"
MACHINES = ("machine", "fax")  # how AnsweredBy begins where nobody listens
FOR_MACHINES = "call.machine"
SPOKEN = ("completed", "answered")  # DialCallStatus where somebody picked up
ADVISER_PATH = "/twilio/voice/adviser"  # what one of us hears first, so that no answering machine is put through

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class CallPaths:
    """The addresses that TwiML names: with the public URL in front, or from the root of the same host.

    Each may be asked for again: what is to be answered stands in it, and what it brings about is done once.
    """

    base: str

    def keys(self, here: Session) -> str:
        return f"{self.base}/twilio/voice/turn/{session.encode(here)}{ASK_AGAIN}"

    def silence(self, here: Session) -> str:
        return f"{self.base}/twilio/voice/silence/{session.encode(here)}{ASK_AGAIN}"

    def dialled(self, here: Session) -> str:
        return f"{self.base}/twilio/voice/dialled/{session.encode(here)}{ASK_AGAIN}"

    @property
    def adviser(self) -> str:
        return f"{self.base}{ADVISER_PATH}/begin{ASK_AGAIN}"

    @property
    def audio(self) -> str:
        return f"{self.base}/audio"


class Calls:
    """Answers calls. `language_of` tells the remembered language of a fingerprint, quickly or not at all.

    `saw` notes that a fingerprint has called, `forget` lets go what texts have left of it: as quickly, or not at all.
    `notice`: what is put up at the desk at a moment. `adviser` is whose phone rings for who wants a person,
    `voice_number` ours, which it is shown.
    """

    def __init__(
        self,
        folder: PromptsFolder,
        turns: Turns,
        language_of: Callable[[str], str],
        paths: CallPaths,
        key: bytes,
        now: Callable[[], datetime],
        speech_wanted: bool,
        saw: Callable[[str], None] = lambda fingerprint: None,
        forget: Callable[[str], None] = lambda fingerprint: None,
        notice: Callable[[datetime], Mapping[str, str] | None] = lambda now: None,
        adviser: str = "",
        voice_number: str = "",
    ) -> None:
        self._folder, self._turns, self._language_of = folder, turns, language_of
        self._saw, self._forget, self._notice = saw, forget, notice
        self._paths, self._key, self._now, self._speech_wanted = paths, key, now, speech_wanted
        self._adviser, self._voice_number = adviser, voice_number
        self._known = KnownAnswers()

    def begin(self, call: str, number: str, pause: int = 0) -> str:
        """The first words of a call. `pause`: so many seconds it rings on before they are said."""
        loaded = self._folder.current()
        context = self._context(f"{call or uuid4().hex}.0", number)
        language = self._language_of(fingerprint(number, self._key)) if number else ""
        log.info("call", key=call, known_language=bool(language), withheld=not number)
        turn = greet(loaded.prompts, language, context)
        self._turns.began(loaded.prompts, turn, context)
        return self._twiml(loaded, turn, context, pause)

    def ours(self, call: str, where: str, answered_by: str, number: str) -> str:
        """The first words of a call that we make: the page that it is for, or to a machine one short message."""
        loaded = self._folder.current()
        here = session.decode(where)
        known = here.language if here.language in loaded.prompts.languages else loaded.prompts.languages[0]
        here = replace(here, language=known)
        context = self._context(f"{call or uuid4().hex}.{here.turn}", number)
        is_machine = answered_by.startswith(MACHINES)
        log.info("call of ours", key=call, place=here.place.node, machine=is_machine)
        if is_machine:
            return self._twiml(loaded, Turn(here, (Words(FOR_MACHINES),), ends=True), context)
        turn = begin_at(loaded.prompts, here, context)
        place = turn.session.place
        if place != NOWHERE and not loaded.prompts.form(place.node, known).voice:  # its words were taken out meanwhile
            turn = greet(loaded.prompts, known, context)
        self._turns.began(loaded.prompts, turn, context)
        return self._twiml(loaded, turn, context)

    def go_on(self, call: str, where: str, keys: str, words: str, number: str) -> str:
        """The answer to keys or speech; neither is silence. `number` is empty where it is withheld."""
        loaded, now = self._folder.current(), self._now()
        notice, spoken = self._notice(now), bool(words and not keys)
        known = None if spoken else self._known.get(loaded, notice, now, where, keys)
        here = known.here if known else session.decode(where)
        # An effect happens once a key: without the carrier's id, each turn is one of its own.
        context = Context("voice", now, f"{call or uuid4().hex}.{here.turn}", spoken, number, notice)
        if known:
            self._turns.taken(loaded.prompts, here, known.heard, known.turn, context)
            return known.twiml
        if here.turn >= MOST_TURNS and here.language in loaded.prompts.languages:
            log.warning("a call without end", key=call)
            return self._twiml(loaded, Turn(here, (Words(GOODBYE),), ends=True), context)
        if spoken:
            turn = self._turns.of_words(loaded.prompts, loaded.ears, here, words, context, last_words)
            self._let_go(turn, number)
            return self._twiml(loaded, turn, context)
        heard = self._turns.hear_keys(loaded.prompts, here, keys, context)
        turn = self._turns.of_heard(loaded.prompts, here, heard, context, last_words)
        self._let_go(turn, number)
        twiml = self._twiml(loaded, turn, context)
        self._known.keep(loaded, notice, now, where, keys, Known(here, heard, turn, twiml))
        return twiml

    def dialled(self, call: str, where: str, status: str, number: str, bridged: str = "") -> str:
        """What follows once one of us was called for the caller: they have spoken, or nobody picked up.

        `bridged` is "false" where something picked up, but pressed no key; it need not be told.
        """
        loaded = self._folder.current()
        here = session.decode(where)
        context = self._context(f"{call or uuid4().hex}.{here.turn}", number)
        heard = TALKED if status in SPOKEN and bridged != "false" else UNANSWERED
        log.info("put through", key=call, spoken=heard is TALKED)
        turn = self._turns.of_heard(loaded.prompts, here, heard, context, last_words)
        return self._twiml(loaded, turn, context)

    def _let_go(self, turn: Turn, number: str) -> None:
        if ERASED in turn.outcomes and number:
            self._forget(fingerprint(number, self._key))

    def ended(self, number: str) -> None:
        """Note, best effort, that somebody called: who is in contact is not forgotten."""
        if number:
            self._saw(fingerprint(number, self._key))

    def _twiml(self, loaded: Loaded, turn: Turn, context: Context, pause: int = 0) -> str:
        languages = dict(loaded.prompts.menus.languages)
        pieces = speech(loaded.prompts, turn, loaded.recordings, context)
        if PUT_THROUGH in turn.outcomes:
            dialling = Dialling(
                self._adviser, self._voice_number, self._paths.dialled(turn.session), self._paths.adviser
            )
            return passing_on(pieces, languages, self._paths.audio, dialling)
        if turn.ends or not turn.says:
            return ending(pieces, languages, self._paths.audio)
        listening = Listening(
            keys_url=self._paths.keys(turn.session),
            silence_url=self._paths.silence(turn.session),
            speech=self._speech_wanted,
            hints=self._hints(loaded, turn, context) if self._speech_wanted else "",
            locale=languages[turn.session.language].locale,
        )
        digits = keys_wanted(loaded.prompts, turn.session)
        finish = "#" if digits > ONE_KEY else ""
        return asking(pieces, languages, self._paths.audio, listening, pause=pause, digits=digits, finish=finish)

    def _context(self, key: str, number: str) -> Context:
        now = self._now()
        return Context("voice", now, key, number=number, notice=self._notice(now))

    def _hints(self, loaded: Loaded, turn: Turn, context: Context) -> str:
        """Words that speech recognition should expect here: the labels offered, then the keywords behind them."""
        prompts, here = loaded.prompts, turn.session
        labels = [option.label for option in options_at(prompts, here, context)]
        node = prompts.menus.nodes.get(here.place.node)
        behind = [*(node.options if node else ()), *prompts.menus.nodes[MAIN_MENU].options]
        wordings = (prompts.menus.nodes[name].wordings.get(here.language) for name in behind)
        keywords = (keyword for wording in wordings if wording for keyword in wording.keywords[:MOST_OF_ONE])
        words = dict.fromkeys([*labels, *keywords])
        return ", ".join(word.replace(",", " ") for word in list(words)[:MOST_HINTS])
