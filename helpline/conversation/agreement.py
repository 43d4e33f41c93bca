"""Pages whose answer changes what is kept of a caller: only a key, or a plain word of yes, agrees to anything.

A word of the label, a digit written out, what was said aloud, or an answer that comes late agrees to nothing: the
question is asked again. Everything else (STOP, MENU, a question) works there as anywhere.
"""

from __future__ import annotations

from helpline.conversation.again import offer_again
from helpline.conversation.changed import changed
from helpline.conversation.choices import options_at
from helpline.conversation.heard import Heard
from helpline.conversation.moves import show
from helpline.conversation.pressed import MOST_MISSES, is_late
from helpline.conversation.questions import is_by_keys
from helpline.conversation.session import Place, Session
from helpline.conversation.turn import Context, Keys, Turn, Words
from helpline.menus.pages import Option
from helpline.menus.prompts import Prompts

ONLY_KEYS = "only.keys"
_ANSWERING_KEYS = frozenset("123456")


def agreement(prompts: Prompts, session: Session, heard: Heard, context: Context) -> Turn | None:
    """The answer on such a page; None where what was heard is no answer to it, or one that counts."""
    if not is_by_keys(prompts, session) or not _answers(prompts, session, heard, context):
        return None
    if context.spoken:
        return Turn(changed(session, silences=0), (Words(ONLY_KEYS), Keys(session.place)))
    if is_late(session, context):
        return show(prompts, session, session.place, context)
    if heard.kind == "thanks" or (heard.kind in ("key", "yes") and not heard.literal):
        return _asked_again(prompts, session, context)
    if heard.kind == "yes":
        yes = beginning_with(prompts, session, "yes", context)
        return _on(prompts, session, yes, context) if yes else None
    if heard.kind in ("unsure", "unknown"):
        return _asked_again(prompts, session, context)
    return None


def beginning_with(prompts: Prompts, session: Session, word: str, context: Context) -> Option | None:
    """The first choice of the last message whose label begins with a yes, or with a no."""
    words = prompts.menus.languages[session.language].commands[word]
    for option in options_at(prompts, session, context):
        first = option.label.replace(",", " ").split()[0].casefold()
        if first in words:
            return option
    return None


def _answers(prompts: Prompts, session: Session, heard: Heard, context: Context) -> bool:
    """Whether what was heard may be meant as an answer to the page."""
    match heard.kind:
        case "key":
            return len(heard.values) == 1 and heard.values[0] in _ANSWERING_KEYS
        case "yes" | "unsure":
            return True
        case "thanks":  # "ok" may mean a yes where there is one to say: it does not count, and is asked about
            return beginning_with(prompts, session, "yes", context) is not None or _confirms(prompts, session)
        case "unknown":
            return context.spoken or session.misses + 1 < MOST_MISSES
        case _:
            return False


def _confirms(prompts: Prompts, session: Session) -> bool:
    """Whether the page asks a second time, so that its only choice is a yes in other words."""
    nodes = prompts.menus.nodes
    return any(nodes[option].effect.startswith("confirm") for option in nodes[session.place.node].options)


def _on(prompts: Prompts, session: Session, option: Option, context: Context) -> Turn:
    place = Place(prompts.menus.nodes[session.place.node].options[int(option.key) - 1])
    return show(prompts, session, place, context)


def _asked_again(prompts: Prompts, session: Session, context: Context) -> Turn:
    """The question in plainer words, where it has them."""
    unclear = prompts.menus.nodes[session.place.node].unclear
    misses = session.misses + 1
    if not unclear:
        return offer_again(prompts, session, "unsure", context, misses=misses)
    turn = show(prompts, session, Place(unclear), context)
    return changed(turn, session=changed(turn.session, misses=misses))
