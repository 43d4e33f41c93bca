import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from helpline.identity import identity_of
from helpline.prompts_folder import load_folder
from helpline.records.sealing import Seals
from helpline.settings import NEEDED_LIVE, Settings, SettingsError, load_settings

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


@pytest.fixture
def var(tmp_path: Path) -> Path:
    return tmp_path / "var"


def demo(var: Path, **environ: str) -> Settings:
    return load_settings({"VAR_DIR": str(var), **environ})


def problems(environ: dict[str, str]) -> str:
    with pytest.raises(SettingsError) as caught:
        load_settings(environ)
    return str(caught.value)


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


@pytest.mark.parametrize("given", [{}, LIVE])
@pytest.mark.parametrize("name", ["VAR_DIR", "PROMPTS_DIR"])
def test_a_file_in_the_place_of_a_folder_is_called_one(tmp_path: Path, given: dict[str, str], name: str) -> None:
    (tmp_path / "file").write_text("")
    message = problems({**given, name: str(tmp_path / "file")})
    assert f"{name} is a file, not a folder: {tmp_path / 'file'}" in message


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert f"VAR_DIR {tmp_path / 'file' / 'var'} cannot be written" in problems(
        {"VAR_DIR": str(tmp_path / "file" / "var")}
    )


def test_live_settings_use_no_demo(var: Path) -> None:
    settings = load_settings({**LIVE, "VAR_DIR": str(var), "TWILIO_AUTH_TOKEN_SECONDARY": "other"})
    assert not settings.is_demo
    assert settings.host == "0.0.0.0"
    assert [token.get_secret_value() for token in settings.auth_tokens] == [TOKEN, "other"]
    assert settings.fingerprint_key == LIVE["FINGERPRINT_KEY"].encode()
    assert settings.number_keys == (LIVE["NUMBER_KEYS"],)
    assert not var.exists()


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


def test_the_database_is_a_file_in_var_unless_another_is_named(var: Path) -> None:
    assert load_settings(LIVE | {"VAR_DIR": str(var)}).database_url == f"sqlite:///{var}/helpline.db"
    assert demo(var).database_url == f"sqlite:///{var}/demo.db"
    assert demo(var, DATABASE_URL="sqlite:////srv/records.db").database_url == "sqlite:////srv/records.db"


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


def test_a_database_file_does_not_depend_on_where_a_process_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert demo(tmp_path, DATABASE_URL="sqlite:///records.db").database_url == f"sqlite:///{tmp_path}/records.db"


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_address_of_a_postgresql_gets_the_driver_that_we_have(var: Path, scheme: str) -> None:
    url = demo(var, DATABASE_URL=f"{scheme}://me:s%2Fecret@db.test:5433/helpline?sslmode=require").database_url
    assert url == "postgresql+psycopg://me:s%2Fecret@db.test:5433/helpline?sslmode=require"


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("mysql://me:s3cret@host/helpline", "must begin with postgresql:// or sqlite:///"),
        ("postgresql+asyncpg://me:s3cret@host/helpline", "must begin with postgresql:// or sqlite:///"),
        ("postgresql://me:s3cret@host:port/helpline", "cannot be read"),
        ("postgresql://me:s3cret@host/helpline?sslmod=require", "has an option after '?' that PostgreSQL"),
        ("me:s3cret@host/helpline", "cannot be read"),
        ("sqlite://", "must name a file"),
        ("sqlite:///:memory:", "must name a file"),
        ("sqlite:///file:s3cret?mode=memory&uri=true", "must name a file"),
    ],
)
def test_a_database_that_cannot_be_used_is_refused_without_its_password(url: str, why: str) -> None:
    message = problems({"DATABASE_URL": url})
    assert f"DATABASE_URL {why}" in message
    assert "Example: DATABASE_URL=" in message
    assert "s3cret" not in message


def test_half_of_the_carriers_api_key_is_refused(var: Path) -> None:
    key, secret = "SK" + "2" * 32, "s3cret" * 5
    whole = demo(var, TWILIO_API_KEY=key, TWILIO_API_SECRET=secret)
    assert (whole.twilio_api_key, whole.twilio_api_secret) == (key, SecretStr(secret))
    assert "TWILIO_API_KEY is set without TWILIO_API_SECRET" in problems({"TWILIO_API_KEY": key})
    message = problems({"TWILIO_API_SECRET": secret})
    assert "TWILIO_API_SECRET is set without TWILIO_API_KEY" in message
    assert secret not in message


