"""The notice that every caller gets first, until its end."""

from __future__ import annotations

from flask import Blueprint

from helpline.desk.desk import Desk


def add_notice(routes: Blueprint, desk: Desk) -> None:
    """Not there yet."""
