"""Moves through the menus: what is shown next and where the caller then is. Pure functions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from helpline.conversation.answered_reminder import answered_reminder
from helpline.conversation.changed import changed
from helpline.conversation.forms import Form
from helpline.conversation.items import read_item
from helpline.conversation.questions import (
    forgetting,
    in_time,
    kind_at,
    only_of,
    settled,
)
from helpline.conversation.session import NOWHERE, TRAIL_LENGTH, Place, Session
from helpline.conversation.turn import (
    Context,
    Effect,
    Languages,
    Page,
    Turn,
)
from helpline.menus.dated_places import kind_of_place
from helpline.menus.dates import today_in_paris, update_state
from helpline.menus.prompts import Prompts
from helpline.menus.shapes import LANGUAGE, MAIN_MENU

OTHER_LANGUAGE, GOODBYE = "other.language", "goodbye"
# Asked in passing: who asks who we are, or for a person, wants to go on where they were.
ASIDES = frozenset({"contact", "about.us", "about.data", "about.language"})
MAIN = Place(MAIN_MENU)
IS_DONE = "done"  # the effect that is about the reminder that is answered
LATE_AFTER = timedelta(minutes=30)


def paused(session: Session, context: Context) -> bool:
    """Whether this is the first text, or the first for so long that a digit may answer a forgotten message."""
    return abs(context.now - datetime.fromtimestamp(session.at, UTC)) > LATE_AFTER


def show(prompts: Prompts, session: Session, place: Place, context: Context) -> Turn:
    """Go to a place and show it. A computed place leads to the one of the day, an effect asks to be performed."""
    session, place = settled(prompts, session, resolve(prompts, place, context))
    place = in_time(prompts, session, place, context.now, context.channel)
    node = prompts.menus.nodes[place.node]
    if node.kind == "effect":
        return Turn(session, effect=_effect(prompts, session, place, context))
    if node.id == LANGUAGE:
        return ask_language(prompts, session)
    last = len(prompts.form(place.node, session.language).pages(context.channel)) - 1
    place = changed(place, page=min(place.page, max(last, 0)))
    moved = leave(prompts, session, place)
    if node.kind == "topic" and node.id not in ASIDES and is_resumed(prompts, node.id):
        moved = changed(moved, bookmark=place)
    return Turn(moved, (Page(place),), ends=node.kind == "end")


def _effect(prompts: Prompts, session: Session, place: Place, context: Context) -> Effect:
    """What a place asks to be done. What the caller answered belongs to it where they are at a place of its kind."""
    node = prompts.menus.nodes[place.node]
    if node.effect == IS_DONE:
        of, form = answered_reminder(prompts, session, context.channel, paused(session, context))
        return Effect(node.effect, node.id, of=of, form=form)
    item = read_item(place.item)
    at = kind_at(prompts, session.place)
    of = node.of or kind_of_place(prompts.menus, node.id) or (at.name if at else "")
    return Effect(
        node.effect,
        node.id,
        of=of,
        form=session.form if of and (at is None or at.name == of) else (),
        item=item.key if item else place.item,
    )


def is_resumed(prompts: Prompts, node: str) -> bool:
    """Whether REPRISE leads to a place: one of the tree, and no question or answer of the moment."""
    return node in prompts.topics and node not in prompts.passing


def interrupted(
    prompts: Prompts, session: Session, place: Place, language: str, context: Context, form: Form = ()
) -> Session:
    """The session after a message that the caller did not just ask for. `form` is what that message is about.

    The digits of the next text answer that message; REPRISE brings back the place before it.
    """
    before = session.place
    bookmark = session.bookmark
    if not session.choices and is_resumed(prompts, before.node) and (before != MAIN or bookmark == NOWHERE):
        bookmark = before
    place = resolve(prompts, place, context)
    kind = kind_at(prompts, place)
    if kind:
        session = only_of(prompts, session, kind)
        bookmark = bookmark if (kind_at(prompts, bookmark) or kind) is kind else NOWHERE
    moved = leave(prompts, session, place)
    if kind:
        moved = changed(moved, form=form)
    return changed(moved, language=language, bookmark=bookmark, at=int(context.now.timestamp()))


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
    return forgetting(prompts, changed(session, place=place, choices=(), trail=trail, misses=0, silences=0))


def ask_language(prompts: Prompts, session: Session) -> Turn:
    return Turn(leave(prompts, session, Place(LANGUAGE)), (Languages(),))
