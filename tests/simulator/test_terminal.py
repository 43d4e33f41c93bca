import os
import pty
import re
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.simulator.servers import Canned, canned_server

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
        deadline = time.monotonic() + PATIENCE
        while text not in self.seen:
            assert time.monotonic() < deadline, self.seen
            if select.select([self._mine], [], [], 0.1)[0]:
                self.seen += re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", os.read(self._mine, 65536).decode())

    def types(self, text: str) -> None:
        self.seen = ""
        os.write(self._mine, text.encode())

    def leaves(self) -> int:
        """Ctrl-D, and the exit code that follows."""
        os.write(self._mine, b"\x04")
        try:
            return self.process.wait(PATIENCE)
        finally:
            self.process.kill()
            os.close(self._mine)


def person_at(server_env: dict[str, str | None], *options: str) -> Person:
    env = {**os.environ, **server_env, "TERM": "xterm", "COLUMNS": "80", "PYTHON_COLORS": "0"}
    return Person({name: text for name, text in env.items() if text is not None}, *options)


@pytest.fixture
def canned() -> Canned:
    question = '<Gather numDigits="1" action="/twilio/voice"><Say language="fr-FR">Tapez 1.</Say></Gather>'
    return Canned({"/twilio/sms": "<Message>Bonjour</Message>", "/twilio/voice": question})


def test_a_person_sees_a_hint_and_bubbles_and_ends_with_ctrl_d(tmp_path: Path, canned: Canned) -> None:
    with canned_server(tmp_path, canned) as server:
        person = person_at(dict(server.env))
        person.waits_for("Try: actu, mot de passe, inscription. Ctrl-D ends.")
        person.types("actu\n")
        person.waits_for("1 SMS, 7 characters")
        assert "│ Bonjour" in person.seen
        assert person.leaves() == 0


def test_a_person_may_try_again_after_a_failure(tmp_path: Path, canned: Canned) -> None:
    canned.answers = {"/twilio/sms": 500}
    with canned_server(tmp_path, canned) as server:
        person = person_at(dict(server.env))
        person.waits_for("Ctrl-D ends.")
        person.types("actu\n")
        person.waits_for("The server failed (500).")
        canned.answers = {"/twilio/sms": "<Message>Bonjour</Message>"}
        person.types("actu\n")
        person.waits_for("Bonjour")
        assert person.leaves() == 0


def test_a_person_hangs_up_with_ctrl_d(tmp_path: Path, canned: Canned) -> None:
    with canned_server(tmp_path, canned) as server:
        person = person_at(dict(server.env), "--call")
        person.waits_for("key> ")
        assert "Tapez 1." in person.seen
        assert person.leaves() == 0
    assert canned.forms("/twilio/voice/status")[0]["CallStatus"] == "completed"
