"""After callers, operators and attackers came by, no number, word, password or token is left anywhere in clear."""

from __future__ import annotations

import base64
import os
import re
import secrets
import sys
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from urllib.parse import urlencode

import pyotp
import pytest
from redis import Redis
from sqlalchemy import Engine, text

from helpline.authentication import TWILIO
from helpline.operators import accounts
from helpline.operators.keys import keys_of
from helpline.server.embedded_valkey import EmbeddedValkey
from helpline.settings import load_settings
from tests.conftest import started_valkey
from tests.databases import address
from tests.desk.people import secret_of, token_of
from tests.phone import TOKEN, Phone, http_post, new_sid
from tests.security.odd_requests import Route, odd_request, signed_request
from tests.security.sending import answered, send
from tests.security.traces import files, forms_of, found_in, in_redis, in_sql
from tests.server.running import Running, free_port, running, wait_until

ODD_REQUESTS = 250
FINGERPRINT_KEY = secrets.token_hex(32)
NUMBER_KEY = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
NOT_OURS = "/"  # a path of no route


@dataclass
class Lived:
    """A helpline that ran for a while, and what must not be found of it."""

    folder: Path
    port: int
    engine: Engine
    redis: Redis
    processes: list[Running] = field(default_factory=list)
    secrets: dict[str, str] = field(default_factory=dict)

    def knows(self, name: str, secret: str) -> str:
        """Something that must not be found, from now on."""
        assert len(secret) >= 6
        self.secrets[name] = secret
        return secret

    def places(self) -> Iterator[tuple[str, bytes]]:
        yield from files(self.folder)
        yield from in_redis(self.redis)
        yield from in_sql(self.engine)