def test_sending_has_defaults_that_need_no_thought(var: Path) -> None:
    settings = demo(var)
    assert settings.twilio_api_url == "https://api.twilio.com"
    assert (settings.sms_per_second, settings.sms_price, settings.settle_seconds) == (10.0, Decimal("0.07"), 120)
    assert (settings.alert_number, settings.heartbeat_url) == ("", "")
    assert demo(var, ALERT_NUMBER="+33 6 39 98 00 01").alert_number == "+33639980001"
    assert demo(var, SMS_PRICE="0.0652").sms_price == Decimal("0.0652")


def test_what_we_send_to_the_carrier_is_not_read_on_the_way() -> None:
    assert "TWILIO_API_URL must begin with https://" in problems({**LIVE, "TWILIO_API_URL": "http://api.example.org"})
    assert load_settings({**LIVE, "TWILIO_API_URL": "http://127.0.0.1:9000/"}).twilio_api_url == "http://127.0.0.1:9000"


def test_a_fingerprint_key_of_the_environment_is_used_and_a_short_one_refused(var: Path) -> None:
    assert load_settings({"VAR_DIR": str(var), "FINGERPRINT_KEY": "k" * 32}).fingerprint_key == b"k" * 32
    assert "FINGERPRINT_KEY must have at least 32 characters" in problems({"FINGERPRINT_KEY": "short"})


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


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("PORT", "0", "is too small"),
        ("PORT", "65536", "is too large"),
        ("WEB_CONCURRENCY", "none", "must be a whole number"),
        ("PUBLIC_URL", "aide.example.org", "must be a web address"),
        ("PUBLIC_URL", "https://[aide", "must be a web address"),
        ("PUBLIC_URL", "https://aide.example.org/?a=b", "must end before any '?'"),
        ("PUBLIC_URL", "https://me:secret@aide.example.org", "must not hold a user name"),
        ("TWILIO_ACCOUNT_SID", "SK" + "1" * 32, "must be AC and 32"),
        ("SMS_SENDER", "Relais", "is a name, and callers cannot answer a name"),
        ("SMS_SENDER", "+33639981234", "is a French mobile number"),
        ("SMS_SENDER", "+33 7 39 98 12 34", "is a French mobile number"),
        ("SMS_SENDER", "+262692123456", "is a French mobile number"),
        ("SMS_SENDER", "0199001234", "must be a number with its country code"),
        ("SMS_SENDER", "1234567", "must be a number with its country code"),
        ("SMS_SENDER", "MG123", "must be a number with its country code"),
        ("VOICE_NUMBER", "0199001234", "must be a phone number with its country code"),
        ("SERVICE_NAME", "Relais Emplois", "has 14 characters"),
        ("SERVICE_NAME", "Fenêtre", "holds 'ê'"),
        ("OPERATOR_NAME", "x" * 41, "has 41 characters: at most 40"),
        ("OPERATOR_NAME", "Le\x00Pont", "holds characters that cannot be printed"),
        ("OPERATOR_PHONE", "au bureau", "must be a phone number"),
        ("OPERATOR_PHONE", "01 99 00", "must be a phone number"),
        ("REDIS_URL", "localhost:6379", "must begin with redis://"),
        ("HELPLINE_LANGUAGES", "français", "must be language codes"),
        ("HELPLINE_LANGUAGES", "fr,,en", "must be language codes"),
        ("HELPLINE_LANGUAGES", "fr,pt-BR", "must be language codes"),
        ("HELPLINE_LANGUAGES", "fr,en,fr", "names a language twice"),
        ("VOICE_SPEECH", "perhaps", "must be 0 or 1"),
        ("HELPLINE_ENV", "live", "must be demo or production"),
        ("HELPLINE_HOST", "here; reboot", "must be a host name"),
        ("TWILIO_API_URL", "api.twilio.com", "must be a web address"),
        ("TWILIO_API_KEY", "AC" + "1" * 32, "must be SK and 32"),
        ("SMS_PER_SECOND", "0", "is too small"),
        ("SMS_PER_SECOND", "nan", "must be a number"),
        ("SMS_PER_SECOND", "ten", "must be a number"),
        ("SMS_PRICE", "0,07", "must be a number with a point"),
        ("SMS_PRICE", "-1", "is too small"),
        ("SMS_PRICE", "inf", "must be a number"),
        ("ALERT_NUMBER", "0639980001", "must be a phone number with its country code"),
        ("HEARTBEAT_URL", "watch.example.org/ping", "must be a web address"),
        ("HEARTBEAT_URL", "https://watch.example.org:x/", "must be a web address"),
        ("SETTLE_SECONDS", "0", "is too small"),
        ("SETTLE_SECONDS", "1.5", "must be a whole number"),
    ],
)
def test_a_wrong_value_is_refused_with_its_reason(var: Path, name: str, value: str, why: str) -> None:
    message = problems({"VAR_DIR": str(var), "HELPLINE_ENV": "demo", name: value})
    assert f"  {name} {why}" in message
    assert f"Example: {name}=" in message


