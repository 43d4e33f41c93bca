"""The words of a message of ours, made when it goes out: so that edited prompts and the day's dates are in it."""

from __future__ import annotations

from datetime import datetime

from helpline.conversation.moves import resolve
from helpline.conversation.session import Place
from helpline.conversation.turn import Context
from helpline.menus import gsm7
from helpline.menus.dates import date_values
from helpline.menus.pages import placeholders, put
from helpline.menus.prompts import Prompts

_NODES = {
    ("welcome", "all"): "remind.welcome",
    ("welcome", "last"): "remind.welcome.last",
    ("stopped", ""): "stop.sent",
    ("keep", ""): "keep.ask",
}
ANSWERS = tuple(_NODES)  # all but the reminders themselves, by kind and wave


class NoWords(Exception):
    """A message cannot be put into words: what is missing or too long in the prompts, by the name of the place."""


def node_of(kind: str, wave: str) -> str:
    """The place in the prompts that holds the words of a kind of message; a welcome has two, by what was chosen."""
    if kind == "update":
        return f"wave.{wave}"
    try:
        return _NODES[kind, wave]
    except KeyError:
        raise NoWords(f"there are no words for messages of kind {kind!r}, {wave!r}") from None


def words(prompts: Prompts, kind: str, wave: str, language: str, now: datetime) -> tuple[str, Place]:
    """The text, and the place that it stands for: a caller's answer is read against it. NoWords if there is none.

    A language that the line no longer speaks gives way to its first one.
    """
    language = language if language in prompts.menus.languages else prompts.languages[0]
    node = node_of(kind, wave)
    if node not in prompts.menus.nodes:
        raise NoWords(f"prompts/ has no place {node}")
    place = resolve(prompts, Place(node), Context("sms", now))
    form = prompts.forms.get((place.node, language))
    if form is None or not form.sms:
        raise NoWords(f"{place.node} has no text in {language}")
    values = date_values(prompts.menus.calendar, now, prompts.menus.languages[language].locale)
    text = gsm7.to_gsm7(put(form.sms[0].text, values))
    if not text.strip() or gsm7.septets(text) > gsm7.TWO_SEGMENTS or placeholders(text):
        raise NoWords(f"{place.node} in {language} is empty, longer than two messages, or has a gap left open")
    return text, place
