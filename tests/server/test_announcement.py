"""What the operator reads when the helpline has started."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from helpline.operators.accounts import add
from helpline.operators.keys import keys_of
from helpline.records.migrate import upgrade
from helpline.server.announcement import announcement, without_operators
from helpline.settings import load_settings
from tests.conftest import settings_for
from tests.phone import TOKEN

NOON = datetime(2026, 12, 3, 12, tzinfo=UTC)


def told(folder: Path, **environ: str) -> str:
    return announcement(load_settings({"VAR_DIR": str(folder), "HELPLINE_ENV": "demo", **environ}))


def test_a_demo_leads_with_the_phone_in_the_browser(tmp_path: Path) -> None:
    text = told(tmp_path)
    assert "Open http://localhost:8000/ " in text
    assert text.index("Open http://") < text.index(" talk ")


def test_the_address_is_the_one_that_was_given(tmp_path: Path) -> None:
    assert "Open http://localhost:8123/ " in told(tmp_path, PORT="8123")
    assert "Open http://192.0.2.7:8000/ " in told(tmp_path, PUBLIC_URL="http://192.0.2.7:8000")


@pytest.mark.parametrize("environ", [{}, {"TWILIO_AUTH_TOKEN": TOKEN}])
def test_a_newcomer_is_told_how_to_get_to_the_desk_and_no_secret(tmp_path: Path, environ: dict[str, str]) -> None:
    text = told(tmp_path, PORT="8123", **environ)
    assert "The operators' desk: http://localhost:8123/desk/ " in text
    assert re.search(r"PORT=8123 VAR_DIR=\S+ \S*helpline operators add YOUR-NAME --role editor\n", text)
    assert "/link/" not in text


def test_where_a_token_is_set_no_phone_is_promised(tmp_path: Path) -> None:
    text = told(tmp_path, TWILIO_AUTH_TOKEN=TOKEN)
    assert "Open " not in text
    assert " talk --call" in text


def test_what_real_callers_need_is_one_line_that_leads_to_where_it_stands(tmp_path: Path) -> None:
    (line,) = (line for line in told(tmp_path).splitlines() if "real callers" in line)
    assert "docs/going-live.md" in line
    assert "README.md" in line
    assert "SMS_SENDER" not in told(tmp_path)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "aide.example.org"])
def test_a_demo_that_others_reach_says_what_they_can_do(tmp_path: Path, host: str) -> None:
    (line,) = (line for line in told(tmp_path, HELPLINE_HOST=host).splitlines() if "any phone" in line)
    assert f"HELPLINE_HOST={host}" in line


@pytest.mark.parametrize("host", ["", "127.0.0.1", "127.0.0.2", "::1", "localhost"])
def test_a_demo_that_only_this_machine_reaches_does_not(tmp_path: Path, host: str) -> None:
    assert "any phone" not in told(tmp_path, HELPLINE_HOST=host)


def test_where_a_token_is_set_there_is_no_phone_to_be(tmp_path: Path) -> None:
    assert "any phone" not in told(tmp_path, TWILIO_AUTH_TOKEN=TOKEN, HELPLINE_HOST="0.0.0.0")


def test_a_helpline_without_operators_says_that_nobody_sees_who_asks_to_be_called(tmp_path: Path) -> None:
    settings = settings_for(tmp_path).model_copy(update={"env": "production"})
    assert without_operators(settings) == ""  # no table tells
    upgrade(settings.database_url)
    assert "nobody sees who asks to be called" in without_operators(settings)
    assert "operators add YOUR-NAME --role editor" in without_operators(settings)
    engine = create_engine(settings.database_url)
    with engine.begin() as connection:
        add(connection, keys_of(settings.fingerprint_key), "Anna", "editor", "test", NOON)
    engine.dispose()
    assert without_operators(settings) == ""
