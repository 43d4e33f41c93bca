"""The answer to each kind of thing that a caller may say, do, or leave undone. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence

from helpline.conversation.again import back, offer_again, repeat, say_again
from helpline.conversation.agreement import agreement, beginning_with
from helpline.conversation.answering import answer_to, dated, not_answered
from helpline.conversation.changed import changed
from helpline.conversation.choices import CONFIRM, ask
from helpline.conversation.heard import Heard
from helpline.conversation.moves import GOODBYE, MAIN, OTHER_LANGUAGE, ask_language, show
from helpline.conversation.pressed import (
    CALL_ME,
    CONTACT,
    DONE,
    MOST_MISSES,
    NO_CALL,
    NOBODY_THERE,
    TALK,
    TALKED,
    chosen_language,
    is_over,
    menu,
    perform_or_confirm,
    press,
)
from helpline.conversation.questions import is_question
from helpline.conversation.session import DANGER_SAID, NOWHERE, Place, Session
from helpline.conversation.turn import Context, InEachLanguage, Turn
from helpline.menus.prompts import Prompts
from helpline.menus.shapes import LANGUAGE

MOST_CHOICES = 4
MOST_SILENCES = 2
# The places that words which work anywhere lead to, where something is done by them.
STOP, START, NOT_ME, DATA, ERASE = Place("stop"), Place("start"), Place("not.me"), Place("data"), Place("erase.ask")


def reply(prompts: Prompts, session: Session, heard: Heard, context: Context) -> Turn:
    """The answer to each kind of thing that a caller may say, do, or leave undone. Pure."""
    answered = agreement(prompts, session, heard, context)
    return answered or _reply(prompts, session, heard, context)


def _reply(prompts: Prompts, session: Session, heard: Heard, context: Context) -> Turn:
    match heard.kind:
        case "danger":
            return _danger(prompts, session, heard, context)
        case "secret":
            return _secret(prompts, session, heard, context)
        case "key":
            return press(prompts, session, heard.values, context)
        case "command":
            return _command(prompts, session, heard.values[0], context)
        case "language":
            return chosen_language(prompts, session, heard.language, context)
        case "answer":
            return answer_to(prompts, session, heard, context)
        case "dated":
            return dated(prompts, session, heard, context)
        case "topics":
            return _topics(prompts, session, heard.values, context)
        case "yes" | "no":
            return _yes_or_no(prompts, session, heard.kind, context)
        case "unsure" if is_question(prompts, session):
            return not_answered(prompts, session, context)
        case "unsure":
            return offer_again(prompts, session, "unsure", context)
        case "thanks":
            return _thanks(prompts, session, context)
        case "other_script":
            return show(prompts, session, Place(OTHER_LANGUAGE), context)
        case "empty":
            return offer_again(prompts, session, "no.words", context)
        case "silence":
            return _silence(prompts, session, context)
        case "unanswered":
            return show(prompts, session, NOBODY_THERE, context)
        case "talked":
            return show(prompts, session, TALKED, context)
        case _:
            return _missed(prompts, session, context)


def _danger(prompts: Prompts, session: Session, heard: Heard, context: Context) -> Turn:
    if not session.has_said(DANGER_SAID):
        turn = show(prompts, session.saying(DANGER_SAID), Place("danger"), context)
        return _offering(prompts, turn, heard.values, context)
    if heard.values:
        return _topics(prompts, session, heard.values, context)
    return show(prompts, session, Place("danger.again"), context)


def _secret(prompts: Prompts, session: Session, heard: Heard, context: Context) -> Turn:
    kind, *topics = heard.values
    warning = prompts.menus.nodes[f"secret.{kind}"]
    turn = show(prompts, session, Place(warning.id), context)
    more = [topic for topic in topics if topic not in warning.options]
    return _offering(prompts, turn, (*warning.options, *more), context) if more else turn


def _offering(prompts: Prompts, turn: Turn, topics: Sequence[str], context: Context) -> Turn:
    """The turn, whose words come first, with what else was heard to choose from."""
    places = tuple(Place(topic) for topic in dict.fromkeys(topics) if topic in prompts.menus.nodes)[:MOST_CHOICES]
    if not places:
        return turn
    return ask(prompts, turn.session, turn.session.place.node, places, context)


def _command(prompts: Prompts, session: Session, command: str, context: Context) -> Turn:
    match command:
        case "stop":
            return show(prompts, session, STOP, context)
        case "start":
            return show(prompts, session, START, context)
        case "done":
            return perform_or_confirm(prompts, session, DONE, context)
        case "not_me":
            return perform_or_confirm(prompts, session, NOT_ME, context)
        case "call_me":
            return _call_me(prompts, session, context)
        case "talk":
            return perform_or_confirm(prompts, session, TALK, context)
        case "no_call":
            return perform_or_confirm(prompts, session, NO_CALL, context)
        case "data":
            return show(prompts, session, DATA, context)
        case "erase":
            return show(prompts, session, ERASE, context)
        case "menu":
            return menu(prompts, session, context)
        case "home":
            return show(prompts, session, MAIN, context)
        case "next":
            return press(prompts, session, ("6",), context)
        case "repeat":
            return repeat(prompts, session, context)
        case "back":
            return back(prompts, session, context)
        case "language":
            return ask_language(prompts, session)
        case "resume":
            return _resume(prompts, session, context)
        case "help" if session.place == NOWHERE:
            return show(prompts, session, MAIN, context)
        case _:
            return show(prompts, session, Place("help"), context)


def _call_me(prompts: Prompts, session: Session, context: Context) -> Turn:
    """Who texts APPEL is called back; who says it in a call wants a person."""
    return show(prompts, session, CALL_ME if context.channel == "sms" else CONTACT, context)


def _resume(prompts: Prompts, session: Session, context: Context) -> Turn:
    """Back to the last topic, or where there was none to the last menu."""
    if session.bookmark != NOWHERE:
        return show(prompts, session, session.bookmark, context)
    before = [step for step in session.trail if step.node in prompts.topics]
    if before:
        return show(prompts, session, before[-1], context)
    return offer_again(prompts, session, "nothing.saved", context)


def _topics(prompts: Prompts, session: Session, topics: tuple[str, ...], context: Context) -> Turn:
    """What was heard: shown if it is one thing, asked back if several; asked first if it was only spoken."""
    places = tuple(Place(topic) for topic in topics if topic in prompts.menus.nodes)[:MOST_CHOICES]
    if not places:
        return _missed(prompts, session, context)
    if len(places) > 1:
        return ask(prompts, session, "which", places, context)
    if context.spoken:
        return ask(prompts, session, CONFIRM, places, context)
    return show(prompts, session, places[0], context)


def _yes_or_no(prompts: Prompts, session: Session, word: str, context: Context) -> Turn:
    """Yes or no, where the last message offers an answer that begins so, or only one thing."""
    if session.choices and len(session.choices) == 1 and _is_yes_enough(session):
        return show(prompts, session, session.choices[0] if word == "yes" else MAIN, context)
    option = beginning_with(prompts, session, word, context)
    if option:
        return press(prompts, session, (option.key,), context)
    if word == "no":
        return _thanks(prompts, session, context)
    return offer_again(prompts, session, "unsure", context)


def _is_yes_enough(session: Session) -> bool:
    """A yes alone ends nothing that somebody is reminded of, unless that was the question."""
    return not session.choices[0].item or session.place.node == CONFIRM


def _thanks(prompts: Prompts, session: Session, context: Context) -> Turn:
    """A kind end; after an end, thanks restart nothing."""
    if is_over(prompts, session):
        return Turn(session)
    return show(prompts, session, Place(GOODBYE), context)


def _silence(prompts: Prompts, session: Session, context: Context) -> Turn:
    """Nothing typed or said in a call: twice in simpler words, then a kind end."""
    if session.silences >= MOST_SILENCES:
        turn = show(prompts, session, Place("silence"), context)
        return changed(turn, says=(InEachLanguage("silence"),)) if session.place.node == LANGUAGE else turn
    if session.place == NOWHERE:
        session = changed(session, place=MAIN)
    session = changed(session, silences=session.silences + 1)
    return Turn(session, say_again(prompts, session, context))


def _missed(prompts: Prompts, session: Session, context: Context) -> Turn:
    """Not understood: an apology and the choices; the second time a person to talk to."""
    misses = session.misses + 1
    if misses < MOST_MISSES:
        return offer_again(prompts, session, "sorry", context, misses=misses)
    turn = show(prompts, session, Place("sorry.again"), context)
    return changed(turn, session=changed(turn.session, misses=misses))
