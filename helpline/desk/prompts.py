"""Prompts: the tree as a map, and page by page as it is read and heard."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, render_template
from markupsafe import Markup

from helpline.authentication import READER, let_in
from helpline.desk.desk import Desk
from helpline.desk.guard import POLICY_WITH_SCRIPT
from helpline.desk.language import words_now
from helpline.desk.prompts_drawing import drawing
from helpline.desk.prompts_map import links_of, wording_in
from helpline.desk.prompts_place import place_shown
from helpline.desk.prompts_prepared import Prepared, Preparing
from helpline.desk.prompts_used import leaving, missed_lately
from helpline.desk.shown import message, shown
from helpline.menus.prompts import Prompts
from helpline.menus.shapes import Node
from helpline.sms.store import TIMEOUT_SECONDS, connect
from helpline.tallies.missed_words import ENOUGH_CALLERS
from helpline.wiring import redis_url

MOST_WARNINGS = 200


@dataclass(frozen=True, slots=True)
class Names:
    """What places are called in one language, for the templates."""

    prompts: Prompts
    language: str

    def node(self, name: str) -> Node | None:
        return self.prompts.menus.nodes.get(name)

    def label(self, name: str) -> str:
        """Its label; its name where it has none, or is gone."""
        node = self.node(name)
        return (node and wording_in(node, self.language).label) or name

    def keywords(self, name: str) -> tuple[str, ...]:
        node = self.node(name)
        return wording_in(node, self.language).keywords if node else ()


def add_prompts(routes: Blueprint, desk: Desk) -> None:
    """The map, a page for each place, and what the check says."""
    preparing = Preparing(desk.wired.folder)
    gave_up = leaving(desk.engine)
    redis = connect(redis_url(desk.wired.settings), TIMEOUT_SECONDS)

    @routes.get("/prompts")
    def prompts() -> Response:
        found = preparing.now()
        names = Names(found.loaded.prompts, words_now().language)
        return shown(
            "prompts.html",
            page="prompts",
            names=names,
            map=_map(found, names),
            counts=(len(found.loaded.prompts.menus.nodes), len(found.warnings)),
            refused=desk.wired.folder.refused,
            missed=missed_lately(redis),
            left=gave_up.at(desk.now()),
            enough=ENOUGH_CALLERS,
        )

    @routes.get("/prompts/<node>")
    def prompts_place(node: str) -> Response:
        found = preparing.now()
        if node not in found.loaded.prompts.menus.nodes:
            return message("not_found", 404)
        place = place_shown(found, node, desk.now(), desk.wired.settings.sms_price)
        answer = shown(
            "prompts_place.html",
            page="prompts",
            names=Names(found.loaded.prompts, words_now().language),
            place=place,
            links=links_of(place.node),
            to=found.map.to.get(node, ()),
            of_itself=found.map.of_itself.get(node, ""),
            facts=found.loaded.prompts.menus.facts,
        )
        answer.headers["Content-Security-Policy"] = POLICY_WITH_SCRIPT
        return answer

    @routes.get("/prompts-check")
    def prompts_check() -> Response:
        found = preparing.now()
        names = Names(found.loaded.prompts, words_now().language)
        warnings, refused = found.warnings[:MOST_WARNINGS], desk.wired.folder.refused[:MOST_WARNINGS]
        more = len(found.warnings) - len(warnings)
        return shown("prompts_check.html", page="prompts", names=names, warnings=warnings, refused=refused, more=more)

    for view in (prompts, prompts_place, prompts_check):
        let_in(view, READER)


def _map(found: Prepared, names: Names) -> Markup:
    """The tree in both forms, drawn once."""

    def draw() -> str:
        drawn = drawing(found.map.tree, names.label)
        return render_template("desk/_prompts_map.html", map=found.map, names=names, drawing=drawn)

    return found.drawn_in(names.language, draw)
