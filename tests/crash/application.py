"""The helpline as a web worker of a crash test serves it."""

from functools import cache

from flask import Flask

from helpline.app import create_app
from tests.crash.shifted import ShiftedClock


@cache
def application() -> Flask:
    return create_app(now=ShiftedClock.of_environment())
