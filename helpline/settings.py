"""Every environment variable that the helpline reads, typed and checked before anything starts."""

import os
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, PrivateAttr, SecretStr, ValidationError
from pydantic_settings import BaseSettings, EnvSettingsSource, NoDecode, SettingsConfigDict
from pydantic_settings.sources import PydanticBaseSettingsSource

from helpline import setting_rules as rules
from helpline.kept_secrets import DEMO_TOKEN, FINGERPRINT_KEY, NUMBER_KEYS, kept_secret, random_number_key

CHECKOUT = Path(__file__).resolve().parent.parent
DEFAULT_WORKERS = min(4, os.cpu_count() or 1)

EXAMPLES = {
    "PORT": "8000",
    "PUBLIC_URL": "https://helpline.example.org",
    "WEB_CONCURRENCY": "2",
    "TWILIO_ACCOUNT_SID": "AC0123456789abcdef0123456789abcdef",
    "TWILIO_AUTH_TOKEN": "(32 characters, from the Twilio console)",
    "TWILIO_AUTH_TOKEN_SECONDARY": "(32 characters, from the Twilio console)",
    "SMS_SENDER": "38123",
    "VOICE_NUMBER": "+33199001234",
    "SERVICE_NAME": "Relais Droits",
    "OPERATOR_NAME": "association Le Pont",
    "OPERATOR_PHONE": "01 99 00 12 34",
    "REDIS_URL": "redis://localhost:6379/0",
    "HELPLINE_LANGUAGES": "fr,en",
    "VOICE_SPEECH": "1",
    "HELPLINE_ENV": "demo",
    "HELPLINE_HOST": "127.0.0.1",
    "FINGERPRINT_KEY": "(64 letters and digits: openssl rand -hex 32)",
    "NUMBER_KEYS": "(44 characters: openssl rand -base64 32 | tr +/ -_)",
    "DATABASE_URL": "postgresql://helpline:password@localhost/helpline",
    "TWILIO_API_URL": "https://api.twilio.com",
    "TWILIO_API_KEY": "SK0123456789abcdef0123456789abcdef",
    "TWILIO_API_SECRET": "(32 characters, shown once by the Twilio console)",
    "SMS_PER_SECOND": "10",
    "SMS_PRICE": "0.07",
    "ALERT_NUMBER": "+33199001235",
    "HEARTBEAT_URL": "https://watch.example.org/ping/helpline",
    "METRICS_TOKEN": "(32 characters or more: openssl rand -hex 32)",
    "SETTLE_SECONDS": "120",
    "ALLOWED_COUNTRIES": "FR,RE,GP,MQ,GF,YT",
    "CALL_BACK_MISSED": "1",
    "CALL_BACKS_A_DAY": "100",
    "CALLS_PER_SECOND": "1",
    "MESSAGES_A_DAY": "10000",
    "SECRET_KEY": "(64 letters and digits: openssl rand -hex 32)",
    "ADVISER_NUMBER": "+33199001236",
}

NEEDED_LIVE = {
    "TWILIO_ACCOUNT_SID": "the account that texts and calls go through",
    "TWILIO_AUTH_TOKEN": "the account's secret, which signs what Twilio sends us",
    "PUBLIC_URL": "the https address under which Twilio reaches this server",
    "SMS_SENDER": "the number, short code or messaging service that texts come from",
    "VOICE_NUMBER": "the number that callers call",
    "SERVICE_NAME": "the name that every text begins with",
    "OPERATOR_NAME": "who runs this helpline, as callers are told",
    "OPERATOR_PHONE": "where callers reach a person",
    "FINGERPRINT_KEY": "the key that stands for callers' numbers; it must never change",
    "NUMBER_KEYS": "the key that seals callers' numbers; whoever loses it can write to nobody",
}
API_PAIR = ("TWILIO_API_KEY", "TWILIO_API_SECRET")  # one is of no use without the other

AS_FOR_REAL = (
    "Twilio's credentials are set, so the rules for real callers apply. "
    "To try things out without real callers: HELPLINE_ENV=demo"
)

# What the library says about plain types, in words for operators.
PLAINLY = {
    "int_parsing": "must be a whole number",
    "greater_than_equal": "is too small",
    "greater_than": "is too small",
    "less_than_equal": "is too large",
    "float_parsing": "must be a number",
    "decimal_parsing": "must be a number with a point, not a comma",
    "finite_number": "must be a number",
    "bool_parsing": "must be 0 or 1",
    "literal_error": "must be demo or production",
}


