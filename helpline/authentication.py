"""Every route says who may use it. A route that does not say so stops the start."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, Response

View = Callable[..., Response]

_STATED = "authentication"
TWILIO, EVERYBODY = "twilio signature", "everybody"
METRICS = "the token of the metrics, or a program on this machine"
# At the desk: `helpline.desk.guard` asks for what the view states. An editor is a reader, too.
READER, EDITOR = "an operator", "an operator who may edit"


def let_in(view: View, whom: str) -> View:
    """State on a view who may use it."""
    setattr(view, _STATED, whom)
    return view


def open_to_all(view: View) -> View:
    """Let a view be reached by everybody."""
    return let_in(view, EVERYBODY)


def stated(view: Callable[..., object]) -> str:
    """Who may use a view; nothing where it does not say so."""
    whom = getattr(view, _STATED, "")
    return whom if isinstance(whom, str) else ""


def authentication_of(app: Flask) -> dict[str, str]:
    """For each route who may use it; empty where it does not say so."""
    return {f"{rule} ({rule.endpoint})": stated(app.view_functions[rule.endpoint]) for rule in app.url_map.iter_rules()}


def routes_without_authentication(app: Flask) -> list[str]:
    """The routes that do not say who may use them."""
    return [route for route, whom in authentication_of(app).items() if not whom]
