"""The leaflet for the wall of an office."""

from __future__ import annotations

from flask import Blueprint

from helpline.desk.desk import Desk


def add_leaflet(routes: Blueprint, desk: Desk) -> None:
    """Not there yet."""
