"""What a key does, the same on both channels: 1 to 5 choose, 6 next page, 7 it is done, 9 repeat, 0 menu, * back.

In a call, 8 on a page of the tree: to get it as a text.
"""

from __future__ import annotations

from helpline.conversation.again import back, offer_again, repeat
from helpline.conversation.changed import changed
from helpline.conversation.choices import CONFIRM, LATE, ask, choices_shown, has_next, options_at
from helpline.conversation.moves import MAIN, OTHER_LANGUAGE, ask_language, paused, show
from helpline.conversation.session import NOWHERE, Place, Session
from helpline.conversation.turn import Context, Turn, Words
from helpline.menus.prompts import Prompts
from helpline.menus.sendable import is_sendable
from helpline.menus.shapes import LANGUAGE

MOST_MISSES = 2  # the second time in a row, a person is named
CONTACT, DONE, CALL_ME = Place("contact"), Place("done"), Place("call.me")
TALK, NOBODY_THERE, TALKED, NO_CALL = Place("talk"), Place("talk.missed"), Place("talk.over"), Place("talk.cancel")
SEND_PAGE = "send.page"

ASKED_BY_US = frozenset({"invite.ask", "keep.ask"})
_CHOICE_KEYS = frozenset("12345")


def press(prompts: Prompts, session: Session, keys: tuple[str, ...], context: Context) -> Turn:
    """The answer to keys of the phone, pressed or written."""
    if len(keys) > 1:
        return show(prompts, session, person(context) if set(keys) == {"0"} else MAIN, context)
    key = keys[0]
    if key == "0":
        return menu(prompts, session, context)
    if key == "#":
        return show(prompts, session, MAIN, context)
    if key == "*":
        return back(prompts, session, context)
    if key == "7":
        return perform_or_confirm(prompts, session, DONE, context)
    if key == "9":
        return repeat(prompts, session, context)
    if is_late(session, context) and key in "123456":
        return _late(prompts, session, key, context)
    if session.place == NOWHERE or is_over(prompts, session):
        return show(prompts, session, MAIN, context)
    if key == "6":
        return _next(prompts, session, context)
    if key == "8" and can_send(prompts, session, context):
        here = session.place
        page = f"{here.node}P{here.page}" if here.page else here.node
        return show(prompts, session, Place(SEND_PAGE, item=page), context)
    return _choose(prompts, session, key, context)


def perform_or_confirm(prompts: Prompts, session: Session, place: Place, context: Context) -> Turn:
    """Do what a word or key asks for; what was only spoken may have been misheard, so it is asked back first."""
    if context.spoken:
        return ask(prompts, session, CONFIRM, (place,), context)
    return show(prompts, session, place, context)


def can_send(prompts: Prompts, session: Session, context: Context) -> bool:
    """Whether the last prompt of a call is a page that may be sent as a text."""
    return context.channel == "voice" and not session.choices and is_sendable(prompts, session.place.node)


def menu(prompts: Prompts, session: Session, context: Context) -> Turn:
    """The main menu; asked for from the main menu it means: a person."""
    at_menu = session.place == MAIN and not (context.channel == "sms" and paused(session, context))
    return show(prompts, session, person(context) if at_menu else MAIN, context)


def person(context: Context) -> Place:
    """Who wants a person: in a call one of us is called, by text they read who can be reached how."""
    return TALK if context.channel == "voice" and not context.spoken else CONTACT


def chosen_language(prompts: Prompts, session: Session, language: str, context: Context) -> Turn:
    """The same place in the language that was asked for; the main menu from nothing."""
    session = changed(session, language=language)
    here = session.place
    if here.node in (LANGUAGE, OTHER_LANGUAGE) and session.trail:
        here = session.trail[-1]
        session = changed(session, trail=session.trail[:-1])
    if here == NOWHERE or here.node in (LANGUAGE, OTHER_LANGUAGE) or is_over(prompts, session):
        return show(prompts, session, MAIN, context)
    if session.choices:
        return repeat(prompts, session, context)
    return show(prompts, session, here, context)


def is_over(prompts: Prompts, session: Session) -> bool:
    """Whether the last message was an end: goodbye, or the confirmation of a STOP."""
    return session.place != NOWHERE and prompts.menus.nodes[session.place.node].kind == "end"


def is_late(session: Session, context: Context) -> bool:
    """Whether a digit may belong to a message that the caller has forgotten.

    What we ask by ourselves is read when somebody looks at their phone, hours later: it is not forgotten.
    """
    if session.place.node in ASKED_BY_US:
        return False
    return context.channel == "sms" and session.at > 0 and paused(session, context) and session.place != NOWHERE


def _choose(prompts: Prompts, session: Session, key: str, context: Context) -> Turn:
    place = _chosen(prompts, session, key, context)
    if session.place.node == LANGUAGE and key in _CHOICE_KEYS and int(key) <= len(prompts.languages):
        return chosen_language(prompts, session, prompts.languages[int(key) - 1], context)
    if place is None:
        return _wrong_key(prompts, session, context)
    if context.spoken and place.item and session.place.node != CONFIRM:
        return ask(prompts, session, CONFIRM, (place,), context)
    return show(prompts, session, place, context)


def _wrong_key(prompts: Prompts, session: Session, context: Context) -> Turn:
    """A key that is no choice here: what the keys are; the second time also who helps."""
    misses = session.misses + 1
    turn = offer_again(prompts, session, "keys", context, misses=misses)
    return turn if misses < MOST_MISSES else changed(turn, says=(*turn.says, Words("person")))


def _chosen(prompts: Prompts, session: Session, key: str, context: Context) -> Place | None:
    """Where a key leads, if the last message offered it."""
    if key not in {option.key for option in options_at(prompts, session, context)}:
        return None
    if session.choices:
        return choices_shown(session)[int(key) - 1]
    if session.place.node == LANGUAGE:
        return None
    return Place(prompts.menus.nodes[session.place.node].options[int(key) - 1])


def _late(prompts: Prompts, session: Session, key: str, context: Context) -> Turn:
    """A digit long after the message that it answers: asked back, never taken for the main menu."""
    here = session.place
    if here.node == LANGUAGE:
        return ask_language(prompts, session)
    chosen = _chosen(prompts, session, key, context)
    if session.choices or is_over(prompts, session):
        meant = chosen or session.bookmark
        return (
            show(prompts, session, MAIN, context)
            if meant == NOWHERE
            else ask(prompts, session, LATE, (meant,), context)
        )
    if key == "6" and has_next(prompts, session, context):
        return ask(prompts, session, LATE, (Place(here.node, here.page + 1), here), context)
    return ask(prompts, session, LATE, (chosen, here) if chosen else (here,), context)


def _next(prompts: Prompts, session: Session, context: Context) -> Turn:
    here = session.place
    if has_next(prompts, session, context):
        if session.choices:
            return ask(prompts, session, here.node, session.choices, context, here.page + 1)
        return show(prompts, session, Place(here.node, here.page + 1), context)
    return offer_again(prompts, session, "no.next", context)
