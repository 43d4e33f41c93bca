"""Moves through the menus: what is shown next and where the caller then is. Pure functions."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from helpline.conversation.session import NOWHERE, TRAIL_LENGTH, Place, Session
from helpline.conversation.turn import (
    Again,
    Choices,
    Context,
    Effect,
    Keys,
    Languages,
    Page,
    Says,
    Turn,
    Words,
)
from helpline.menus.dates import today_in_paris, update_state
from helpline.menus.pages import Option
from helpline.menus.prompts import Prompts
from helpline.menus.shapes import LANGUAGE, MAIN_MENU

OTHER_LANGUAGE, LATE, GOODBYE = "other.language", "late", "goodbye"
# Asked in passing: who asks who we are, or for a person, wants to go on where they were.
ASIDES = frozenset({"contact", "about.us", "about.data", "about.language"})
MAIN = Place(MAIN_MENU)
LATE_AFTER = timedelta(minutes=30)


def paused(session: Session, context: Context) -> bool:
    """Whether this is the first text, or the first for so long that a digit may answer a forgotten message."""
    return abs(context.now - datetime.fromtimestamp(session.at, UTC)) > LATE_AFTER


def show(prompts: Prompts, session: Session, place: Place, context: Context) -> Turn:
    """Go to a place and show it. A computed place leads to the one of the day, an effect asks to be performed."""
    place = resolve(prompts, place, context)
    node = prompts.menus.nodes[place.node]
    if node.kind == "effect":
        return Turn(session, effect=Effect(node.effect, node.id))
    if node.id == LANGUAGE:
        return ask_language(prompts, session)
    last = len(prompts.form(place.node, session.language).pages(context.channel)) - 1
    place = Place(place.node, min(place.page, max(last, 0)))
    moved = leave(prompts, session, place)
    if node.kind == "topic" and node.id not in ASIDES and _is_resumed(prompts, node.id):
        moved = replace(moved, bookmark=place)
    return Turn(moved, (Page(place),), ends=node.kind == "end")


def _is_resumed(prompts: Prompts, node: str) -> bool:
    """Whether REPRISE leads to a place: one of the tree, and no question or answer of the moment."""
    return node in prompts.topics and node not in prompts.passing


def interrupted(prompts: Prompts, session: Session, place: Place, language: str, context: Context) -> Session:
    """The session after a message that the caller did not just ask for.

    The digits of the next text answer that message; REPRISE brings back the place before it.
    """
    before = session.place
    bookmark = session.bookmark
    if not session.choices and _is_resumed(prompts, before.node) and (before != MAIN or bookmark == NOWHERE):
        bookmark = before
    moved = leave(prompts, session, resolve(prompts, place, context))
    return replace(moved, language=language, bookmark=bookmark, at=int(context.now.timestamp()))


def resolve(prompts: Prompts, place: Place, context: Context) -> Place:
    """The place that a computed one stands for today; a case of one is computed anew."""
    nodes = prompts.menus.nodes
    chooser = prompts.choosers.get(place.node, place.node)
    for _ in range(len(nodes)):
        node = nodes[chooser]
        if node.kind != "choose":
            break
        state = update_state(prompts.menus.calendar, today_in_paris(context.now)).state
        chooser = node.cases[state]
    return place if chooser == place.node else Place(chooser)


def leave(prompts: Prompts, session: Session, place: Place) -> Session:
    """The session at another place, with the one before it on the trail if it is one to go back to.

    The main menu is the top: nothing lies before it but the choice of language.
    """
    trail = session.trail
    before = session.place
    node = prompts.menus.nodes.get(before.node)
    worth_going_back = node is not None and node.kind in ("menu", "topic") and node.id != LANGUAGE
    worth_going_back = worth_going_back and before.node not in prompts.passing
    if worth_going_back and before != place and not session.choices:
        trail = (*(step for step in trail if step != before), before)
    trail = tuple(step for step in trail if step != place)[-TRAIL_LENGTH:] if place.node != MAIN_MENU else ()
    return replace(session, place=place, choices=(), trail=trail, misses=0, silences=0)


def options_at(prompts: Prompts, session: Session, context: Context) -> tuple[Option, ...]:
    """The keys 1 to 5 that the last message offered, with their labels."""
    if session.choices:
        return _numbered(tuple(label(prompts, session, place, context) for place in session.choices))
    if session.place.node == LANGUAGE:
        return _numbered(tuple(prompts.menus.languages[code].name for code in prompts.languages))
    if session.place == NOWHERE:
        return ()
    return prompts.form(session.place.node, session.language).options(context.channel, session.place.page)


def has_next(prompts: Prompts, session: Session, context: Context) -> bool:
    if session.choices or session.place == NOWHERE or session.place.node == LANGUAGE:
        return False
    pages = prompts.form(session.place.node, session.language).pages(context.channel)
    return session.place.page < len(pages) - 1


def label(prompts: Prompts, session: Session, place: Place, context: Context) -> str:
    form = prompts.form(place.node, session.language)
    return form.label if context.channel == "sms" else form.spoken_label


def ask(prompts: Prompts, session: Session, node: str, places: tuple[Place, ...], context: Context) -> Turn:
    """A question of the program's own: the words of `node`, and places to choose from by number."""
    labels = [label(prompts, session, place, context) for place in places]
    about = places[0].node
    phrases = prompts.menus.languages[session.language].phrases
    if node == LATE:
        about = places[-1].node
        on = len(places) > 1 and places[0].node == places[1].node
        labels[0] = phrases["continue"].format(label=phrases["next"] if on else labels[0])
        if len(labels) > 1:
            labels[1] = phrases["see_again"]
    asked = replace(leave(prompts, session, Place(node)), choices=places, bookmark=session.bookmark)
    choices = Choices(_numbered(tuple(labels)), confirm=len(places) == 1 and node != LATE)
    return Turn(asked, (Words(node, about), choices))