class SettingsError(ValueError):
    """Settings that the helpline cannot start with; the message names every one of them and its fix."""

    def __init__(self, problems: list[str], note: str = "") -> None:
        self.problems = tuple(problems)
        lines = ["These settings need a change:", *(f"  {problem}" for problem in problems), note]
        super().__init__("\n".join(lines).strip())


class Settings(BaseSettings):
    """The settings of one helpline. The defaults are those of the demo: a service that does not exist."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    env: Literal["demo", "production"] = Field("demo", validation_alias="HELPLINE_ENV")
    host_given: rules.Host | None = Field(None, validation_alias="HELPLINE_HOST")
    port: rules.Port = Field(8000, validation_alias="PORT")
    public_url_given: rules.PublicUrl | None = Field(None, validation_alias="PUBLIC_URL")
    web_concurrency: rules.Workers = Field(DEFAULT_WORKERS, validation_alias="WEB_CONCURRENCY")
    twilio_account_sid: rules.AccountSid = Field("AC" + "0" * 32, validation_alias="TWILIO_ACCOUNT_SID")
    twilio_auth_token: SecretStr | None = Field(None, validation_alias="TWILIO_AUTH_TOKEN")
    twilio_auth_token_secondary: SecretStr | None = Field(None, validation_alias="TWILIO_AUTH_TOKEN_SECONDARY")
    sms_sender: rules.SmsSender = Field("38123", validation_alias="SMS_SENDER")
    voice_number: rules.VoiceNumber = Field("+33199001234", validation_alias="VOICE_NUMBER")
    service_name: rules.ServiceName = Field("Relais Droits", validation_alias="SERVICE_NAME")
    operator_name: rules.OperatorName = Field("association Le Pont", validation_alias="OPERATOR_NAME")
    operator_phone: rules.OperatorPhone = Field("01 99 00 12 34", validation_alias="OPERATOR_PHONE")
    redis_url: rules.RedisUrl | None = Field(None, validation_alias="REDIS_URL", repr=False)
    languages: Annotated[rules.Languages, NoDecode, BeforeValidator(rules.split_languages)] = Field(
        ("fr", "en"), validation_alias="HELPLINE_LANGUAGES"
    )
    prompts_dir: rules.Folder = Field(CHECKOUT / "prompts", validation_alias="PROMPTS_DIR")
    voice_speech_given: bool | None = Field(None, validation_alias="VOICE_SPEECH")
    var_dir: rules.Folder = Field(CHECKOUT / "var", validation_alias="VAR_DIR")

    fingerprint_key_given: rules.LongSecret | None = Field(None, validation_alias="FINGERPRINT_KEY")
    number_keys_given: rules.NumberKeys | None = Field(None, validation_alias="NUMBER_KEYS")
    database_url_given: rules.DatabaseUrl | None = Field(None, validation_alias="DATABASE_URL", repr=False)
    twilio_api_url: rules.PublicUrl = Field("https://api.twilio.com", validation_alias="TWILIO_API_URL")
    twilio_api_key: rules.ApiKey | None = Field(None, validation_alias="TWILIO_API_KEY")
    twilio_api_secret: SecretStr | None = Field(None, validation_alias="TWILIO_API_SECRET")
    sms_per_second: rules.Rate = Field(10.0, validation_alias="SMS_PER_SECOND")
    sms_price: rules.Price = Field(Decimal("0.07"), validation_alias="SMS_PRICE")
    alert_number: rules.VoiceNumber = Field("", validation_alias="ALERT_NUMBER", validate_default=False)
    heartbeat_url: rules.WebAddress = Field("", validation_alias="HEARTBEAT_URL", validate_default=False, repr=False)
    metrics_token_given: rules.LongSecret | None = Field(None, validation_alias="METRICS_TOKEN")
    settle_seconds: rules.Seconds = Field(120, validation_alias="SETTLE_SECONDS")
    allowed_countries: Annotated[rules.Countries, NoDecode, BeforeValidator(rules.split_countries)] = Field(
        ("FR",), validation_alias="ALLOWED_COUNTRIES"
    )
    call_back_missed: bool = Field(False, validation_alias="CALL_BACK_MISSED")
    call_backs_a_day: rules.CallsADay = Field(100, validation_alias="CALL_BACKS_A_DAY")
    calls_per_second: rules.Rate = Field(1.0, validation_alias="CALLS_PER_SECOND")
    secret_key_given: rules.SecretKeys | None = Field(None, validation_alias="SECRET_KEY")
    messages_a_day: rules.MessagesADay = Field(10_000, validation_alias="MESSAGES_A_DAY")
    adviser_number: rules.VoiceNumber = Field("", validation_alias="ADVISER_NUMBER", validate_default=False)

    _demo_token: SecretStr | None = PrivateAttr(None)
    _kept_fingerprint_key: SecretStr | None = PrivateAttr(None)
    _kept_number_keys: SecretStr | None = PrivateAttr(None)

    @property
    def is_demo(self) -> bool:
        """Whether this helpline plays with itself: no texts, no calls, no cost."""
        return self.env == "demo"

    @property
    def has_phones(self) -> bool:
        """Whether it also shows the demo's phones and has its time machine: never where a token could be a real one."""
        return self.is_demo and self.twilio_auth_token is None and self.twilio_auth_token_secondary is None

    @property
    def belongs_to(self) -> Literal["demo", "production"]:
        """Whose the data of this helpline are: where a token could be a real one, so are the callers."""
        return "demo" if self.has_phones else "production"

    @property
    def voice_speech(self) -> bool:
        """Whether callers may speak as well. By itself only where it costs nothing."""
        return self.has_phones if self.voice_speech_given is None else self.voice_speech_given

    @property
    def host(self) -> str:
        """The address of this machine that the web server listens on."""
        return self.host_given or ("127.0.0.1" if self.is_demo else "0.0.0.0")  # noqa: S104

    @property
    def public_url(self) -> str:
        """The address under which Twilio reaches this server, without a slash at its end."""
        return self.public_url_given or f"http://localhost:{self.port}"

    @property
    def local_address(self) -> str:
        """Where a program on this machine reaches the web server."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    @property
    def auth_tokens(self) -> tuple[SecretStr, ...]:
        """The secrets that may sign a webhook; the first is the one to sign with."""
        first = self.twilio_auth_token or self._demo_token
        return tuple(token for token in (first, self.twilio_auth_token_secondary) if token)

    @property
    def fingerprint_key(self) -> bytes:
        """The key that turns numbers into fingerprints. It must never change: a caller would become a stranger."""
        key = self.fingerprint_key_given or self._kept_fingerprint_key
        return key.get_secret_value().encode() if key else b""

    @property
    def secret_keys(self) -> tuple[str, ...]:
        """What signs the desk's cookies: the first; all are believed. None where it follows from FINGERPRINT_KEY."""
        return tuple(self.secret_key_given.get_secret_value().split(",")) if self.secret_key_given else ()

    @property
    def metrics_token(self) -> str:
        """What reads /metrics; empty where only programs on this machine do."""
        return self.metrics_token_given.get_secret_value() if self.metrics_token_given else ""

    @property
    def number_keys(self) -> tuple[str, ...]:
        """The keys that seal numbers: the first seals, all of them open."""
        keys = self.number_keys_given or self._kept_number_keys
        return tuple(keys.get_secret_value().split(",")) if keys else ()

    @property
    def database_url(self) -> str:
        """Where the database is: a file in `var_dir`, or what DATABASE_URL names."""
        file = "demo.db" if self.has_phones else "helpline.db"
        return self.database_url_given or f"sqlite:///{self.var_dir / file}"

    @property
    def journal_file(self) -> Path:
        """The journal of withdrawals. A demo's is its own, as its database is."""
        return self.var_dir / ("demo-withdrawals.jsonl" if self.has_phones else "withdrawals.jsonl")

    @property
    def valkey_dir(self) -> Path:
        """Where the embedded Valkey keeps its data."""
        return self.var_dir / ("demo-valkey" if self.has_phones else "valkey")

    def with_kept_secrets(self) -> Self:
        """The same settings with secrets of `var_dir` in the place of those that are not set. OSError if it fails."""
        copy = self.model_copy()
        if not self.is_demo:
            return copy
        if self.twilio_auth_token is None:
            copy._demo_token = SecretStr(kept_secret(self.var_dir, DEMO_TOKEN))
        if self.fingerprint_key_given is None:
            copy._kept_fingerprint_key = SecretStr(kept_secret(self.var_dir, FINGERPRINT_KEY))
        if self.number_keys_given is None:
            kept = kept_secret(self.var_dir, NUMBER_KEYS, random_number_key)
            try:
                copy._kept_number_keys = rules.check_number_keys(SecretStr(kept))
            except ValueError as error:
                raise OSError(0, f"{self.var_dir / NUMBER_KEYS} {error}") from None
        return copy

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what load_settings() hands over: a test or a tool never picks up its shell's variables."""
        return (init_settings,)


