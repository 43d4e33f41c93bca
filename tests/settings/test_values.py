"""What each setting may be: folders, databases, addresses, names and numbers, and why another is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpline.identity import identity_of
from helpline.prompts_folder import load_folder
from helpline.settings import load_settings
from tests.settings.given import LIVE, demo, problems


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


def test_the_database_is_a_file_in_var_unless_another_is_named(var: Path) -> None:
    assert load_settings(LIVE | {"VAR_DIR": str(var)}).database_url == f"sqlite:///{var}/helpline.db"
    assert demo(var).database_url == f"sqlite:///{var}/demo.db"
    assert demo(var, DATABASE_URL="sqlite:////srv/records.db").database_url == "sqlite:////srv/records.db"


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


def test_what_we_send_to_the_carrier_is_not_read_on_the_way() -> None:
    assert "TWILIO_API_URL must begin with https://" in problems({**LIVE, "TWILIO_API_URL": "http://api.example.org"})
    assert load_settings({**LIVE, "TWILIO_API_URL": "http://127.0.0.1:9000/"}).twilio_api_url == "http://127.0.0.1:9000"


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
        ("OPERATOR_NAME", "l'aide d'Agen, de 7 à 9 h", "has 9 words, as it is said: at most 7"),
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
        ("ADVISER_NUMBER", "0199001236", "must be a phone number with its country code"),
        ("ADVISER_NUMBER", "+33 1 99 00 12 34", "is the helpline's own number, which cannot call itself"),
        ("HEARTBEAT_URL", "watch.example.org/ping", "must be a web address"),
        ("HEARTBEAT_URL", "https://watch.example.org:x/", "must be a web address"),
        ("METRICS_TOKEN", "short", "must have at least 32 characters"),
        ("SETTLE_SECONDS", "0", "is too small"),
        ("MESSAGES_A_DAY", "0", "is too small"),
        ("SECRET_KEY", "a" * 32 + ",short", "must have at least 32 characters, each of them"),
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