def of_the_machine() -> dict[str, str]:
    return {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LANG") if name in os.environ}


@pytest.fixture
def lived(tmp_path: Path, engine: Engine) -> Iterator[Lived]:
    folder, port = tmp_path / "lived", free_port()
    folder.mkdir()
    environ = of_the_machine() | {
        "PORT": str(port),
        "HELPLINE_ENV": "demo",
        "VAR_DIR": str(folder),
        "DATABASE_URL": address(engine),
        "TWILIO_AUTH_TOKEN": TOKEN,
        "FINGERPRINT_KEY": FINGERPRINT_KEY,
        "NUMBER_KEYS": NUMBER_KEY,
        "WEB_CONCURRENCY": "1",
        "TWILIO_API_URL": "http://127.0.0.1:9",  # where nobody listens: what could not be sent is logged
    }
    with ExitStack() as over:
        for valkey in started_valkey(folder / "valkey"):
            environ["REDIS_URL"] = valkey.url
            helpline = Lived(folder, port, engine, Redis.from_url(valkey.url))
            for module in ("helpline.server.web", "workers.worker", "workers.clock"):
                command = [sys.executable, "-m", module]
                process = running(command, folder / f"{module}.output", environ)
                helpline.processes.append(over.enter_context(process))
            wait_until(lambda: is_up(port), (folder / "helpline.server.web.output").read_text)
            yield helpline
            helpline.redis.close()
            over.close()


def is_up(port: int) -> bool:
    try:
        return answered(port, "GET", "/healthz").status == 200
    except OSError:
        return False


def call_and_text(lived: Lived) -> None:
    """What callers do, and send by mistake."""
    phone = Phone(http_post(lived.port), f"http://127.0.0.1:{lived.port}", "+33639981177")
    lived.knows("number", phone.number)
    lived.knows("called number", "+33199001234")
    password, odd = lived.knows("password", "Tr0ub4dour&37"), lived.knows("words", "zorglubique quinquagénat")
    social = lived.knows("social security", "185057800608436")
    card = lived.knows("card", "4970101234567890")
    for words in ("menu", f"mon mot de passe est {password}", odd, odd, f"ma sécu {social}", card, "rappel", "oui"):
        assert phone.text(words, more=[("To", "+33199001234")])
    for words in ("rappels", "1", "oui"):
        assert phone.text(words)
    call = phone.dial()
    phone.speak(call, odd)
    phone.press(call, lived.knows("keys", "8264917350"))
    other = Phone(phone.post, phone.base, lived.knows("number that stops", "+33639981188"))
    for words in ("rappel", "oui", "stop"):
        assert other.text(words)
    report = [("MessageSid", new_sid()), ("MessageStatus", "failed"), ("To", phone.number), ("ErrorCode", "30007")]
    assert phone.send("/twilio/sms/status", report).status < 400
    ended = [("CallSid", new_sid("CA")), ("CallStatus", "busy"), ("To", phone.number), ("From", phone.number)]
    assert phone.send("/twilio/voice/status", ended).status < 400


class Operator:
    """Who sits at the desk, over real HTTP."""

    def __init__(self, lived: Lived) -> None:
        self._lived, self._cookies = lived, {}  # type: ignore[var-annotated]

    def ask(self, method: str, path: str, **fields: str) -> str:
        headers = {"Cookie": "; ".join(f"{name}={each}" for name, each in self._cookies.items())}
        if fields:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        got = answered(self._lived.port, method, path, headers, urlencode(fields).encode())
        assert got.status < 500
        for kept in got.cookies:
            name, _, value = kept.partition(";")[0].partition("=")
            self._cookies[name] = value
            if value:
                self._lived.knows(f"cookie {name} {len(self._lived.secrets)}", value)
        return got.text

    def begin_with(self, link: str, password: str) -> None:
        """Use a link, sign out, guess, and sign in again."""
        page = self.ask("GET", link)
        secret = self._lived.knows("app's secret", secret_of(page))
        code = pyotp.TOTP(secret).at(datetime.now(UTC))
        told = self.ask("POST", link, csrf_token=token_of(page), password=password, code=code)
        codes = re.findall(r"<li><code>([A-Z0-9-]+)</code>", told)
        assert len(codes) >= 5, told
        for number, one in enumerate(codes):
            self._lived.knows(f"recovery code {number}", one)
        self._lived.knows("form's token", token_of(told))
        self.session()

    def session(self) -> None:
        """What the cookie holds inside."""
        packed = self._cookies["desk"]
        inner = packed.lstrip(".").split(".")[0]
        raw = base64.urlsafe_b64decode(inner + "=" * (-len(inner) % 4))
        held = (zlib.decompress(raw) if packed.startswith(".") else raw).decode()
        found = re.search(r'"token":"([^"]+)"', held)
        assert found, held
        self._lived.knows("session's token", found[1])


def sit_at_the_desk(lived: Lived) -> None:
    settings = load_settings({"FINGERPRINT_KEY": FINGERPRINT_KEY, "VAR_DIR": str(lived.folder)})
    with lived.engine.begin() as connection:
        keys = keys_of(settings.fingerprint_key)
        link = accounts.add(connection, keys, "Anna", "editor", "a test", datetime.now(UTC))
    lived.knows("link's token", link.token)
    operator = Operator(lived)
    operator.begin_with(f"/desk/link/{link.token}", lived.knows("operator's password", "quatre mots sans rapport"))
    form = token_of(operator.ask("GET", "/desk/people"))
    for number in ("06 39 98 11 77", "+33639981188", lived.knows("number that nobody has", "+33639981199")):
        operator.ask("POST", "/desk/people", csrf_token=form, number=number)
    guess = lived.knows("password as a name", "hunter2-hunter2")
    operator.ask("POST", "/desk/own", csrf_token=form, password=guess, code="123456", new="cinq autres mots au hasard")
    operator.ask("POST", "/desk/sign-out", csrf_token=form)
    form = token_of(operator.ask("GET", "/desk/sign-in"))
    operator.ask("POST", "/desk/sign-in", csrf_token=form, name=guess, password=guess, code="123456")


def attack(lived: Lived) -> None:
    random, number = Random(7), lived.knows("attacker's number", "+33639981166")
    base = f"http://127.0.0.1:{lived.port}"
    twilio = [Route(f"/twilio/{name}", TWILIO) for name in ("sms", "voice", "voice/turn/<where>", "sms/status")]
    others = [Route(path, "") for path in ("/desk/sign-in", "/desk/people", "/audio/<language>/<file>", NOT_OURS)]
    hidden = lived.knows("words of an attacker", "vaucansonnerie-7731")
    for _ in range(ODD_REQUESTS // 2):
        assert send(lived.port, signed_request(random, random.choice(twilio), base, lambda: number)) < 500
        odd = odd_request(
            random, random.choice(twilio + others), [("From", number), ("Body", hidden), ("name", hidden)]
        )
        assert send(lived.port, odd) < 500


def test_nothing_of_anybody_is_left_in_clear(lived: Lived) -> None:
    for name, known in {"token": TOKEN, "fingerprint key": FINGERPRINT_KEY, "number key": NUMBER_KEY}.items():
        lived.knows(name, known)
    call_and_text(lived)
    sit_at_the_desk(lived)
    attack(lived)
    assert answered(lived.port, "GET", "/readyz").status == 200
    for process in lived.processes:
        process.end()
    held = dict(lived.places())
    assert any(place.startswith("redis") for place in held)
    assert {"sql callers.number", "sql operators.password_hash", "sql audit.what"} <= set(held)
    allowed = {("called number", place) for place in held}  # the helpline's own
    assert found_in(lived.secrets, iter(held.items())) - allowed == set()


PLANTED = {"number": "+33639981177", "password": "Tr0ub4dour&37", "words": "zorglubique quinquagénat", "token": TOKEN}


@pytest.mark.parametrize("name", PLANTED)
def test_whatever_is_planted_is_found(name: str, tmp_path: Path, engine: Engine, shared_valkey: EmbeddedValkey) -> None:
    """In every place and in every form: or the test above would show nothing."""
    lived = Lived(tmp_path, 0, engine, Redis.from_url(shared_valkey.url))
    lived.redis.flushall()
    assert found_in(PLANTED, lived.places()) == set()
    secret = PLANTED[name]
    for each in sorted(forms_of(secret)):
        (lived.folder / "log").write_bytes(b"a line with " + each + b" in it")
        assert (name, "file log") in found_in(PLANTED, files(lived.folder)), each
    (lived.folder / "log").unlink()
    lived.redis.hset("a-hash", "field", secret)
    lived.redis.rpush("a-list", "x", f"call {secret}")
    lived.redis.sadd("a-set", secret.upper())
    lived.redis.zadd("a-row", {secret: 1})
    lived.redis.set(f"key {secret}", "x")
    lived.redis.xadd("a-stream", {"body": secret})
    found = found_in({name: secret}, in_redis(lived.redis))
    assert {place.split()[1] for _, place in found} >= {f"b'a-{one}'" for one in ("hash", "list", "set", "row")}
    assert len(found) >= (6 if secret.isascii() else 5)
    with lived.engine.begin() as connection:
        connection.execute(text("CREATE TABLE planted (held TEXT)"))
        connection.execute(text("INSERT INTO planted VALUES (:held)"), {"held": f"<{secret}>"})
    assert found_in({name: secret}, in_sql(lived.engine)) == {(name, "sql planted.held")}
    lived.redis.flushall()
    lived.redis.close()
