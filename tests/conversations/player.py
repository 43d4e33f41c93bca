"""Plays a conversation against the helpline itself: everything but the web server and the carrier is real."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from helpline.conversation import session
from helpline.conversation.forms import Form, answered, occurrence_of
from helpline.conversation.moves import resolve
from helpline.conversation.session import Place, Session
from helpline.conversation.turn import Context, Page, Turn
from helpline.menus.calendar_file import parse_calendar
from helpline.menus.forms import Identity
from helpline.menus.prompts import prepare
from helpline.menus.yaml_text import read_yaml
from helpline.prompts_folder import Loaded, PromptsFolder, load_folder
from helpline.simulator.script.conversation import (
    BETWEEN_KEYS,
    BETWEEN_TEXTS,
    HANGS_UP,
    NEXT_MESSAGE,
    NO_ANSWER,
    OTHER_PHONE,
    Conversation,
    Step,
)
from helpline.sms.compose import compose
from helpline.sms.reminded import Reminded, Sent
from helpline.sms.store import LANGUAGE_SECONDS, SESSION_SECONDS, CallerStore, Kept, StoreDown, connect
from helpline.sms.texts import Text, Texts
from helpline.telemetry.counters import Counters
from helpline.turns.turn import Turns
from helpline.voice.calls import CallPaths, Calls
from helpline.voice.ssml import lines_of
from tests.conversations.checks import check_call_turn, check_text
from tests.conversations.performer import ABROAD, LANDLINE, Agreed, Scope

PROMPTS = Path(__file__).parents[2] / "prompts"
OPERATOR = Identity("Relais Droits", "association Le Pont", "01 99 00 12 34", "38123", "01 99 00 12 34")
NUMBER = "+33639980001"
NUMBERS = {"": NUMBER, "withheld": "", "landline": LANDLINE, "abroad": ABROAD}
SCOPES: Mapping[str, Scope] = {"": "", "none": "", "blocked": "", "all": "all", "last": "last", "called": "all"}
KEY = b"the golden conversations"
OURS, ADVISER = "+33199001234", "+33199001236"
NOWHERE_TO_PRESS = "-"  # while another phone rings, keys are heard by nobody


@dataclass
class Played:
    """What came of a conversation: the answers, and the places that the caller saw, with their language."""

    answers: list[str] = field(default_factory=list)
    seen: set[tuple[str, str]] = field(default_factory=set)

    def visit(self, state: str) -> None:
        here = session.decode(state)
        assert session.encode(here) == state, f"the session does not survive being saved: {state}"
        self.seen.add((here.place.node, here.language))


class Folder(PromptsFolder):
    """Prompts that are loaded already, in the place of the folder that a server watches."""

    def __init__(self, loaded: Loaded) -> None:
        self._loaded = loaded

    def current(self) -> Loaded:
        return self._loaded


@lru_cache
def load(languages: tuple[str, ...]) -> Loaded:
    return load_folder(PROMPTS, languages, OPERATOR)


def loaded_for(conversation: Conversation) -> Loaded:
    """The prompts, with the calendar of the conversation; what it does not say is as in the real one."""
    loaded = load(conversation.languages)
    if not conversation.calendar:
        return loaded
    block, faults = read_yaml("calendar.yaml", conversation.calendar)
    real, _ = read_yaml("calendar.yaml", (PROMPTS / "calendar.yaml").read_text(encoding="utf-8"))
    calendar, more = parse_calendar(replace(block, values={**real.values, **block.values}))
    assert not faults + more, f"the calendar of '{conversation.title}': {faults + more}"
    menus = replace(loaded.prompts.menus, calendar=calendar)
    with_hours = calendar.adviser_hours is not None  # pages say them
    identity = replace(OPERATOR, has_adviser=bool(conversation.adviser))
    return replace(loaded, prompts=prepare(menus, identity) if with_hours else replace(loaded.prompts, menus=menus))


class Clock:
    def __init__(self, start: datetime) -> None:
        self.now = start

    def move(self, step: Step, usual: timedelta) -> None:
        self.now = step.at or self.now + (step.later or usual)

    def __call__(self) -> datetime:
        return self.now


class Memory(CallerStore):
    """What Redis keeps of one caller, forgotten at the same age, by the clock of the conversation."""

    def __init__(self, now: Callable[[], datetime], language: str) -> None:
        self._now, self._written = now, now()
        self._caller, self._language = "", language

    def read(self, fingerprint: str, message: str) -> Kept:
        age = (self._now() - self._written).total_seconds()
        caller = self._caller if age <= SESSION_SECONDS else ""
        return Kept(caller, self._language if age <= LANGUAGE_SECONDS else "", None)

    def commit(
        self, fingerprint: str, message: str, before: Kept, caller: str, language: str, answer: Sequence[str]
    ) -> tuple[str, ...] | None:
        self._caller, self._language, self._written = caller, language, self._now()
        return tuple(answer)

    def callers(self, fingerprints: Sequence[str]) -> list[str]:
        return [self.read(fingerprint, "").caller for fingerprint in fingerprints]

    def replace_callers(self, changes: Sequence[tuple[str, str, str]]) -> set[str]:
        ((fingerprint, _, caller),) = changes
        self._caller, self._written = caller, self._now()
        return {fingerprint}

    def state(self) -> str:
        return self._caller.partition("|")[0]


class BrokenMemory(Memory):
    """Redis when it is down."""

    def read(self, fingerprint: str, message: str) -> Kept:
        raise StoreDown("out of order")


def begins(conversation: Conversation) -> datetime:
    assert conversation.when, f"'{conversation.title}' needs 'when': a test answers the same on any day"
    return conversation.when


def agreed_before(conversation: Conversation) -> Agreed:
    """What the caller had agreed to when the conversation begins."""
    first, *things = [part.strip() for part in conversation.reminders.split(",")]
    if " " in first:
        first, things = "", [first, *things]
    agreed = Agreed(SCOPES[first], is_blocked=first == "blocked", is_down=conversation.sql == "down")
    agreed.is_called, agreed.calls_back = first == "called", conversation.call_back
    agreed.has_adviser = bool(conversation.adviser)
    agreed.follow(loaded_for(conversation).prompts.menus.calendar)
    for thing in things:
        agreed.things.add(*thing.split())
    return agreed


def play(conversation: Conversation, valkey: str = "") -> Played:
    """Every answer as a caller gets it. AssertionError where an answer could not be sent by a carrier."""
    return _play_call(conversation) if conversation.channel == "voice" else _play_texts(conversation, valkey)


def _play_texts(conversation: Conversation, valkey: str) -> Played:
    loaded, clock, played = loaded_for(conversation), Clock(begins(conversation)), Played()
    memory = Memory(clock, conversation.remembers)
    store: CallerStore = memory
    if conversation.memory == "down":
        store = BrokenMemory(clock, "")
    elif conversation.memory == "valkey":
        connect(valkey, 5.0).flushall()
        store = CallerStore(valkey)
    folder, agreed = Folder(loaded), agreed_before(conversation)
    turns = Turns(agreed.performers(), Counters())
    texts = Texts(folder, turns, store, Counters(), KEY, clock, agreed.asked_recently)
    count = 0
    for number, step in enumerate(conversation.steps):
        assert step.does in ("writes", "receives"), f"'{conversation.title}': by SMS a person only writes"
        if number or step.at:
            clock.move(step, BETWEEN_TEXTS)
        if step.does == "receives":
            played.answers.append(_receive(folder, memory, agreed, step.what, clock.now))
            played.visit(memory.state())
            continue
        messages: tuple[str, ...] = ()
        for again in range(step.times):
            if again:
                clock.now += step.every or BETWEEN_TEXTS
            count += 1
            messages = texts.answer(Text(f"SM{count}", NUMBERS[conversation.number], step.words(again)))
            for message in messages:
                check_text(message)
            if memory.state():
                played.visit(memory.state())
        played.answers.append(f"\n{NEXT_MESSAGE}\n".join(messages) or NO_ANSWER)
    return played


def _receive(folder: Folder, memory: Memory, agreed: Agreed, what: str, now: datetime) -> str:
    """A page that is sent by the helpline itself, in the language that the caller used last."""
    page, form = _page_and_form(what)
    language, context = session.decode(memory.state()).language or "fr", Context("sms", now)
    place = resolve(folder.current().prompts, Place(page), context)
    here = Session(language=language, place=place, form=form)
    (text,) = compose(folder.current().prompts, Turn(here, (Page(place),)), context)
    check_text(text)
    agreed.receives(page, occurrence_of(form))
    Reminded(folder, memory, Counters()).remember_each([Sent("a caller", language, Place(page), now, form)])
    return text


def _page_and_form(what: str) -> tuple[str, Form]:
    """The page of a message of ours, and the date of the thing that it is about: 'appointment.wave.eve 2026-12-12'."""
    page, _, occurrence = what.partition(" ")
    return page, answered((), occurrence) if occurrence else ()


def _play_call(conversation: Conversation) -> Played:
    loaded, clock, played = loaded_for(conversation), Clock(begins(conversation)), Played()
    spoken = any(step.does == "says" for step in conversation.steps)
    agreed = agreed_before(conversation)
    calls = Calls(
        Folder(loaded),
        Turns(agreed.performers(), Counters()),
        lambda _: conversation.remembers,
        CallPaths("https://example.org"),
        KEY,
        clock,
        spoken,
        adviser=ADVISER,
        voice_number=OURS,
    )
    number = NUMBERS[conversation.number]
    twiml = _called(calls, agreed, conversation) if conversation.called else calls.begin("CA1", number)
    keys_at, silence_at = _heard(twiml, played)
    for step in conversation.steps:
        assert keys_at, f"'{conversation.title}': nothing can be done after the end of a call"
        clock.move(step, BETWEEN_KEYS)
        match step.does:
            case "presses":
                twiml = calls.go_on("CA1", keys_at, step.what, "", number)
            case "says":
                twiml = calls.go_on("CA1", keys_at, "", step.what, number)
            case "silent":
                twiml = calls.go_on("CA1", silence_at, "", "", number)
            case "other phone":
                twiml = calls.dialled("CA1", silence_at, step.what, number)
            case _:
                raise AssertionError(f"'{conversation.title}': in a call nobody writes")
        keys_at, silence_at = _heard(twiml, played)
    return played


def _called(calls: Calls, agreed: Agreed, conversation: Conversation) -> str:
    """What is heard when somebody, or a machine, picks up a call of ours."""
    page, form = _page_and_form(conversation.called)
    agreed.receives(page, occurrence_of(form))
    agreed.is_called = True
    context = Context("voice", begins(conversation))
    place = resolve(loaded_for(conversation).prompts, Place(page), context)
    here = Session(language=conversation.remembers or conversation.languages[0], place=place, form=form)
    answered_by = "machine_end_beep" if conversation.answered_by == "machine" else "human"
    return calls.ours("CA1", session.encode(here), answered_by, NUMBERS[conversation.number])


def _heard(twiml: str, played: Played) -> tuple[str, str]:
    """Note what is heard, and where keys and silence lead; nowhere after the end."""
    root = check_call_turn(twiml)
    lines = [f"{_voice(say)}: {line}" for say in root.iter("Say") for line in lines_of(say)]
    if root.find("Hangup") is not None:
        lines.append(HANGS_UP)
    dial = root.find("Dial")
    if dial is not None:
        assert (dial.get("callerId"), "".join(dial.itertext())) == (OURS, ADVISER)
        played.answers.append("\n".join([*lines, OTHER_PHONE]))
        goes_on_at = _session_in(dial.attrib["action"])
        played.visit(goes_on_at)
        return NOWHERE_TO_PRESS, goes_on_at
    played.answers.append("\n".join(lines))
    gather = root.find("Gather")
    if gather is None:
        return "", ""
    keys_at, silence_at = _session_in(gather.attrib["action"]), _session_in(root.findtext("Redirect", ""))
    played.visit(keys_at)
    return keys_at, silence_at


def _session_in(url: str) -> str:
    return urlsplit(url).path.rpartition("/")[2]


def _voice(say: ElementTree.Element) -> str:
    """The language that a voice speaks: fr for fr-FR."""
    return say.attrib["language"].partition("-")[0]
