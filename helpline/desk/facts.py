"""Facts: where each comes from, and when somebody last looked at it."""

from __future__ import annotations

import re

from flask import Blueprint, Response, g, request, url_for

from helpline.authentication import EDITOR, READER, let_in
from helpline.desk.desk import Desk
from helpline.desk.fact_reviews import (
    Standing,
    hash_of,
    last_reviews,
    note_review,
    reviews_of,
    standing,
    standings,
)
from helpline.desk.language import words_now
from helpline.desk.prompts import Names
from helpline.desk.shown import go_to, message, shown
from helpline.menus.shapes import Menus
from helpline.menus.windows import today_in_paris
from helpline.operators import audit
from helpline.operators.operator import Operator
from helpline.records.engine import reading

A_PAGE = 40
MOST_REVIEWS = 20
_ADDRESS = re.compile(r"(https?://[^\s<>\"]+[^\s<>\".,;:!?)])")


def add_facts(routes: Blueprint, desk: Desk) -> None:
    """The list, a page for each, and what notes that somebody looked."""

    @routes.get("/facts")
    def facts() -> Response:
        prompts = desk.wired.prompts()
        all_facts = _standings(desk)
        number = min(max(1, request.args.get("page", default=1, type=int)), _pages(len(all_facts)))
        return shown(
            "facts.html",
            page="facts",
            names=Names(prompts, words_now().language),
            some=all_facts[(number - 1) * A_PAGE : number * A_PAGE],
            cited=citing(prompts.menus),
            due=sum(bool(each.why) for each in all_facts),
            total=len(all_facts),
            number=number,
            last_page=_pages(len(all_facts)),
            linked=linked,
        )

    @routes.get("/facts/<fact>")
    def fact(fact: str) -> Response:
        prompts = desk.wired.prompts()
        stated = prompts.menus.facts.get(fact)
        if stated is None:
            return message("not_found", 404)
        with reading(desk.engine).connect() as connection:
            reviews = reviews_of(connection, fact, MOST_REVIEWS)
        today = today_in_paris(desk.now())
        due = [each.fact.id for each in _standings(desk) if each.why and each.fact.id != fact]
        return shown(
            "fact.html",
            page="facts",
            names=Names(prompts, words_now().language),
            each=standing(stated, reviews[0] if reviews else None, today),
            mark=hash_of(stated),
            reviews=reviews,
            cited=citing(prompts.menus).get(fact, ()),
            next_due=due[0] if due else "",
            linked=linked,
        )

    @routes.post("/facts/<fact>/reviewed")
    def fact_reviewed(fact: str) -> Response:
        stated = desk.wired.prompts().menus.facts.get(fact)
        if stated is None:
            return message("not_found", 404)
        if request.form.get("mark") != hash_of(stated):  # they looked at another sentence
            return go_to(url_for("desk.fact", fact=fact, noted="no"))
        operator: Operator = g.operator
        with desk.engine.begin() as connection:
            note_review(connection, stated, operator.name, desk.now())
            audit.note(connection, desk.real(), operator.name, "fact_reviewed", about=fact)
        return go_to(url_for("desk.fact", fact=fact, noted="yes"))

    let_in(facts, READER)
    let_in(fact, READER)
    let_in(fact_reviewed, EDITOR)


def linked(source: str) -> list[tuple[str, bool]]:
    """A source in pieces, each with whether it is an address to follow."""
    return [(piece, bool(_ADDRESS.fullmatch(piece))) for piece in _ADDRESS.split(source) if piece]


def citing(menus: Menus) -> dict[str, list[str]]:
    """The places that cite each fact that any cites."""
    found: dict[str, list[str]] = {}
    for node in menus.nodes.values():
        for fact in node.facts:
            found.setdefault(fact, []).append(node.id)
    return found


def _standings(desk: Desk) -> list[Standing]:
    with reading(desk.engine).connect() as connection:
        reviews = last_reviews(connection)
    return standings(desk.wired.prompts().menus.facts.values(), reviews, today_in_paris(desk.now()))


def _pages(count: int) -> int:
    return max(1, -(-count // A_PAGE))
