"""Facts: where each comes from, and when somebody last looked at it."""

from __future__ import annotations

from flask import Blueprint

from helpline.desk.desk import Desk


def add_facts(routes: Blueprint, desk: Desk) -> None:
    """Not there yet."""
