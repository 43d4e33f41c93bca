"""The application that the web workers serve."""

from functools import cache

from flask import Flask


@cache
def application() -> Flask:
    """The helpline, made once: workers that are forked from a process that has it share it."""
    from helpline.app import create_app

    return create_app()