class _Given(EnvSettingsSource):
    """Reads the environment that it is given, where the library's own would read this process's."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        super().__init__(Settings)

    def _load_env_vars(self) -> Mapping[str, str | None]:
        return {name.lower(): text.strip() for name, text in self._environ.items() if text.strip()}


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """The settings of `environ` (this process's unless given), or SettingsError with every problem.

    Without Twilio's credentials this is a demo, unless HELPLINE_ENV says otherwise.
    """
    values = _Given(os.environ if environ is None else environ)()
    note = ""
    if "HELPLINE_ENV" not in values:
        live = "TWILIO_ACCOUNT_SID" in values or "TWILIO_AUTH_TOKEN" in values
        values["HELPLINE_ENV"] = "production" if live else "demo"
        note = AS_FOR_REAL if live else ""
    problems = []
    if values["HELPLINE_ENV"] == "production":
        problems = [_missing(name, values) for name in NEEDED_LIVE if name not in values]
    if len(half := [name for name in API_PAIR if name in values]) == 1:
        (other,) = {*API_PAIR} - {*half}
        problems.append(f"{half[0]} is set without {other}: set both, or neither. Example: {other}={EXAMPLES[other]}")
    try:
        settings = Settings(**values)
    except ValidationError as error:
        problems = [_problem(str(e["loc"][0]), e["type"], e["msg"]) for e in error.errors()] + problems
    else:
        if settings.adviser_number and settings.adviser_number in (settings.voice_number, settings.sms_sender):
            what = "is the helpline's own number, which cannot call itself: set the phone of whoever answers callers."
            problems.append(f"ADVISER_NUMBER {what} Example: ADVISER_NUMBER={EXAMPLES['ADVISER_NUMBER']}")
        problems += _numbers_not_reached(settings)
    if problems:
        raise SettingsError(problems, note)
    try:
        return settings.with_kept_secrets()
    except OSError as error:
        problem = f"VAR_DIR {settings.var_dir} cannot be written: {error.strerror}. Example: VAR_DIR=/tmp/helpline"
        raise SettingsError([problem]) from error


def _numbers_not_reached(settings: Settings) -> list[str]:
    """Our own people's numbers that we would not write to, or call."""
    given = {"ALERT_NUMBER": settings.alert_number, "ADVISER_NUMBER": settings.adviser_number}
    if not any(given.values()):
        return []
    from helpline.consent.reach import may_call  # here, as most commands reach nobody

    allowed = ",".join(settings.allowed_countries)
    why = f"is a premium number, or of none of the countries in ALLOWED_COUNTRIES ({allowed})"
    return [
        f"{name} {why}: nothing goes there. Example: {name}={EXAMPLES[name]}"
        for name, number in given.items()
        if number and not may_call(number, settings.allowed_countries)
    ]


def _missing(name: str, values: Mapping[str, str]) -> str:
    line = f"{name} is not set: {NEEDED_LIVE[name]}. Example: {name}={EXAMPLES[name]}"
    if kept := {"FINGERPRINT_KEY": FINGERPRINT_KEY, "NUMBER_KEYS": NUMBER_KEYS}.get(name):
        file = Path(values.get("VAR_DIR") or CHECKOUT / "var") / kept
        if file.is_file():
            line += f". This helpline has used the one in {file} so far: set that one"
    return line


def _problem(name: str, kind: str, message: str) -> str:
    what = PLAINLY.get(kind) or message.removeprefix("Value error, ")
    example = f" Example: {name}={EXAMPLES[name]}" if name in EXAMPLES else ""
    return f"{name} {what[0].lower()}{what[1:]}.{example}"
