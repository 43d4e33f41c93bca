"""The words of a message of ours, made when it goes out: so that edited prompts and the day's dates are in it."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping
from datetime import datetime

from helpline.consent.asked_pages import page_of
from helpline.consent.consent import KIND
from helpline.consent.kinds import is_dated
from helpline.conversation.moves import MAIN, resolve
from helpline.conversation.session import Place
from helpline.conversation.turn import Context
from helpline.menus import gsm7
from helpline.menus.dates import date_values, dated_values
from helpline.menus.pages import placeholders, put
from helpline.menus.prompts import Prompts
from helpline.menus.shapes import Channel

Form = tuple[tuple[str, str], ...]

_NODES = {
    ("welcome", "all"): "remind.welcome",
    ("welcome", "last"): "remind.welcome.last",
    ("stopped", ""): "stop.sent",
    ("keep", ""): "keep.ask",
    ("invite", ""): "invite.ask",
}
ANSWERS = tuple(_NODES)  # all but the reminders themselves, and what a caller asked for, by kind and wave


class NoWords(Exception):
    """A message cannot be put into words: what is missing or too long in the prompts, by the name of the place."""


def place_of(kind: str, wave: str, occurrence: str, channel: Channel = "sms") -> Place:
    """The place in the prompts that holds the words of a message; NoWords where there can be none.

    A welcome has a place for what was chosen, or for the kind of thing that was noted. A page that was asked for is
    named in the occurrence. A call back begins where every call does.
    """
    if kind == KIND:
        return Place(f"call.{wave}" if channel == "voice" else f"wave.{wave}")
    if kind == "call_back":
        return MAIN
    if kind == "page":
        asked = page_of(occurrence)
        if asked is None:
            raise NoWords("a message remembers no page")
        return asked
    if is_dated(kind):
        return Place(f"{kind}.call.{wave}" if channel == "voice" else f"{kind}.wave.{wave}")
    node = _NODES.get((kind, wave))
    if node is None and kind == "welcome" and wave:
        node = f"{wave}.welcome"
    if node is None:
        raise NoWords(f"there are no words for messages of kind {kind!r}, {wave!r}")
    return Place(node)


def form_of(kind: str, wave: str, occurrence: str) -> Form:
    """What a message is about that has a date of its own, as a session has it: its day, and its time."""
    _, thing = _thing_of(kind, wave, occurrence)
    day, _, clock = thing.partition("T")
    return tuple((name, answer) for name, answer in (("day", day), ("time", clock)) if answer)


def said(
    prompts: Prompts, kind: str, wave: str, occurrence: str, language: str, now: datetime, channel: Channel
) -> tuple[str, Place, Form]:
    """The text, the place that it stands for, and its form: a caller's answer is read against them. NoWords if none.

    A call has no text: what is said is made of the place when it is answered. A language that the line no longer
    speaks gives way to its first one.
    """
    language = language if language in prompts.menus.languages else prompts.languages[0]
    wanted = place_of(kind, wave, occurrence, channel)
    if wanted.node not in prompts.menus.nodes:
        raise NoWords(f"prompts/ has no place {wanted.node}")
    place = resolve(prompts, wanted, Context(channel, now))
    prepared = prompts.forms.get((place.node, language))
    pages = () if prepared is None else prepared.voice if channel == "voice" else prepared.sms
    if kind != "call_back" and place.page >= len(pages):
        raise NoWords(f"{place.node} has no {'words for calls' if channel == 'voice' else 'text'} in {language}")
    form = form_of(kind, wave, occurrence)
    if channel == "voice" or prepared is None:
        return "", place, form
    values = _values(prompts, *_thing_of(kind, wave, occurrence), language, now)
    text = gsm7.to_gsm7(put(prepared.sms[place.page].text, values))
    if not text.strip() or gsm7.septets(text) > gsm7.TWO_SEGMENTS or placeholders(text):
        raise NoWords(f"{place.node} in {language} is empty, longer than two messages, or has a gap left open")
    return text, place, form


def words(
    prompts: Prompts, kind: str, wave: str, language: str, now: datetime, occurrence: str = ""
) -> tuple[str, Place]:
    """`said` of a text, without its form."""
    text, place, _ = said(prompts, kind, wave, occurrence, language, now, "sms")
    return text, place


def _thing_of(kind: str, wave: str, occurrence: str) -> tuple[str, str]:
    """The dated kind and the date that a message is about; nothing where it is about neither."""
    if is_dated(kind):
        return kind, occurrence
    if kind == "welcome" and (kind, wave) not in _NODES:
        return wave, occurrence.partition("@")[0]
    return "", ""


def _values(prompts: Prompts, kind: str, thing: str, language: str, now: datetime) -> Mapping[str, str]:
    calendar, locale = prompts.menus.calendar, prompts.menus.languages[language].locale
    usual = date_values(calendar, now, locale)
    if not kind:
        return usual
    return ChainMap(dict(dated_values(calendar, kind, thing, now, locale)), dict(usual))