def ask_language(prompts: Prompts, session: Session) -> Turn:
    return Turn(leave(prompts, session, Place(LANGUAGE)), (Languages(),))


def back(prompts: Prompts, session: Session, context: Context) -> Turn:
    """The message before; before the first page of the main menu stands the choice of language."""
    here = session.place
    trail = tuple(step for step in session.trail if step != here)
    if here.page and not session.choices:
        target = Place(here.node, here.page - 1)
        trail = tuple(step for step in trail if step != target)
    elif trail:
        target, trail = trail[-1], trail[:-1]
    elif here.node == MAIN_MENU:
        return ask_language(prompts, session)
    else:
        target = MAIN
    return show(prompts, replace(session, place=NOWHERE, choices=(), trail=trail), target, context)


def repeat(prompts: Prompts, session: Session, context: Context) -> Turn:
    """The last message once more."""
    if session.choices:
        return ask(prompts, session, session.place.node, session.choices, context)
    return show(prompts, session, session.place if session.place != NOWHERE else MAIN, context)


def last_said(prompts: Prompts, session: Session, context: Context) -> Turn:
    """What a session was left at, as a turn that says it again; one that says nothing where nothing was said."""
    known = session.language in prompts.languages
    spoken_to = session if known else replace(session, language=prompts.languages[0])
    return repeat(prompts, spoken_to, context) if session.place != NOWHERE else Turn(spoken_to)


def offer_again(prompts: Prompts, session: Session, words: str, context: Context, misses: int = 0) -> Turn:
    """Stay, say some words, and name the keys of this place again; those of the main menu where there are none."""
    if session.place == NOWHERE or prompts.menus.nodes[session.place.node].kind == "end":
        session = leave(prompts, session, MAIN)
    session = replace(session, misses=misses, silences=0)
    if session.place.node == LANGUAGE:
        known = () if context.channel == "voice" else (Words(words),)  # of a call no language is known yet
        return Turn(session, (*known, Languages()))
    if session.choices:
        asked = ask(prompts, session, session.place.node, session.choices, context)
        return Turn(session, (Words(words), asked.says[-1]))
    if is_by_keys(prompts, session):  # whoever agrees has just seen to what
        return Turn(session, (Words(words), Page(session.place)))
    return Turn(session, (Words(words), Keys(session.place)))


def is_by_keys(prompts: Prompts, session: Session) -> bool:
    """Whether the last message is a page whose answer only counts as a key or a plain yes."""
    node = prompts.menus.nodes.get(session.place.node)
    return node is not None and node.by == "keys" and not session.choices


def say_again(prompts: Prompts, session: Session, context: Context) -> tuple[Says, ...]:
    """The last prompt in simpler words, after a silence."""
    if session.choices:
        return ask(prompts, session, session.place.node, session.choices, context).says
    if session.place.node == LANGUAGE:
        return (Languages(),)
    return (Again(session.place),)


def _numbered(labels: tuple[str, ...]) -> tuple[Option, ...]:
    return tuple(Option(str(number), text) for number, text in enumerate(labels, start=1))
