"""What to say next. `respond` is pure; `answer` performs the effects that it asks for."""

from __future__ import annotations

from helpline.conversation.changed import changed
from helpline.conversation.choices import LATE, ask
from helpline.conversation.heard import Heard
from helpline.conversation.items import CHOSEN, as_text
from helpline.conversation.moves import MAIN, ask_language, paused, resolve, show
from helpline.conversation.notices import notices_now
from helpline.conversation.questions import answerable, is_by_keys, is_question
from helpline.conversation.replies import reply
from helpline.conversation.session import KEYS_SAID, NOWHERE, Place, Session
from helpline.conversation.turn import (
    Context,
    Effect,
    HowToMove,
    Keys,
    NoticeFirst,
    Outcome,
    Page,
    Perform,
    SwitchTo,
    Turn,
    Words,
)
from helpline.menus.prompts import Prompts

SENDS = "send_page"  # after it the caller is where they were
ENDED = frozenset({"stopped", "erased"})  # nothing of what was before is gone back to
QUESTIONS = frozenset({LATE, "which", "confirm"})


def answer(prompts: Prompts, session: Session, heard: Heard, context: Context, perform: Perform) -> Turn:
    """One input and the answer to it, with every effect that it asks for performed."""
    turn = respond(prompts, session, heard, context)
    outcomes: tuple[tuple[str, str], ...] = ()
    while turn.effect:
        outcome = perform(turn.effect, context)
        outcomes = (*outcomes, (turn.effect.name, outcome.name))
        turn = follow(prompts, session, heard, turn.session, turn.effect, outcome, context)
    return changed(turn, outcomes=outcomes)


def follow(
    prompts: Prompts, before: Session, heard: Heard, here: Session, effect: Effect, outcome: Outcome, context: Context
) -> Turn:
    """Go on where the outcome of an effect leads; `before` is the session that `heard` came to. Pure."""
    if outcome.name in ENDED:
        here = Session(language=here.language, turn=here.turn, said=here.said)
    about = as_text(outcome.about) if outcome.about else ""
    following = Place(prompts.menus.nodes[effect.node].outcomes[outcome.name], item=about)
    if effect.name == SENDS and here.place.node in prompts.menus.nodes:
        turn = Turn(changed(here, misses=0, silences=0), (Words(following.node), Keys(here.place)))
    elif outcome.items:
        turn = _items(prompts, here, following, effect, outcome, context)
    else:
        turn = show(prompts, here, following, context)
    return _finished(prompts, turn, before, heard, context)


def _items(prompts: Prompts, here: Session, place: Place, effect: Effect, outcome: Outcome, context: Context) -> Turn:
    """Several things of the caller's to choose among, then what the page itself offers."""
    things = tuple(Place(CHOSEN[effect.name], item=as_text(item)) for item in outcome.items)
    options = tuple(Place(option) for option in prompts.menus.nodes[place.node].options)
    return ask(prompts, here, place.node, (*things, *options), context)


def respond(prompts: Prompts, session: Session, heard: Heard, context: Context) -> Turn:
    """What to say to what was heard. Pure: the same input gives the same answer."""
    here, _ = _in_language(prompts, _repaired(prompts, session), heard)
    return _finished(prompts, reply(prompts, here, heard, context), session, heard, context)


def _finished(prompts: Prompts, turn: Turn, before: Session, heard: Heard, context: Context) -> Turn:
    """The turn with its session counted, and with what is said around every answer."""
    if turn.effect:
        return changed(turn, effect=changed(turn.effect, language=turn.session.language, heard=heard.word))
    turn = changed(turn, session=_counted(turn.session, before, context))
    if not turn.says or heard.kind in ("danger", "other_script") or heard.is_stop:
        return turn
    if is_by_keys(prompts, turn.session):  # nothing beside the words that somebody agrees to
        return turn
    _, switched = _in_language(prompts, before, heard)
    if switched:
        turn = changed(turn, says=(*turn.says, SwitchTo(switched)))
    if context.channel == "voice":
        return _explained(prompts, turn)
    if paused(before, context) and notices_now(prompts, context):
        turn = changed(turn, says=(NoticeFirst(), *turn.says))
    return turn


