"""The history of one message, and a test message to one's own phone."""

from __future__ import annotations

from flask import Blueprint

from helpline.desk.desk import Desk


def add_one_message(routes: Blueprint, desk: Desk) -> None:
    """Not there yet."""
