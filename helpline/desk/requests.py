"""Call requests: who waits to be called, taking one, calling, what came of it."""

from __future__ import annotations

from flask import Blueprint

from helpline.desk.desk import Desk


def add_requests(routes: Blueprint, desk: Desk) -> None:
    """Not there yet."""
