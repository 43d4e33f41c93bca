"""What the operator reads when the helpline has started."""

from __future__ import annotations

from pathlib import Path

from helpline.server.announcement import announcement
from helpline.settings import load_settings
from tests.phone import TOKEN


def told(folder: Path, **environ: str) -> str:
    return announcement(load_settings({"VAR_DIR": str(folder), "HELPLINE_ENV": "demo", **environ}))


def test_a_demo_leads_with_the_phone_in_the_browser(tmp_path: Path) -> None:
    text = told(tmp_path)
    assert "Open http://localhost:8000/ " in text
    assert text.index("Open http://") < text.index(" talk ")


def test_the_address_is_the_one_that_was_given(tmp_path: Path) -> None:
    assert "Open http://localhost:8123/ " in told(tmp_path, PORT="8123")
    assert "Open http://192.0.2.7:8000/ " in told(tmp_path, PUBLIC_URL="http://192.0.2.7:8000")


def test_where_a_token_is_set_no_phone_is_promised(tmp_path: Path) -> None:
    text = told(tmp_path, TWILIO_AUTH_TOKEN=TOKEN)
    assert "Open " not in text
    assert " talk --call" in text
