"""Answers to questions for a day or a time, and texts that hold a date with the name of its thing. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from helpline.conversation.changed import changed
from helpline.conversation.choices import ask
from helpline.conversation.forms import packed
from helpline.conversation.heard import Heard
from helpline.conversation.moves import MAIN, leave, show
from helpline.conversation.pressed import MOST_MISSES
from helpline.conversation.questions import kind_at, settled
from helpline.conversation.session import NOWHERE, Place, Session
from helpline.conversation.turn import Again, Context, Page, Says, Turn, Words
from helpline.menus.dated_places import question_of
from helpline.menus.prompts import Prompts

UNCLEAR, WHICH, ONE = "when.unclear", "when.which", "when.one"
# The words for what is wrong with a date. Of what nobody can know better it is said that it was not understood.
WRONG: Mapping[str, str] = {"past": "when.past", "impossible": "when.impossible", "far": "when.far"}


def answer_to(prompts: Prompts, session: Session, heard: Heard, context: Context) -> Turn:
    """The answer to a question of the tree: on with it, or what is wrong with it and the question again."""
    question = Place(session.place.node)
    if question == NOWHERE or not prompts.menus.nodes[question.node].ask:  # the question was taken out meanwhile
        return show(prompts, session, MAIN, context)
    if heard.values[0]:
        return show(prompts, session, Place(question.node, item=packed(heard.values[0])), context)
    return _asked_again(prompts, session, question, heard.values[1], heard.values[2:], context)


def not_answered(prompts: Prompts, session: Session, context: Context) -> Turn:
    """Words that are no answer to a question: it is asked again."""
    return _asked_again(prompts, session, Place(session.place.node), "none", (), context)


def dated(prompts: Prompts, session: Session, heard: Heard, context: Context) -> Turn:
    """A date with the name of its thing: read back, or what is still open asked, wherever the caller is."""
    kind, answer = heard.values[0], heard.values[1]
    question = Place(question_of(kind, "day"))
    if answer:
        return show(prompts, session, Place(question.node, item=packed(answer)), context)
    session, _ = settled(prompts, session, question)
    asked = leave(prompts, session, question)
    return _asked_again(prompts, asked, question, heard.values[2], heard.values[3:], context)


def _asked_again(
    prompts: Prompts, session: Session, question: Place, problem: str, offered: Sequence[str], context: Context
) -> Turn:
    """What is wrong, then the question, with the answers that may be meant to choose from."""
    misses = session.misses + 1
    wrong = Words(WRONG.get(problem, UNCLEAR))
    kind = kind_at(prompts, question)
    if problem == "past" and kind and kind.asks == "moment":
        offered = ()  # nobody has an appointment in a year
    person: tuple[Says, ...] = () if misses < MOST_MISSES else (Words("person"),)
    if offered:
        places = tuple(Place(question.node, item=packed(answer)) for answer in offered)
        turn = ask(prompts, session, question.node, places, context)
        said = () if problem == "ambiguous" else (wrong,)
        says = (*said, Words(WHICH if len(offered) > 1 else ONE), *turn.says[1:], *person)
        return changed(turn, session=changed(turn.session, misses=misses), says=says)
    again = Again(question) if context.channel == "voice" else Page(question)
    here = changed(session, place=question, choices=(), misses=misses, silences=0)
    return Turn(here, (wrong, again, *person))
