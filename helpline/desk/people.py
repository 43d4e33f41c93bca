"""People: what is kept of a number, the proof, stopping, erasing, exporting."""

from __future__ import annotations

from flask import Blueprint

from helpline.desk.desk import Desk


def add_people(routes: Blueprint, desk: Desk) -> None:
    """Not there yet."""
