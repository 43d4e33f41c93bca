"""Settings for the tests of them: what a helpline for real callers is given, and what is wrong with others."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpline.settings import Settings, SettingsError, load_settings

TOKEN = "0123456789abcdef0123456789abcdef"
LIVE = {
    "TWILIO_ACCOUNT_SID": "AC" + "1" * 32,
    "TWILIO_AUTH_TOKEN": TOKEN,
    "PUBLIC_URL": "https://aide.example.org",
    "SMS_SENDER": "38123",
    "VOICE_NUMBER": "+33199001234",
    "SERVICE_NAME": "Relais Droits",
    "OPERATOR_NAME": "association Le Pont",
    "OPERATOR_PHONE": "01 99 00 12 34",
    "FINGERPRINT_KEY": "0123456789abcdef" * 4,
    "NUMBER_KEYS": "bnVtYmVyIGtleSBvZiB0aGUgdGVzdHMsIDMyIGJ5dC4=",
}
OTHER_KEY = "b3RoZXIga2V5IG9mIHRoZSB0ZXN0cyB3aXRoIDMyIGI="


def demo(var: Path, **environ: str) -> Settings:
    return load_settings({"VAR_DIR": str(var), **environ})


def problems(environ: dict[str, str]) -> str:
    with pytest.raises(SettingsError) as caught:
        load_settings(environ)
    return str(caught.value)