def _explained(prompts: Prompts, turn: Turn) -> Turn:
    """The first topic of a call is followed by the keys that work everywhere. They do not while a date is keyed."""
    place = turn.session.place
    if turn.session.has_said(KEYS_SAID) or turn.ends or place.node not in prompts.topics:
        return turn
    if is_question(prompts, turn.session):
        return turn
    if prompts.menus.nodes[place.node].kind != "topic" or Page(place) not in turn.says:
        return turn
    return changed(turn, says=(*turn.says, HowToMove()), session=turn.session.saying(KEYS_SAID))


def begin_at(prompts: Prompts, session: Session, context: Context) -> Turn:
    """The first words of a call that we make: the page that the session begins at, which names its keys itself.

    What was there to say may have been taken out of the menus: then the greeting.
    """
    if session.place.node in prompts.menus.nodes:
        session = changed(session, place=resolve(prompts, session.place, context))
    session = _repaired(prompts, session)
    if session.place in (NOWHERE, MAIN):
        return greet(prompts, session.language, context)
    return Turn(_counted(session, session, context), (Page(session.place),))


def greet(prompts: Prompts, language: str, context: Context) -> Turn:
    """The first words of a call: the language question, or for a known language the main menu and the others."""
    known = language if language in prompts.languages else ""
    session = Session(language=known or prompts.languages[0])
    notice = (NoticeFirst(),) if notices_now(prompts, context) else ()
    if known or len(prompts.languages) == 1:
        others = tuple(code for code in prompts.languages if code != session.language)
        turn = show(prompts, session, MAIN, context)
        says = (*notice, *((SwitchTo(others),) if others else ()), *turn.says)
    else:
        turn = ask_language(prompts, session)
        says = (*notice, *turn.says)
    return changed(turn, says=says, session=_counted(turn.session, session, context))


def _counted(session: Session, before: Session, context: Context) -> Session:
    """The session with this answer counted, and the time of it where a long pause matters."""
    at = int(context.now.timestamp()) if context.channel == "sms" else 0
    return changed(session, turn=before.turn + 1, at=at)


def _repaired(prompts: Prompts, session: Session) -> Session:
    """The session without places that the menus no longer have: the nearest one of the trail instead."""
    nodes = prompts.menus.nodes
    trail = tuple(step for step in session.trail if step.node in nodes)
    choices = session.choices if all(place.node in nodes for place in session.choices) else ()
    place = session.place
    if place != NOWHERE and (place.node not in nodes or choices != session.choices):
        place = trail[-1] if trail else MAIN
    if place != NOWHERE and nodes[place.node].kind in ("choose", "effect"):
        place = MAIN
    if place.node in QUESTIONS and not choices:
        place = trail[-1] if trail else MAIN
    if not choices:
        place = answerable(prompts, session, place)
    bookmark = session.bookmark if session.bookmark.node in nodes else NOWHERE
    return changed(session, place=place, choices=choices, trail=trail, bookmark=bookmark)


def _in_language(prompts: Prompts, session: Session, heard: Heard) -> tuple[Session, tuple[str, ...]]:
    """The session in the language to answer in, and the languages whose way back is to be told."""
    known = session.language if session.language in prompts.languages else ""
    language = heard.language if heard.language in prompts.languages else known or prompts.languages[0]
    others = tuple(code for code in prompts.languages if code != language)
    if heard.kind == "language" or (known == language):
        switched: tuple[str, ...] = ()
    elif known:
        switched = (known,)
    elif heard.language and language == prompts.languages[0]:
        switched = ()
    else:
        switched = others
    return changed(session, language=language), switched
