"""The carrier of a demo."""

from __future__ import annotations

import shlex
from pathlib import Path

from helpline.server.demo_carrier import demo_carrier
from helpline.settings import load_settings


def test_a_demo_has_a_carrier_of_its_own_on_this_machine(tmp_path: Path) -> None:
    found = demo_carrier(load_settings({"VAR_DIR": str(tmp_path), "PORT": "8123"}))
    assert found
    assert found.url.startswith("http://127.0.0.1:")
    assert found.journal == tmp_path / "carrier.jsonl"
    words = shlex.split(found.command)
    assert words[words.index("--callbacks-at") + 1] == "http://127.0.0.1:8123"
    assert found.url.endswith(f":{words[words.index('--port') + 1]}")


def test_a_demo_that_names_another_carrier_uses_that(tmp_path: Path) -> None:
    given = {"VAR_DIR": str(tmp_path), "TWILIO_API_URL": "http://localhost:9100"}
    assert demo_carrier(load_settings(given)) is None


def test_for_real_callers_there_is_only_the_real_one(tmp_path: Path) -> None:
    given = {
        "VAR_DIR": str(tmp_path),
        "HELPLINE_ENV": "production",
        "TWILIO_ACCOUNT_SID": "AC0123456789abcdef0123456789abcdef",
        "TWILIO_AUTH_TOKEN": "0123456789abcdef0123456789abcdef",
        "PUBLIC_URL": "https://helpline.example.org",
        "SMS_SENDER": "38123",
        "VOICE_NUMBER": "+33199001234",
        "SERVICE_NAME": "Relais Droits",
        "OPERATOR_NAME": "association Le Pont",
        "OPERATOR_PHONE": "01 99 00 12 34",
        "FINGERPRINT_KEY": "0123456789abcdef" * 4,
        "NUMBER_KEYS": "bnVtYmVyIGtleSBvZiB0aGUgdGVzdHMsIDMyIGJ5dC4=",
    }
    assert demo_carrier(load_settings(given)) is None
