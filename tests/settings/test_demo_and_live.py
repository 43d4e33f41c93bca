"""What a demo needs and what a helpline for real callers needs, and what the two keep apart."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import ValidationError

from helpline.settings import NEEDED_LIVE, load_settings
from tests.settings.given import LIVE, TOKEN, demo, problems


def test_the_demo_needs_no_setting(var: Path) -> None:
    settings = demo(var)
    assert settings.is_demo
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    assert settings.public_url == "http://localhost:8000"
    assert settings.languages == ("fr", "en")
    assert 1 <= settings.web_concurrency <= 4
    assert settings.redis_url is None


def test_callers_may_speak_where_it_costs_nothing_unless_it_is_said(var: Path) -> None:
    assert demo(var).voice_speech
    assert not demo(var, VOICE_SPEECH="0").voice_speech
    assert not load_settings({**LIVE, "VAR_DIR": str(var)}).voice_speech
    assert load_settings({**LIVE, "VAR_DIR": str(var), "VOICE_SPEECH": "1"}).voice_speech


def test_an_empty_variable_counts_as_unset(var: Path) -> None:
    assert demo(var, PORT="", SERVICE_NAME="  ", REDIS_URL="") == demo(var)


def test_only_the_given_environment_counts(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "9999")
    assert demo(var).port == 8000


def test_settings_cannot_be_changed(var: Path) -> None:
    with pytest.raises(ValidationError):
        demo(var).port = 1


def test_live_settings_use_no_demo(var: Path) -> None:
    settings = load_settings({**LIVE, "VAR_DIR": str(var), "TWILIO_AUTH_TOKEN_SECONDARY": "other"})
    assert not settings.is_demo
    assert settings.host == "0.0.0.0"
    assert [token.get_secret_value() for token in settings.auth_tokens] == [TOKEN, "other"]
    assert settings.fingerprint_key == LIVE["FINGERPRINT_KEY"].encode()
    assert settings.number_keys == (LIVE["NUMBER_KEYS"],)
    assert not var.exists()


def test_a_demo_shares_no_file_of_callers_with_a_helpline_for_real_ones(var: Path) -> None:
    real, played = load_settings(LIVE | {"VAR_DIR": str(var)}), demo(var)
    assert real.journal_file != played.journal_file
    assert real.valkey_dir != played.valkey_dir


@pytest.mark.parametrize("name", ["TWILIO_AUTH_TOKEN", "TWILIO_AUTH_TOKEN_SECONDARY"])
def test_where_a_token_could_be_a_real_one_the_files_of_real_callers_stay_where_they_are(var: Path, name: str) -> None:
    real, rehearsed = load_settings(LIVE | {"VAR_DIR": str(var)}), demo(var, HELPLINE_ENV="demo", **{name: TOKEN})
    assert rehearsed.is_demo
    assert rehearsed.database_url == real.database_url
    assert rehearsed.journal_file == real.journal_file
    assert rehearsed.valkey_dir == real.valkey_dir
    assert rehearsed.belongs_to == real.belongs_to == "production"
    assert demo(var).belongs_to == "demo"


def test_only_a_demo_without_a_token_has_phones(var: Path) -> None:
    assert demo(var).has_phones
    assert not demo(var, HELPLINE_ENV="demo", TWILIO_AUTH_TOKEN=TOKEN).has_phones
    assert not demo(var, HELPLINE_ENV="demo", TWILIO_AUTH_TOKEN_SECONDARY=TOKEN).has_phones
    assert not load_settings(LIVE | {"VAR_DIR": str(var)}).has_phones


def test_sending_has_defaults_that_need_no_thought(var: Path) -> None:
    settings = demo(var)
    assert settings.twilio_api_url == "https://api.twilio.com"
    assert (settings.sms_per_second, settings.sms_price, settings.settle_seconds) == (10.0, Decimal("0.07"), 120)
    assert (settings.alert_number, settings.heartbeat_url) == ("", "")
    assert demo(var, ALERT_NUMBER="+33 6 39 98 00 01").alert_number == "+33639980001"
    assert demo(var, SMS_PRICE="0.0652").sms_price == Decimal("0.0652")


@pytest.mark.parametrize("name", NEEDED_LIVE)
def test_going_live_needs(name: str) -> None:
    environ = {**LIVE, "HELPLINE_ENV": "production"}
    del environ[name]
    message = problems(environ)
    assert f"{name} is not set" in message
    assert f"Example: {name}=" in message
    assert message.count("is not set") == 1


def test_all_that_is_missing_is_named_at_once() -> None:
    message = problems({"HELPLINE_ENV": "production"})
    assert all(f"{name} is not set" in message for name in NEEDED_LIVE)


def test_what_is_missing_and_what_is_wrong_are_named_together() -> None:
    message = problems({**LIVE, "OPERATOR_NAME": "", "PORT": "eighty", "VOICE_NUMBER": "17"})
    assert "OPERATOR_NAME is not set" in message
    assert "PORT must be a whole number. Example: PORT=8000" in message
    assert "VOICE_NUMBER must be" in message


@pytest.mark.parametrize("name", ["TWILIO_AUTH_TOKEN", "TWILIO_ACCOUNT_SID"])
def test_credentials_alone_mean_real_callers_and_the_message_says_so(name: str) -> None:
    message = problems({name: LIVE[name]})
    assert "SMS_SENDER is not set" in message
    assert "HELPLINE_ENV=demo" in message


def test_a_demo_with_credentials_stays_a_demo(var: Path) -> None:
    settings = demo(var, HELPLINE_ENV="demo", TWILIO_AUTH_TOKEN=TOKEN)
    assert settings.is_demo
    assert settings.auth_tokens[0].get_secret_value() == TOKEN
