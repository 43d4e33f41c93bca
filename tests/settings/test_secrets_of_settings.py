"""Tokens, keys and passwords: a demo makes and keeps its own, wrong ones are refused, and none is ever shown."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr

from helpline.records.sealing import Seals
from helpline.settings import load_settings
from tests.settings.given import LIVE, OTHER_KEY, TOKEN, demo, problems


def test_the_token_of_the_demo_is_the_same_after_a_restart(var: Path) -> None:
    first, second = demo(var), demo(var)
    assert first.auth_tokens == second.auth_tokens
    assert len(first.auth_tokens[0].get_secret_value()) == 32


def test_nobody_else_may_read_the_token_of_the_demo(var: Path) -> None:
    demo(var)
    assert (var / "demo-token").stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in var.iterdir()) == ["demo-token", "fingerprint-key", "number-keys"]


def test_processes_that_start_together_share_the_token_of_the_demo(var: Path) -> None:
    program = "from helpline.settings import load_settings\nprint(load_settings().auth_tokens[0].get_secret_value())"
    starting = [
        subprocess.Popen([sys.executable, "-c", program], env={"VAR_DIR": str(var)}, stdout=subprocess.PIPE, text=True)
        for _ in range(6)
    ]
    tokens = {process.communicate(timeout=50)[0] for process in starting}
    assert len(tokens) == 1
    assert re.fullmatch(r"[0-9a-f]{32}\n", tokens.pop())


def test_the_keys_of_a_demo_are_kept_and_differ_from_one_helpline_to_the_next(var: Path, tmp_path: Path) -> None:
    first, again = demo(var), demo(var, TWILIO_AUTH_TOKEN="f" * 32, HELPLINE_ENV="demo")
    other = demo(tmp_path / "other")
    assert len(first.fingerprint_key) >= 32
    assert first.fingerprint_key == again.fingerprint_key != other.fingerprint_key
    assert first.number_keys == again.number_keys != other.number_keys
    assert Seals(first.number_keys).open(Seals(again.number_keys).seal("+33639980001").number) == "+33639980001"
    for name in ("fingerprint-key", "number-keys"):
        assert (var / name).stat().st_mode & 0o777 == 0o600


def test_a_helpline_that_goes_live_is_told_of_the_keys_that_it_has_used_so_far(var: Path) -> None:
    demo(var)
    message = problems({"HELPLINE_ENV": "production", "VAR_DIR": str(var)})
    for name in ("fingerprint-key", "number-keys"):
        assert f"the one in {var / name} so far" in message
        assert (var / name).read_text().strip() not in message


def test_several_number_keys_are_taken_in_their_order(var: Path) -> None:
    keys = demo(var, NUMBER_KEYS=f"{OTHER_KEY} , {LIVE['NUMBER_KEYS']}").number_keys
    assert keys == (OTHER_KEY, LIVE["NUMBER_KEYS"])


@pytest.mark.parametrize("keys", ["sh0rt-s3cret", OTHER_KEY + ",s3cret", OTHER_KEY + ",", "é" * 44, OTHER_KEY + " x"])
def test_number_keys_that_seal_nothing_are_refused_without_being_shown(var: Path, keys: str) -> None:
    message = problems({"VAR_DIR": str(var), "NUMBER_KEYS": keys})
    assert "NUMBER_KEYS must be keys of 32 bytes" in message
    assert "Example: NUMBER_KEYS=" in message
    assert not any(key in message for key in keys.split(",") if key)


def test_a_number_key_that_is_named_twice_is_refused(var: Path) -> None:
    assert "NUMBER_KEYS names a key twice" in problems({"NUMBER_KEYS": f"{OTHER_KEY},{OTHER_KEY}"})


def test_kept_number_keys_that_were_damaged_are_named(var: Path) -> None:
    demo(var)
    (var / "number-keys").write_text("damaged" * 6)
    message = problems({"VAR_DIR": str(var)})
    assert f"{var / 'number-keys'} must be keys of 32 bytes" in message
    assert "damaged" not in message


def test_half_of_the_carriers_api_key_is_refused(var: Path) -> None:
    key, secret = "SK" + "2" * 32, "s3cret" * 5
    whole = demo(var, TWILIO_API_KEY=key, TWILIO_API_SECRET=secret)
    assert (whole.twilio_api_key, whole.twilio_api_secret) == (key, SecretStr(secret))
    assert "TWILIO_API_KEY is set without TWILIO_API_SECRET" in problems({"TWILIO_API_KEY": key})
    message = problems({"TWILIO_API_SECRET": secret})
    assert "TWILIO_API_SECRET is set without TWILIO_API_KEY" in message
    assert secret not in message


def test_a_fingerprint_key_of_the_environment_is_used_and_a_short_one_refused(var: Path) -> None:
    assert load_settings({"VAR_DIR": str(var), "FINGERPRINT_KEY": "k" * 32}).fingerprint_key == b"k" * 32
    assert "FINGERPRINT_KEY must have at least 32 characters" in problems({"FINGERPRINT_KEY": "short"})


def test_secrets_are_never_shown(var: Path) -> None:
    given = {
        **LIVE,
        "TWILIO_AUTH_TOKEN_SECONDARY": "othersecret",
        "REDIS_URL": "redis://:redissecret@host/0",
        "DATABASE_URL": "postgresql://me:sqlsecret@host/helpline",
        "HEARTBEAT_URL": "https://watch.example.org/heartsecret",
        "TWILIO_API_KEY": "SK" + "1" * 32,
        "TWILIO_API_SECRET": "apisecret",
        "METRICS_TOKEN": "0123456789abcdef0123456789metricssecret",
    }
    told = [text for text in given.values() if text.endswith("secret") and "/" not in text]
    told += [TOKEN, "redissecret", "sqlsecret", "heartsecret", LIVE["FINGERPRINT_KEY"], LIVE["NUMBER_KEYS"]]
    for settings in (load_settings(given), demo(var)):
        shown = repr(settings) + str(settings) + repr(settings.auth_tokens)
        own = [settings.auth_tokens[0].get_secret_value(), settings.fingerprint_key.decode(), *settings.number_keys]
        assert [secret for secret in told + own if secret in shown] == []
    assert "redissecret" not in problems({**given, "REDIS_URL": "http://:redissecret@host/0"})


def test_a_redis_address_that_cannot_be_read_is_refused_without_its_password(var: Path) -> None:
    message = problems({"REDIS_URL": "redis://:s3cr/etpw@127.0.0.1:6379/0"})
    assert "REDIS_URL has a port, a password or an option that cannot be read" in message
    assert "s3cr" not in message


def test_a_kept_secret_that_was_emptied_is_named(var: Path) -> None:
    demo(var)
    (var / "fingerprint-key").write_text("")
    assert "fingerprint-key holds no secret" in problems({"VAR_DIR": str(var)})
