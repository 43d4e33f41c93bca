"""Questions for a day, a time, or both: what is open, what was answered, and whose answers they are. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping
from datetime import datetime
from functools import lru_cache

from helpline.conversation.changed import changed
from helpline.conversation.forms import answered, answers_in, occurrence_of, unpacked
from helpline.conversation.session import NOWHERE, Place, Session
from helpline.conversation.when import Asked
from helpline.menus.dated import waves_left
from helpline.menus.dated_places import kind_of_place, note_of, question_of, sure_of
from helpline.menus.dates import DATED_PLACEHOLDERS, dated_values
from helpline.menus.pages import placeholders
from helpline.menus.prompts import Prompts
from helpline.menus.shapes import Channel, DatedKind

_DAY_AND_MONTH, _WITH_YEAR, _CLOCK = 4, 6, 4  # keys
ONE_KEY = 1
_TO_SEND = re.compile(r"\b[^\W\d_a-z]{3,}\b")
_ASKED: Mapping[str, Asked] = {"day": "day", "time": "time", "moment": "moment"}


def kind_at(prompts: Prompts, place: Place) -> DatedKind | None:
    """The dated kind that a place is of: by its name, or by `of`."""
    kinds = prompts.menus.calendar.kinds
    node = prompts.menus.nodes.get(place.node)
    return kinds.get(kind_of_place(prompts.menus, place.node) or (node.of if node else ""))


def asked_at(prompts: Prompts, session: Session) -> Asked | None:
    """What the last message asked for that is no choice, if anything."""
    node = prompts.menus.nodes.get(session.place.node)
    return _ASKED.get(node.ask) if node else None


def read_back_at(prompts: Prompts, session: Session) -> str:
    """The dated kind of which the last message read something back, if it did."""
    kind = kind_at(prompts, session.place)
    return kind.name if kind and session.place.node == sure_of(kind.name) else ""


def date_meant_at(prompts: Prompts, session: Session) -> str:
    """The dated kind that a date alone is of: the one that was just read back, or whose date the last page invites.

    A page does so by a choice, or by the word to send with the date: "Écrivez RDV et la date". A question which of
    several places was meant does so where one of them would.
    """
    if asked_at(prompts, session):
        return ""
    shown = [place.node for place in session.choices] or [session.place.node]
    invited = {kind for name in shown for kind in _invited(prompts, session, name)}
    return read_back_at(prompts, session) or (invited.pop() if len(invited) == 1 else "")


def _invited(prompts: Prompts, session: Session, name: str) -> list[str]:
    """The kinds whose date the page of a place asks for, or leads to the question for."""
    nodes, kinds = prompts.menus.nodes, prompts.menus.calendar.kinds
    node = nodes.get(name)
    if node is None:
        return []
    wording = node.wordings.get(session.language)
    words = _words_to_send(wording.pages, wording.voice) if wording else frozenset()
    return [
        kind
        for kind in kinds
        if kind == name
        or kind in node.options
        or (
            words
            and kind in nodes
            and any(not words.isdisjoint(_plain(e.dated)) for e in nodes[kind].wordings.values())
        )
    ]


@lru_cache(maxsize=1024)
def _words_to_send(pages: tuple[str, ...], voice: tuple[str, ...]) -> frozenset[str]:
    return _plain(tuple(word for page in pages + voice for word in _TO_SEND.findall(page)))


@lru_cache(maxsize=1024)
def _plain(words: tuple[str, ...]) -> frozenset[str]:
    return frozenset(word.casefold() for word in words)


def without_own_dates(prompts: Prompts, session: Session) -> Session:
    """The session for showing, for the record, what a caller answers: with no date of theirs in it."""
    if any(place.item for place in session.choices):
        return changed(session, choices=(), form=(), place=Place(session.place.node))
    return changed(session, form=(), place=changed(session.place, item=""))


def is_question(prompts: Prompts, session: Session) -> bool:
    """Whether the last message asked for a day or a time; not where it then offered some to choose from."""
    node = prompts.menus.nodes.get(session.place.node)
    return node is not None and bool(node.ask) and not session.choices


def is_by_keys(prompts: Prompts, session: Session) -> bool:
    """Whether the last message is a page whose answer only counts as a key or a plain yes."""
    node = prompts.menus.nodes.get(session.place.node)
    return node is not None and node.by == "keys" and not session.choices


def keys_wanted(prompts: Prompts, session: Session) -> int:
    """How many keys of a call answer the last prompt: the digits of a day or a time, else one."""
    if not is_question(prompts, session):
        return ONE_KEY
    if prompts.menus.nodes[session.place.node].ask == "time":
        return _CLOCK
    kind = kind_at(prompts, session.place)
    return _WITH_YEAR if kind and kind.asks == "day" else _DAY_AND_MONTH


def settled(prompts: Prompts, session: Session, place: Place) -> tuple[Session, Place]:
    """Where a place leads: an answer to the question after it, and what needs answers to the first that is open."""
    kind = kind_at(prompts, place)
    if kind is None:
        return session, place
    nodes = prompts.menus.nodes
    session = only_of(prompts, session, kind)
    if nodes[place.node].ask and place.item:
        answer = unpacked(place.item)
        session = changed(session, form=answered(session.form, answer))
        place = _after(prompts, Place(nodes[place.node].next), answers_in(answer))
    return session, _open(prompts, session, place, kind)


def open_question(session: Session, kind: DatedKind) -> str:
    """The first question that is not answered yet; empty if none is."""
    told = dict(session.form)
    for asked in ("day", "time") if kind.asks == "moment" else ("day",):
        if not told.get(asked):
            return question_of(kind.name, asked)
    return ""


def in_time(prompts: Prompts, session: Session, place: Place, now: datetime, channel: Channel) -> Place:
    """A place, or instead of reading back what no reminder can go for any more, the page that says so.

    Who calls may have forged the number: what is noted in a call is never reminded of at once.
    """
    kind = kind_at(prompts, place)
    if kind is None or place.node != sure_of(kind.name) or open_question(session, kind):
        return place
    if waves_left(prompts.menus.calendar, kind.name, occurrence_of(session.form), now, at_once=channel == "sms"):
        return place
    late = prompts.menus.nodes[note_of(kind.name)].outcomes.get("too_late", "")
    return Place(late) if late in prompts.menus.nodes else place


def answerable(prompts: Prompts, session: Session, place: Place) -> Place:
    """A place, or where its words name a date that nobody told, the question for that."""
    kind = kind_at(prompts, place)
    if kind is None or not _names_a_date(prompts, place):
        return place
    missing = open_question(session, kind)
    if missing == place.node or missing not in prompts.menus.nodes:
        return place
    return Place(missing)


def only_of(prompts: Prompts, session: Session, kind: DatedKind) -> Session:
    """The session on its way to a place of a kind: answers about another kind, and ways back to it, are left behind.

    So the form is always about the one kind of which the place, the trail, or the bookmark is.
    """
    others = {found.name for found in _kinds(prompts, session)} - {kind.name}
    if not others:
        return session

    def stays(step: Place) -> bool:
        found = kind_at(prompts, step)
        return found is None or found.name == kind.name

    return changed(
        session,
        place=session.place if stays(session.place) else NOWHERE,
        choices=session.choices if stays(session.place) else (),
        trail=tuple(step for step in session.trail if stays(step)),
        bookmark=session.bookmark if stays(session.bookmark) else NOWHERE,
        form=(),
    )


def forgetting(prompts: Prompts, session: Session) -> Session:
    """The session without its answers, if nothing of it is about them any more."""
    return changed(session, form=()) if session.form and not _kinds(prompts, session) else session


def question_before(prompts: Prompts, place: Place) -> Place | None:
    """The question that leads to a place."""
    return next((Place(node.id) for node in prompts.menus.nodes.values() if node.ask and node.next == place.node), None)


def values_at(prompts: Prompts, session: Session, now: datetime, locale: str) -> Mapping[str, str]:
    """The words for what the caller answered, in the places of its kind; none elsewhere."""
    kind = kind_at(prompts, session.place)
    if kind is None or not session.form:
        return {}
    told = tuple(pair for pair in session.form if kind.asks == "moment" or pair[0] != "time")
    return dated_values(prompts.menus.calendar, kind.name, occurrence_of(told), now, locale)


def _kinds(prompts: Prompts, session: Session) -> list[DatedKind]:
    found = (kind_at(prompts, step) for step in (session.place, *session.trail, session.bookmark))
    return [kind for kind in found if kind]


def _names_a_date(prompts: Prompts, place: Place) -> bool:
    wordings = prompts.menus.nodes[place.node].wordings.values()
    pages = (page for wording in wordings for page in (*wording.pages, *wording.voice, wording.again))
    return any(name in DATED_PLACEHOLDERS for page in pages for name in placeholders(page))


def _after(prompts: Prompts, place: Place, told: Container[str]) -> Place:
    """The place after a question, past further questions that were answered with it."""
    nodes = prompts.menus.nodes
    for _ in range(len(nodes)):
        node = nodes[place.node]
        if not node.ask or node.ask not in told:
            break
        place = Place(node.next)
    return place


def _open(prompts: Prompts, session: Session, place: Place, kind: DatedKind) -> Place:
    needs = (sure_of(kind.name), note_of(kind.name), question_of(kind.name, "time"))
    if place.node not in needs:
        return place
    missing = open_question(session, kind)
    return Place(missing) if missing and missing in prompts.menus.nodes else place
