"""What each setting may hold. A rule takes the text of a variable and returns it, or says what is wrong."""

import base64
import binascii
import re
import unicodedata
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import phonenumbers
from pydantic import AfterValidator, Field, SecretStr, ValidationInfo
from rapidfuzz import fuzz

from helpline.menus import gsm7

if TYPE_CHECKING:
    from sqlalchemy import URL

NAMES_OF_OTHERS = {"francetravail": "France Travail", "poleemploi": "Pôle emploi"}
# France and its overseas departments: everywhere there, 06 and 07 are mobiles of people.
LONGEST_OPERATOR, MOST_WORDS_OF_OPERATOR = 40, 7
FRENCH_COUNTRY_CODES = {33, 262, 590, 594, 596}
LOCAL_HOSTS = {"localhost", "127.0.0.1", "::1"}


def _matching(pattern: str, wanted: str) -> Callable[[str], str]:
    def rule(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(f"must be {wanted}")
        return text

    return rule


def check_public_url(text: str, info: ValidationInfo) -> str:
    """The address under which Twilio reaches this server; http only where nobody listens in."""
    try:
        url = urlsplit(text)
        valid = bool(url.hostname) and url.scheme in ("http", "https")
        _ = url.port
    except ValueError:
        valid = False
    if not valid:
        raise ValueError("must be a web address")
    if url.query or url.fragment or "?" in text or "#" in text:
        raise ValueError("must end before any '?' or '#'")
    if url.username is not None or url.password is not None:
        raise ValueError("must not hold a user name or password")
    if url.scheme == "http" and url.hostname not in LOCAL_HOSTS and info.data.get("env") != "demo":
        raise ValueError("must begin with https://, or what callers write could be read on the way")
    return text.rstrip("/")


def e164(text: str) -> str | None:
    """The number in the form +33199001234; None when it is not a phone number. French unless it says."""
    try:
        number = phonenumbers.parse(text, "FR")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def check_voice_number(text: str) -> str:
    """A number that can be called, with its country."""
    if not text.startswith("+") or (number := e164(text)) is None:
        raise ValueError("must be a phone number with its country code, beginning with +")
    return number


def check_sms_sender(text: str) -> str:
    """Whoever a text comes from: callers must be able to answer it, and the law must allow it."""
    if re.fullmatch(r"MG[0-9a-fA-F]{32}|\d{5,6}", text):
        return text
    number = e164(text)  # a number without its country code is read as a French one
    if number is not None:
        parsed = phonenumbers.parse(number)
        if parsed.country_code in FRENCH_COUNTRY_CODES and str(parsed.national_number)[0] in "67":
            raise ValueError(
                "is a French mobile number (06 or 07), from which an automated system may not send: "
                "use a short code or another kind of number"
            )
        if text.startswith("+"):
            return number
    if re.search(r"[^\W\d_]", text) and not text.startswith("MG"):
        raise ValueError("is a name, and callers cannot answer a name: use a short code or a number")
    raise ValueError(
        "must be a number with its country code, a short code of 5 or 6 digits, "
        "or a messaging service (MG and 32 hexadecimal digits)"
    )


def check_service_name(text: str) -> str:
    """The name that every text begins with: short, sendable, and nobody else's."""
    if len(text) > 13:
        raise ValueError(f"has {len(text)} characters, and every text begins with it: at most 13")
    folded = _letters(text)
    for name, shown in NAMES_OF_OTHERS.items():
        if fuzz.partial_ratio(folded, name) >= 88 and len(folded) >= len(name) - 2:
            raise ValueError(f"reads like {shown!r}: callers would take this service for the agency")
    if lost := sorted(set(text) - gsm7.BASIC):
        raise ValueError(f"holds {' '.join(map(repr, lost))}, which would make every text cost double")
    return text


def _letters(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).casefold().translate(str.maketrans("01345", "oleas"))
    return "".join(c for c in plain if c.isalpha())


def check_operator_name(text: str) -> str:
    """Who runs the helpline, as callers are told: short, since it is said in calls that last 20 seconds a page."""
    if len(text) > LONGEST_OPERATOR:
        raise ValueError(f"has {len(text)} characters: at most {LONGEST_OPERATOR}")
    if (words := len(re.findall(r"[^\W\d]+|\d+", text))) > MOST_WORDS_OF_OPERATOR:
        raise ValueError(f"has {words} words, as it is said: at most {MOST_WORDS_OF_OPERATOR}")
    if not text.isprintable():
        raise ValueError("holds characters that cannot be printed")
    return text


def check_operator_phone(text: str) -> str:
    """Where callers reach a person, in groups as people say a number: in one piece it is read out digit by digit."""
    if (number := e164(text)) is None or not re.fullmatch(r"[+\d .()-]+", text):
        raise ValueError("must be a phone number")
    parsed = phonenumbers.parse(number)
    if parsed.country_code in FRENCH_COUNTRY_CODES:
        return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def split_languages(value: object) -> object:
    """`fr, en` as a tuple."""
    return tuple(part.strip() for part in value.split(",")) if isinstance(value, str) else value


def check_languages(codes: tuple[str, ...]) -> tuple[str, ...]:
    """At least one language, each once; the first is the one that callers begin in."""
    if not codes or not all(re.fullmatch(r"[a-z]{2}", code) for code in codes):
        raise ValueError("must be language codes of two letters with commas between")
    if len(set(codes)) < len(codes):
        raise ValueError("names a language twice")
    return codes


def split_countries(value: object) -> object:
    """`FR, re` as a tuple, in capitals."""
    return tuple(part.strip().upper() for part in value.split(",")) if isinstance(value, str) else value


def check_countries(codes: tuple[str, ...]) -> tuple[str, ...]:
    """Countries of the international numbering plan, each once."""
    unknown = [code for code in codes if code not in phonenumbers.SUPPORTED_REGIONS]
    if not codes or unknown:
        raise ValueError("must be country codes of two letters with commas between")
    return tuple(dict.fromkeys(codes))


def check_redis_url(text: str) -> str:
    """An address that the redis library takes. What is wrong is said without the password in it."""
    if not text.startswith(("redis://", "rediss://", "unix://")):
        raise ValueError("must begin with redis://, rediss:// or unix://")
    from redis.connection import parse_url  # here and below, as many a command uses neither library

    try:
        options = parse_url(text)  # type: ignore[no-untyped-call]
    except ValueError:
        options = {}
    if not options and not text.startswith("unix://"):
        raise ValueError(
            "has a port, a password or an option that cannot be read (in a password write / # ? @ as %2F %23 %3F %40)"
        )
    return text


def check_database_url(text: str) -> str:
    """An address of SQLite or PostgreSQL, with the driver that we have. What is wrong is said without its password."""
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise ValueError("cannot be read (in a password write / # ? @ as %2F %23 %3F %40)") from None
    if url.drivername in ("postgres", "postgresql", "postgresql+psycopg"):
        return _postgresql(url)
    if url.drivername in ("sqlite", "sqlite+pysqlite"):
        if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
            raise ValueError("must name a file, which every process opens")
        return url.set(database=str(Path(url.database).expanduser().absolute())).render_as_string(hide_password=False)
    raise ValueError("must begin with postgresql:// or sqlite:///")


def _postgresql(url: "URL") -> str:
    import psycopg  # here, as only who has a PostgreSQL needs its library

    ours = url.set(drivername="postgresql+psycopg")
    _, options = ours.get_dialect()().create_connect_args(ours)
    try:
        psycopg.conninfo.make_conninfo("", **options)
    except psycopg.ProgrammingError:
        raise ValueError("has an option after '?' that PostgreSQL does not know") from None
    return ours.render_as_string(hide_password=False)


def check_number_keys(secret: SecretStr) -> SecretStr:
    """Keys of 32 bytes with commas between; the first seals, all of them open."""
    keys = [key.strip() for key in secret.get_secret_value().split(",")]
    for place, key in enumerate(keys, 1):
        if not _is_number_key(key):
            which = f": number {place} of {len(keys)} is not" if len(keys) > 1 else ""
            raise ValueError(f"must be keys of 32 bytes in URL-safe base64, with commas between{which}")
    if len(set(keys)) < len(keys):
        raise ValueError("names a key twice")
    return SecretStr(",".join(keys))


def _is_number_key(key: str) -> bool:
    try:
        return len(base64.b64decode(key, altchars=b"-_", validate=True)) == 32
    except (binascii.Error, ValueError):
        return False


def check_web_address(text: str) -> str:
    """An address that is called by http or https."""
    try:
        url = urlsplit(text)
        valid = bool(url.hostname) and url.scheme in ("http", "https") and not re.search(r"\s", text)
        _ = url.port
    except ValueError:
        valid = False
    if not valid:
        raise ValueError("must be a web address")
    return text


def check_folder(path: Path) -> Path:
    """Absolute: every process of the Procfile runs in the checkout, wherever the operator was."""
    folder = path.expanduser().absolute()
    if folder.is_file():
        raise ValueError(f"is a file, not a folder: {folder}")
    return folder


def check_long_secret(secret: SecretStr) -> SecretStr:
    """A key that nobody guesses."""
    if len(secret.get_secret_value()) < 32:
        raise ValueError("must have at least 32 characters")
    return secret


def check_secret_keys(secret: SecretStr) -> SecretStr:
    """Keys that nobody guesses, with commas between; the first signs, all of them are believed."""
    keys = [key.strip() for key in secret.get_secret_value().split(",")]
    if any(len(key) < 32 for key in keys):
        raise ValueError("must have at least 32 characters, each of them where commas stand between")
    return SecretStr(",".join(keys))


Port = Annotated[int, Field(ge=1, le=65535)]
Workers = Annotated[int, Field(ge=1, le=64)]
AccountSid = Annotated[str, AfterValidator(_matching(r"AC[0-9a-fA-F]{32}", "AC and 32 hexadecimal digits"))]
PublicUrl = Annotated[str, AfterValidator(check_public_url)]
VoiceNumber = Annotated[str, AfterValidator(check_voice_number)]
SmsSender = Annotated[str, AfterValidator(check_sms_sender)]
ServiceName = Annotated[str, AfterValidator(check_service_name)]
OperatorName = Annotated[str, AfterValidator(check_operator_name)]
OperatorPhone = Annotated[str, AfterValidator(check_operator_phone)]
DatabaseUrl = Annotated[str, AfterValidator(check_database_url)]
NumberKeys = Annotated[SecretStr, AfterValidator(check_number_keys)]
ApiKey = Annotated[str, AfterValidator(_matching(r"SK[0-9a-fA-F]{32}", "SK and 32 hexadecimal digits"))]
WebAddress = Annotated[str, AfterValidator(check_web_address)]
Rate = Annotated[float, Field(gt=0, le=1000, allow_inf_nan=False)]
Price = Annotated[Decimal, Field(ge=0, le=10)]
Seconds = Annotated[int, Field(ge=1, le=3600)]
MessagesADay = Annotated[int, Field(ge=1, le=10_000_000)]
CallsADay = Annotated[int, Field(ge=0, le=100_000)]
Countries = Annotated[tuple[str, ...], AfterValidator(check_countries)]
SecretKeys = Annotated[SecretStr, AfterValidator(check_secret_keys)]
LongSecret = Annotated[SecretStr, AfterValidator(check_long_secret)]
Languages = Annotated[tuple[str, ...], AfterValidator(check_languages)]
RedisUrl = Annotated[str, AfterValidator(check_redis_url)]
Folder = Annotated[Path, AfterValidator(check_folder)]
Host = Annotated[str, AfterValidator(_matching(r"[\w.:-]+", "a host name or address of this machine"))]
