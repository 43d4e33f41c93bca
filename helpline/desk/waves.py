"""Reminders: each wave, where it stands, the next ones; holding one back, pausing everything."""

from __future__ import annotations

from flask import Blueprint

from helpline.desk.desk import Desk


def add_waves(routes: Blueprint, desk: Desk) -> None:
    """Not there yet."""