@pytest.mark.parametrize(
    "name",
    [
        "FranceTravail",
        "france-travai",
        "FRANCETRAVA1L",
        "Pole Emploi",
        "pôle  emploi",
        "P0le_Empl0i",
        "PoleEmploi63",
    ],
)
def test_the_service_cannot_take_the_name_of_the_agency(var: Path, name: str) -> None:
    assert "SERVICE_NAME reads like" in problems({"VAR_DIR": str(var), "SERVICE_NAME": name})


@pytest.mark.parametrize("name", ["Relais Droits", "Emploi 63", "Travail & Co", "Le Pont", "Pôle solidair", "É"])
def test_other_names_are_fine_unless_they_cannot_be_sent(var: Path, name: str) -> None:
    if name.startswith("Pôle"):
        assert "'ô'" in problems({"VAR_DIR": str(var), "SERVICE_NAME": name})
    else:
        assert demo(var, SERVICE_NAME=name).service_name == name


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "http://127.0.0.1:8001"),
        ("0.0.0.0", "http://127.0.0.1:8001"),
        ("::", "http://[::1]:8001"),
        ("192.168.1.7", "http://192.168.1.7:8001"),
    ],
)
def test_a_program_beside_the_server_reaches_it_wherever_it_listens(var: Path, host: str, address: str) -> None:
    assert demo(var, HELPLINE_HOST=host, PORT="8001").local_address == address


@pytest.mark.parametrize("sender", ["38123", "381234", "+33199001234", "+44 7700 900123", "MG" + "0a" * 16])
def test_callers_can_answer(var: Path, sender: str) -> None:
    assert demo(var, SMS_SENDER=sender).sms_sender == sender.replace(" ", "")


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("0199001234", "01 99 00 12 34"),
        ("01.99.00.12.34", "01 99 00 12 34"),
        ("(0)1.99.00.12.34", "01 99 00 12 34"),
        ("+33199001234", "01 99 00 12 34"),
        ("+262262123456", "0262 12 34 56"),
        ("0800123456", "0 800 12 34 56"),
        ("+442079460000", "+44 20 7946 0000"),
    ],
)
def test_the_operators_phone_is_shown_in_groups_however_it_was_typed(var: Path, typed: str, shown: str) -> None:
    assert demo(var, OPERATOR_PHONE=typed).operator_phone == shown


@pytest.mark.parametrize("typed", ["0199001234", "01.99.00.12.34", "+33199001234", "+262262123456", "0800123456"])
def test_every_page_can_be_spoken_with_the_operators_phone(var: Path, typed: str) -> None:
    settings = demo(var, OPERATOR_PHONE=typed)
    loaded = load_folder(settings.prompts_dir, settings.languages, identity_of(settings))
    assert loaded.prompts.menus.nodes


def test_a_web_address_without_encryption_is_for_this_machine_and_the_demo(var: Path) -> None:
    assert demo(var, PUBLIC_URL="http://phone.test:8000/").public_url == "http://phone.test:8000"
    assert load_settings({**LIVE, "PUBLIC_URL": "http://localhost:8000"}).public_url == "http://localhost:8000"
    assert "PUBLIC_URL must begin with https://" in problems({**LIVE, "PUBLIC_URL": "http://aide.example.org"})


def test_languages_keep_their_order(var: Path) -> None:
    assert demo(var, HELPLINE_LANGUAGES="en, fr ,ar").languages == ("en", "fr", "ar")


def test_folders_do_not_depend_on_where_a_process_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = load_settings({"VAR_DIR": "here", "PROMPTS_DIR": "words"})
    assert settings.var_dir == tmp_path / "here"
    assert settings.prompts_dir == tmp_path / "words"


def test_secrets_are_never_shown(var: Path) -> None:
    given = {
        **LIVE,
        "TWILIO_AUTH_TOKEN_SECONDARY": "othersecret",
        "REDIS_URL": "redis://:redissecret@host/0",
        "DATABASE_URL": "postgresql://me:sqlsecret@host/helpline",
        "HEARTBEAT_URL": "https://watch.example.org/heartsecret",
        "TWILIO_API_KEY": "SK" + "1" * 32,
        "TWILIO_API_SECRET": "apisecret",
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
