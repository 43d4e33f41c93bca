import os
import pty
import re
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.simulator.servers import Canned, Server, canned_server

PATIENCE = 30.0


class Person:
    """Somebody at a real terminal."""

    def __init__(self, env: dict[str, str], *options: str) -> None:
        self._mine, theirs = pty.openpty()
        helpline = Path(sys.executable).with_name("helpline")
        self.process = subprocess.Popen(
            [helpline, "talk", *options], stdin=theirs, stdout=theirs, stderr=theirs, env=env, start_new_session=True
        )
        os.close(theirs)
        self.seen = ""

    def waits_for(self, text: str) -> None:
        self._looks_until(lambda: text in self.seen)

    def types(self, text: str) -> None:
        self._waits_for_prompt()
        self.seen = ""
        os.write(self._mine, text.encode())

    def leaves(self) -> int:
        """Ctrl-D, and the exit code that follows."""
        self._waits_for_prompt()
        os.write(self._mine, b"\x04")
        return self.process.wait(PATIENCE)

    def _waits_for_prompt(self) -> None:
        """Keys that come before it are read by a terminal that is still being set up, and Ctrl-D is lost."""
        self._looks_until(lambda: self.seen.endswith("> "))

    def _looks_until(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, self.seen
            if select.select([self._mine], [], [], 0.1)[0]:
                self.seen += re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", os.read(self._mine, 65536).decode())

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._mine)


@contextmanager
def person_at(server: Server, *options: str) -> Iterator[Person]:
    env = {**os.environ, **server.env, "TERM": "xterm", "COLUMNS": "80"}
    person = Person({name: text for name, text in env.items() if text is not None}, *options)
    try:
        yield person
    finally:
        person.end()


@pytest.fixture
def canned() -> Canned:
    question = '<Gather numDigits="1" action="/twilio/voice"><Say language="fr-FR">Tapez 1.</Say></Gather>'
    return Canned({"/twilio/sms": "<Message>Bonjour</Message>", "/twilio/voice": question})


def test_a_person_sees_a_hint_and_bubbles_and_ends_with_ctrl_d(tmp_path: Path, canned: Canned) -> None:
    with canned_server(tmp_path, canned) as server, person_at(server) as person:
        person.waits_for("Try: actu, mot de passe, inscription. Ctrl-D ends.")
        person.types("actu\n")
        person.waits_for("1 SMS, 7 characters")
        assert "│ Bonjour" in person.seen
        assert person.leaves() == 0


def test_a_person_may_try_again_after_a_failure(tmp_path: Path, canned: Canned) -> None:
    canned.answers = {"/twilio/sms": 500}
    with canned_server(tmp_path, canned) as server, person_at(server) as person:
        person.waits_for("Ctrl-D ends.")
        person.types("actu\n")
        person.waits_for("The server failed (500).")
        canned.answers = {"/twilio/sms": "<Message>Bonjour</Message>"}
        person.types("actu\n")
        person.waits_for("Bonjour")
        assert person.leaves() == 0


def test_a_person_hangs_up_with_ctrl_d(tmp_path: Path, canned: Canned) -> None:
    with canned_server(tmp_path, canned) as server, person_at(server, "--call") as person:
        person.waits_for("key> ")
        assert "Tapez 1." in person.seen
        assert person.leaves() == 0
    assert canned.forms("/twilio/voice/status")[0]["CallStatus"] == "completed"
