"""The answer to each kind of thing that a caller may say, do, or leave undone. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from helpline.conversation.heard import Heard
from helpline.conversation.moves import (
    GOODBYE,
    LATE,
    MAIN,
    OTHER_LANGUAGE,
    ask,
    ask_language,
    back,
    has_next,
    offer_again,
    options_at,
    paused,
    repeat,
    say_again,
    show,
)
from helpline.conversation.session import DANGER_SAID, NOWHERE, Place, Session
from helpline.conversation.turn import Choices, Context, InEachLanguage, Turn, Words
from helpline.menus.pages import Option
from helpline.menus.prompts import Prompts
from helpline.menus.shapes import LANGUAGE

MOST_CHOICES = 4
MOST_SILENCES = 2
MOST_MISSES = 2  # the second time in a row, a person is named
CONTACT = Place("contact")

_CHOICE_KEYS = frozenset("12345")


def reply(prompts: Prompts, session: Session, heard: Heard, context: Context) -> Turn:
    """The answer to each kind of thing that a caller may say, do, or leave undone. Pure."""
    match heard.kind:
        case "danger":
            return _danger(prompts, session, heard, context)
        case "secret":
            return _secret(prompts, session, heard, context)
        case "key":
            return _key(prompts, session, heard.values, context)
        case "command":
            return _command(prompts, session, heard.values[0], context)
        case "language":
            return _chosen_language(prompts, session, heard.language, context)
        case "topics":
            return _topics(prompts, session, heard.values, context)
        case "yes" | "no":
            return _yes_or_no(prompts, session, heard.kind, context)
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
    asked = ask(prompts, turn.session, turn.session.place.node, places, context)
    return replace(asked, says=tuple(replace(s, confirm=False) if isinstance(s, Choices) else s for s in asked.says))


def _key(prompts: Prompts, session: Session, keys: tuple[str, ...], context: Context) -> Turn:
    if len(keys) > 1:
        return show(prompts, session, CONTACT if set(keys) == {"0"} else MAIN, context)
    key = keys[0]
    if key == "0":
        return _menu(prompts, session, context)
    if key == "#":
        return show(prompts, session, MAIN, context)
    if key == "*":
        return back(prompts, session, context)
    if key == "9":
        return repeat(prompts, session, context)
    if _is_late(session, context) and key in "123456":
        return _late(prompts, session, key, context)
    if session.place == NOWHERE or _is_over(prompts, session):
        return show(prompts, session, MAIN, context)
    if key == "6":
        return _next(prompts, session, context)
    return _choose(prompts, session, key, context)


def _choose(prompts: Prompts, session: Session, key: str, context: Context) -> Turn:
    place = _chosen(prompts, session, key, context)
    if session.place.node == LANGUAGE and key in _CHOICE_KEYS and int(key) <= len(prompts.languages):
        return _chosen_language(prompts, session, prompts.languages[int(key) - 1], context)
    if place is None:
        return _wrong_key(prompts, session, context)
    return show(prompts, session, place, context)


def _wrong_key(prompts: Prompts, session: Session, context: Context) -> Turn:
    """A key that is no choice here: what the keys are; the second time also who helps."""
    misses = session.misses + 1
    turn = offer_again(prompts, session, "keys", context, misses=misses)
    return turn if misses < MOST_MISSES else replace(turn, says=(*turn.says, Words("person")))


def _chosen(prompts: Prompts, session: Session, key: str, context: Context) -> Place | None:
    """Where a key leads, if the last message offered it."""
    if key not in {option.key for option in options_at(prompts, session, context)}:
        return None
    if session.choices:
        return session.choices[int(key) - 1]
    if session.place.node == LANGUAGE:
        return None
    return Place(prompts.menus.nodes[session.place.node].options[int(key) - 1])


def _is_over(prompts: Prompts, session: Session) -> bool:
    """Whether the last message was an end: goodbye, or the confirmation of a STOP."""
    return session.place != NOWHERE and prompts.menus.nodes[session.place.node].kind == "end"


def _is_late(session: Session, context: Context) -> bool:
    """Whether a digit may belong to a message that the caller has forgotten."""
    return context.channel == "sms" and session.at > 0 and paused(session, context) and session.place != NOWHERE


def _late(prompts: Prompts, session: Session, key: str, context: Context) -> Turn:
    """A digit long after the message that it answers: asked back, never taken for the main menu."""
    here = session.place
    if here.node == LANGUAGE:
        return ask_language(prompts, session)
    chosen = _chosen(prompts, session, key, context)
    if session.choices or _is_over(prompts, session):
        meant = chosen or session.bookmark
        return (
            show(prompts, session, MAIN, context)
            if meant == NOWHERE
            else ask(prompts, session, LATE, (meant,), context)
        )
    if key == "6" and has_next(prompts, session, context):
        return ask(prompts, session, LATE, (Place(here.node, here.page + 1), here), context)
    return ask(prompts, session, LATE, (chosen, here) if chosen else (here,), context)


def _menu(prompts: Prompts, session: Session, context: Context) -> Turn:
    """The main menu; asked for from the main menu it means: a person."""
    at_menu = session.place == MAIN and not (context.channel == "sms" and paused(session, context))
    return show(prompts, session, CONTACT if at_menu else MAIN, context)


def _next(prompts: Prompts, session: Session, context: Context) -> Turn:
    if has_next(prompts, session, context):
        return show(prompts, session, Place(session.place.node, session.place.page + 1), context)
    return offer_again(prompts, session, "no.next", context)


def _command(prompts: Prompts, session: Session, command: str, context: Context) -> Turn:
    match command:
        case "stop":
            stopped = Session(language=session.language, turn=session.turn, said=session.said)
            return show(prompts, stopped, Place("stop.done"), context)
        case "menu":
            return _menu(prompts, session, context)
        case "home":
            return show(prompts, session, MAIN, context)
        case "next":
            return _key(prompts, session, ("6",), context)
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


def _resume(prompts: Prompts, session: Session, context: Context) -> Turn:
    """Back to the last topic, or where there was none to the last menu."""
    if session.bookmark != NOWHERE:
        return show(prompts, session, session.bookmark, context)
    if session.trail:
        return show(prompts, session, session.trail[-1], context)
    return offer_again(prompts, session, "nothing.saved", context)


def _chosen_language(prompts: Prompts, session: Session, language: str, context: Context) -> Turn:
    """The same place in the language that was asked for; the main menu from nothing."""
    session = replace(session, language=language)
    here = session.place
    if here.node in (LANGUAGE, OTHER_LANGUAGE) and session.trail:
        here = session.trail[-1]
        session = replace(session, trail=session.trail[:-1])
    if here == NOWHERE or here.node in (LANGUAGE, OTHER_LANGUAGE) or _is_over(prompts, session):
        return show(prompts, session, MAIN, context)
    if session.choices:
        return repeat(prompts, session, context)
    return show(prompts, session, here, context)


def _topics(prompts: Prompts, session: Session, topics: tuple[str, ...], context: Context) -> Turn:
    """What was heard: shown if it is one thing, asked back if several; asked first if it was only spoken."""
    places = tuple(Place(topic) for topic in topics if topic in prompts.menus.nodes)[:MOST_CHOICES]
    if not places:
        return _missed(prompts, session, context)
    if len(places) > 1:
        return ask(prompts, session, "which", places, context)
    if context.spoken:
        return ask(prompts, session, "confirm", places, context)
    return show(prompts, session, places[0], context)


def _yes_or_no(prompts: Prompts, session: Session, word: str, context: Context) -> Turn:
    """Yes or no, where the last message offers an answer that begins so, or only one thing."""
    if session.choices and len(session.choices) == 1:
        return show(prompts, session, session.choices[0] if word == "yes" else MAIN, context)
    option = _beginning_with(prompts, session, word, options_at(prompts, session, context))
    if option:
        return _key(prompts, session, (option.key,), context)
    if word == "no":
        return _thanks(prompts, session, context)
    return offer_again(prompts, session, "unsure", context)


def _beginning_with(prompts: Prompts, session: Session, word: str, options: tuple[Option, ...]) -> Option | None:
    words = prompts.menus.languages[session.language].commands[word]
    for option in options:
        first = option.label.replace(",", " ").split()[0].casefold()
        if first in words:
            return option
    return None


def _thanks(prompts: Prompts, session: Session, context: Context) -> Turn:
    """A kind end; after an end, thanks restart nothing."""
    if _is_over(prompts, session):
        return Turn(session)
    return show(prompts, session, Place(GOODBYE), context)


def _silence(prompts: Prompts, session: Session, context: Context) -> Turn:
    """Nothing typed or said in a call: twice in simpler words, then a kind end."""
    if session.silences >= MOST_SILENCES:
        turn = show(prompts, session, Place("silence"), context)
        return replace(turn, says=(InEachLanguage("silence"),)) if session.place.node == LANGUAGE else turn
    if session.place == NOWHERE:
        session = replace(session, place=MAIN)
    session = replace(session, silences=session.silences + 1)
    return Turn(session, say_again(prompts, session, context))


def _missed(prompts: Prompts, session: Session, context: Context) -> Turn:
    """Not understood: an apology and the choices; the second time a person to talk to."""
    misses = session.misses + 1
    if misses < MOST_MISSES:
        return offer_again(prompts, session, "sorry", context, misses=misses)
    turn = show(prompts, session, Place("sorry.again"), context)
    return replace(turn, session=replace(turn.session, misses=misses))
