"""Which text goes to a phone for the page that is heard there. Pure."""

from __future__ import annotations

import re

from helpline.conversation.session import Place
from helpline.menus.prompts import Prompts
from helpline.menus.sendable import is_sendable

_PLACE = re.compile(r"([a-z][a-z0-9.]*)(?:P([0-9]{1,2}))?")


def read_place(text: str) -> Place | None:
    """The page of a call, from `node` or `nodeP1`."""
    match = _PLACE.fullmatch(text)
    return Place(match[1], int(match[2] or 0)) if match else None


def as_text(prompts: Prompts, place: Place, language: str) -> Place | None:
    """The text for a page that a caller hears; None if it is not sent.

    Where texts and spoken pages are as many, each is the other's; else the first text goes, and 6 leads on.
    """
    form = prompts.forms.get((place.node, language))
    if form is None or not form.sms or not is_sendable(prompts, place.node):
        return None
    same = len(form.sms) == len(form.voice) and place.page < len(form.sms)
    return Place(place.node, place.page if same else 0)
