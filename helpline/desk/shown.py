"""Pages as answers."""

from __future__ import annotations

from flask import Response, render_template

HTML = "text/html; charset=utf-8"


def shown(template: str, status: int = 200, **values: object) -> Response:
    """A page of the desk."""
    return Response(render_template(f"desk/{template}", **values), status, content_type=HTML)


def message(name: str, status: int, onward: str = "", **values: object) -> Response:
    """A page that says one thing, of `words/message.yaml`. `onward`: where the browser goes by itself."""
    return shown("message.html", status, name=name, onward=onward, values=values)


def go_to(path: str) -> Response:
    """Go on to a page of ours, by GET."""
    answer = Response(status=303)
    answer.location = path
    return answer


def soon_again(answer: Response) -> Response:
    """The page, asked for again by the browser itself: something on it is still being counted."""
    answer.headers["Refresh"] = "3"  # seconds
    return answer
