"""Demos as anybody starts them: without a token, so that they sign with a secret of their own."""

from __future__ import annotations

from pathlib import Path

from flask import Flask

from helpline.app import create_app
from helpline.kept_secrets import DEMO_TOKEN
from helpline.records.migrate import upgrade
from helpline.settings import Settings, load_settings
from tests.phone import TOKEN


def demo_settings(folder: Path, **environ: str) -> Settings:
    """Settings of a demo, unless `environ` makes something else of it. Its secret is the one of the tests' phones."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / DEMO_TOKEN).write_text(TOKEN, encoding="ascii")
    return load_settings({"VAR_DIR": str(folder), **environ})


def demo_app(settings: Settings) -> Flask:
    """The web part of it, with its tables."""
    upgrade(settings.database_url)
    return create_app(settings)
