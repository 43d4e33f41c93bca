"""Prompts: the tree as a map, and page by page as it is read and heard."""

from __future__ import annotations

from flask import Blueprint

from helpline.desk.desk import Desk


def add_prompts(routes: Blueprint, desk: Desk) -> None:
    """Not there yet."""
