"""Staying, or going back: the message before, the same one again, its keys once more. Pure functions."""

from __future__ import annotations

from helpline.conversation.changed import changed
from helpline.conversation.choices import ask
from helpline.conversation.moves import MAIN, ask_language, leave, show
from helpline.conversation.questions import is_by_keys, is_question, kind_at, question_before
from helpline.conversation.session import NOWHERE, Place, Session
from helpline.conversation.turn import Again, Context, Keys, Languages, Page, Says, Turn, Words
from helpline.menus.prompts import Prompts
from helpline.menus.shapes import LANGUAGE, MAIN_MENU


def back(prompts: Prompts, session: Session, context: Context) -> Turn:
    """The message before; before the first page of the main menu stands the choice of language."""
    here = session.place
    trail = tuple(step for step in session.trail if step != here)
    if session.choices and here.page:
        return ask(prompts, session, here.node, session.choices, context, here.page - 1)
    question = _question_before(prompts, session)
    if question:
        target = question
    elif here.page and not session.choices:
        target = Place(here.node, here.page - 1)
        trail = tuple(step for step in trail if step != target)
    elif trail:
        target, trail = trail[-1], trail[:-1]
    elif here.node == MAIN_MENU:
        return ask_language(prompts, session)
    else:
        target = MAIN
    return show(prompts, changed(session, place=NOWHERE, choices=(), trail=trail), target, context)


def _question_before(prompts: Prompts, session: Session) -> Place | None:
    """The question that was answered last; the same one without the answers that it offered."""
    here = session.place
    if session.choices:
        return Place(here.node) if prompts.menus.nodes[here.node].ask else None
    return None if here.page else question_before(prompts, here)


def repeat(prompts: Prompts, session: Session, context: Context) -> Turn:
    """The last message once more."""
    if session.choices:
        return ask(prompts, session, session.place.node, session.choices, context, session.place.page)
    return show(prompts, session, session.place if session.place != NOWHERE else MAIN, context)


def last_said(prompts: Prompts, session: Session, context: Context) -> Turn:
    """What a session was left at, as a turn that says it again; one that says nothing where nothing was said."""
    known = session.language in prompts.languages
    spoken_to = session if known else changed(session, language=prompts.languages[0])
    if not session.choices and kind_at(prompts, session.place):
        return Turn(spoken_to, (Page(session.place),))  # as it stands, whatever was answered
    return repeat(prompts, spoken_to, context) if session.place != NOWHERE else Turn(spoken_to)


def offer_again(prompts: Prompts, session: Session, words: str, context: Context, misses: int = 0) -> Turn:
    """Stay, say some words, and name the keys of this place again; those of the main menu where there are none."""
    if session.place == NOWHERE or prompts.menus.nodes[session.place.node].kind == "end":
        session = leave(prompts, session, MAIN)
    session = changed(session, misses=misses, silences=0)
    if session.place.node == LANGUAGE:
        known = () if context.channel == "voice" else (Words(words),)  # of a call no language is known yet
        return Turn(session, (*known, Languages()))
    if session.choices:
        asked = ask(prompts, session, session.place.node, session.choices, context, session.place.page)
        return Turn(session, (Words(words), asked.says[-1]))
    if is_by_keys(prompts, session) or is_question(prompts, session):  # whoever agrees has just seen to what
        return Turn(session, (Words(words), Page(session.place)))
    return Turn(session, (Words(words), Keys(session.place)))


def say_again(prompts: Prompts, session: Session, context: Context) -> tuple[Says, ...]:
    """The last prompt in simpler words, after a silence."""
    if session.choices:
        return ask(prompts, session, session.place.node, session.choices, context, session.place.page).says
    if session.place.node == LANGUAGE:
        return (Languages(),)
    return (Again(session.place),)
