"""The leaflet for the wall of an office: a page of A4 in each language, to be printed by the browser."""

from __future__ import annotations

from flask import Blueprint, Response, request

from helpline.authentication import READER, let_in
from helpline.desk.desk import Desk
from helpline.desk.language import LANGUAGES, words_in, words_now
from helpline.desk.shown import shown
from helpline.identity import identity_of
from helpline.leaflet.leaflet import leaflet as leaflet_of

# What people look for who do not read, by the place that an entry of the main menu leads to.
PICTOGRAMS = {"update": "clock", "signin": "lock", "register": "pencil", "meeting": "calendar", "more": "question"}


def add_leaflet(routes: Blueprint, desk: Desk) -> None:
    """The page with the leaflet in one language, and the choice of another."""

    @routes.get("/leaflet")
    def leaflet() -> Response:
        prompts = desk.wired.prompts()
        offered = {code: prompts.menus.languages[code].name for code in prompts.languages if code in LANGUAGES}
        language = _wanted(tuple(offered))
        return shown(
            "leaflet.html",
            page="leaflet",
            offered=offered,
            leaflet=leaflet_of(prompts, identity_of(desk.wired.settings), language),
            words=words_in(language),
            pictograms=PICTOGRAMS,
        )

    let_in(leaflet, READER)


def _wanted(offered: tuple[str, ...]) -> str:
    """The language that was asked for, else that of the desk, else the first."""
    for code in (request.args.get("language", ""), words_now().language):
        if code in offered:
            return code
    return offered[0]
