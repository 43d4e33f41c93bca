"""Which pages may be sent as a text to whoever hears them in a call."""

from __future__ import annotations

from helpline.menus.dated_places import kind_of_place
from helpline.menus.prompts import Prompts

LONGEST_NAME = 28  # with its page and a mark of its own it is kept in a message's 40 letters


def is_sendable(prompts: Prompts, name: str) -> bool:
    """Whether a page says the same to everybody: a topic of the tree.

    No question, no answer to what was done, nothing that tells what is kept: whoever calls may have forged the number.
    """
    node = prompts.menus.nodes.get(name)
    if node is None or node.kind != "topic" or name not in prompts.topics or name in prompts.passing:
        return False
    return not (kind_of_place(prompts.menus, name) or node.by or node.ask or node.of)
