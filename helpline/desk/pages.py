"""The pages of the desk that the navigation shows. A page that is not there yet is not in the list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from helpline.authentication import EDITOR, READER
from helpline.operators.operator import Operator


@dataclass(frozen=True, slots=True)
class Page:
    """`endpoint` is its route, and "layout.page_" with `name` are its words. `whom`: as its view states it."""

    name: str
    endpoint: str
    whom: str = READER


PAGES: tuple[Page, ...] = (
    Page("today", "desk.today"),
    Page("people", "desk.people"),
    Page("requests", "desk.requests"),
    Page("waves", "desk.reminders"),
    Page("notice", "desk.notice"),
    Page("leaflet", "desk.leaflet"),
    Page("prompts", "desk.prompts"),
    Page("facts", "desk.facts"),
    Page("audit", "desk.audit", EDITOR),
)


def pages_for(operator: Operator | None, pages: Sequence[Page] = PAGES) -> list[Page]:
    """Those that an operator may open; none for nobody."""
    if operator is None:
        return []
    return [page for page in pages if page.whom != EDITOR or operator.may_edit]
