"""The things that a caller is reminded of, to choose among: how one stands in a place, and how it is called.

A place holds all that its label needs, so that a list can be shown again without looking anything up.
"""

from __future__ import annotations

from datetime import datetime, time

from helpline.conversation.forms import packed, unpacked
from helpline.conversation.session import Session
from helpline.conversation.turn import Item
from helpline.menus.dated_words import day_in_words, read_occurrence, short_day, time_in_words
from helpline.menus.dates import today_in_paris
from helpline.menus.prompts import Prompts
from helpline.menus.shapes import Channel

# Where each effect that ends with several things leads to, once one of them is chosen.
CHOSEN = {"look_up_reminders": "remind.end", "done": "done.item"}
_UPDATE = "remind"  # the place whose label names the monthly update


def as_text(item: Item) -> str:
    """An item as it stands in a place: "12.appointment.202612121430"."""
    return f"{item.key}.{item.kind}.{packed(item.occurrence)}"


def read_item(text: str) -> Item | None:
    """The way back; None for what is no item."""
    key, first, rest = text.partition(".")
    kind, second, date = rest.partition(".")
    return Item(key, kind, unpacked(date)) if key.isdecimal() and kind and first and second else None


def name_of(prompts: Prompts, item: Item, language: str, channel: Channel, now: datetime) -> str:
    """What an item is called: "Rendez-vous, 12/12 14 h 30", and for the ear with the day in words."""
    place = item.kind if item.kind in prompts.menus.calendar.kinds else _UPDATE
    form = prompts.forms.get((place, language))
    label = (form.label if channel == "sms" else form.spoken_label) if form else item.kind
    when = date_of(item.occurrence, prompts.menus.languages[language].locale, channel, now)
    if not when or place == _UPDATE:
        return label
    return f"{label} {when}" if channel == "sms" else f"{label}, {when}"


def named_at(prompts: Prompts, session: Session, channel: Channel, now: datetime) -> str:
    """How the thing is called that the last message is about; without one by the message's own label."""
    item = read_item(session.place.item)
    if item:
        return name_of(prompts, item, session.language, channel, now)
    form = prompts.forms.get((session.place.node, session.language))
    return (form.label if channel == "sms" else form.spoken_label) if form else ""


def answer_in_words(answer: str, locale: str, now: datetime) -> str:
    """An answer that may be meant, to choose among others: "samedi 12 décembre, 14 h 30", or "14 h 30" alone."""
    if "-" in answer:
        return date_of(answer, locale, "voice", now)
    try:
        return time_in_words(time.fromisoformat(answer), locale)
    except ValueError:
        return answer


def date_of(occurrence: str, locale: str, channel: Channel, now: datetime) -> str:
    """A date as it stands in a list: "12/12 14 h 30"; for the ear "samedi 12 décembre, 14 h 30"."""
    thing = read_occurrence(occurrence)
    if thing is None:
        return ""
    today = today_in_paris(now)
    day = short_day(thing, today) if channel == "sms" else day_in_words(thing, today, locale)
    if thing.clock is None:
        return day
    return f"{day}{' ' if channel == 'sms' else ', '}{time_in_words(thing.clock, locale)}"
