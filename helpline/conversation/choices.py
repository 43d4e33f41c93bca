"""What the keys of the last message lead to, and questions with choices that are no page's own. Pure functions."""

from __future__ import annotations

from helpline.conversation.changed import changed
from helpline.conversation.forms import unpacked
from helpline.conversation.items import answer_in_words, name_of, read_item
from helpline.conversation.moves import leave
from helpline.conversation.session import NOWHERE, Place, Session
from helpline.conversation.turn import Choices, Context, Turn, Words
from helpline.menus import gsm7
from helpline.menus.pages import Option
from helpline.menus.prompts import Prompts
from helpline.menus.shapes import LANGUAGE

LATE, CONFIRM = "late", "confirm"
MOST_SHOWN, A_PAGE = 5, 4  # where there are more choices than that, so many stand on each page


def options_at(prompts: Prompts, session: Session, context: Context) -> tuple[Option, ...]:
    """The keys 1 to 5 that the last message offered, with their labels."""
    if session.choices:
        return _numbered(tuple(label(prompts, session, place, context) for place in choices_shown(session)))
    if session.place.node == LANGUAGE:
        return _numbered(tuple(prompts.menus.languages[code].name for code in prompts.languages))
    if session.place == NOWHERE:
        return ()
    return prompts.form(session.place.node, session.language).options(context.channel, session.place.page)


def has_next(prompts: Prompts, session: Session, context: Context) -> bool:
    if session.choices:
        return _has_more(session.choices, session.place.page)
    if session.place == NOWHERE or session.place.node == LANGUAGE:
        return False
    pages = prompts.form(session.place.node, session.language).pages(context.channel)
    return session.place.page < len(pages) - 1


def choices_shown(session: Session) -> tuple[Place, ...]:
    """The choices that the last message named: a page of them where there are many."""
    return _a_page_of(session.choices, session.place.page)


def _a_page_of(choices: tuple[Place, ...], page: int) -> tuple[Place, ...]:
    return choices if len(choices) <= MOST_SHOWN else choices[page * A_PAGE : (page + 1) * A_PAGE]


def _has_more(choices: tuple[Place, ...], page: int) -> bool:
    return len(choices) > MOST_SHOWN and (page + 1) * A_PAGE < len(choices)


def label(prompts: Prompts, session: Session, place: Place, context: Context) -> str:
    """What a place is called; one that is about a thing of the caller's, or an answer, by that."""
    item = read_item(place.item)
    if item:
        return name_of(prompts, item, session.language, context.channel, context.now)
    form = prompts.form(place.node, session.language)
    if place.item and prompts.menus.nodes[place.node].ask:
        locale = prompts.menus.languages[session.language].locale
        return gsm7.to_gsm7(answer_in_words(unpacked(place.item), locale, context.now))
    return form.label if context.channel == "sms" else form.spoken_label


def ask(
    prompts: Prompts, session: Session, node: str, places: tuple[Place, ...], context: Context, page: int = 0
) -> Turn:
    """A question of the program's own: the words of `node`, and places to choose from by number."""
    shown = _a_page_of(places, page)
    if not shown:
        page, shown = 0, _a_page_of(places, 0)
    labels = [label(prompts, session, place, context) for place in shown]
    about = places[0].node
    phrases = prompts.menus.languages[session.language].phrases
    if node == LATE:
        about = places[-1].node
        on = len(places) > 1 and places[0].node == places[1].node
        labels[0] = phrases["continue"].format(label=phrases["next"] if on else labels[0])
        if len(labels) > 1:
            labels[1] = phrases["see_again"]
    asked = changed(leave(prompts, session, Place(node, page)), choices=places, bookmark=session.bookmark)
    choices = Choices(_numbered(tuple(labels)), confirm=node == CONFIRM, more=_has_more(places, page))
    return Turn(asked, (Words(node, about), choices))


def _numbered(labels: tuple[str, ...]) -> tuple[Option, ...]:
    return tuple(Option(str(number), text) for number, text in enumerate(labels, start=1))
