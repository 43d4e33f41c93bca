"""The operator's desk: pages below /desk, made by the server, without a script."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Flask, Response, send_from_directory

from helpline.authentication import open_to_all
from helpline.desk.adviser import adviser_routes
from helpline.desk.audit import add_audit
from helpline.desk.bridge import add_bridge, bridge_routes
from helpline.desk.browser_session import BELOW, set_up_cookies
from helpline.desk.desk import Desk
from helpline.desk.facts import add_facts
from helpline.desk.first_link import add_first_link
from helpline.desk.guard import guard
from helpline.desk.leaflet import add_leaflet
from helpline.desk.notice import add_notice
from helpline.desk.one_message import add_one_message
from helpline.desk.own import add_own
from helpline.desk.people import add_people
from helpline.desk.prompts import add_prompts
from helpline.desk.requests import add_requests
from helpline.desk.sign_in import add_sign_in
from helpline.desk.today import add_today
from helpline.desk.waves import add_waves

STATIC = Path(__file__).parent / "static"


def add_desk(app: Flask, desk: Desk) -> None:
    """The desk's routes, and how this application's cookies are made."""
    set_up_cookies(app, desk.keys.cookies, desk.wired.settings.secret_keys, desk.is_secure)
    routes = Blueprint("desk", __name__, url_prefix=BELOW, template_folder="templates", static_folder=None)
    guard(routes, desk)
    add_sign_in(routes, desk)
    add_first_link(routes, desk)
    add_today(routes, desk)
    add_requests(routes, desk)
    add_bridge(routes, desk)
    add_waves(routes, desk)
    add_one_message(routes, desk)
    add_people(routes, desk)
    add_notice(routes, desk)
    add_prompts(routes, desk)
    add_facts(routes, desk)
    add_leaflet(routes, desk)
    add_audit(routes, desk)
    add_own(routes, desk)

    @routes.get("/static/<file>")
    @open_to_all
    def static_file(file: str) -> Response:
        answer = send_from_directory(STATIC, file)
        answer.headers["Cache-Control"] = "no-cache"
        return answer

    app.register_blueprint(routes)
    app.register_blueprint(bridge_routes(desk))
    app.register_blueprint(adviser_routes(desk))
