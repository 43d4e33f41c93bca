"""Where a caller is left with something still open. Pure functions."""

from __future__ import annotations

from helpline.conversation.moves import paused
from helpline.conversation.session import Session
from helpline.conversation.turn import Context
from helpline.menus.prompts import Prompts


def open_place(prompts: Prompts, session: Session, context: Context) -> str:
    """The node at which a session waits for its caller; empty where all that there was to say has been said.

    That is at a goodbye, on the last page of a topic that asks nothing, and at the answer to what was just done.
    """
    node = prompts.menus.nodes.get(session.place.node)
    if node is None or node.kind == "end":
        return ""
    if node.id in prompts.passing and not (node.ask or node.by or session.choices):
        return ""
    if node.kind != "topic" or node.ask or node.by or session.choices or session.misses:
        return node.id
    form = prompts.forms.get((node.id, session.language))
    pages = form.pages(context.channel) if form else ()
    return node.id if session.place.page + 1 < len(pages) else ""


def begins_anew(session: Session, context: Context) -> bool:
    """Whether this is the first text after so long a pause that it continues nothing."""
    return context.channel == "sms" and paused(session, context)
