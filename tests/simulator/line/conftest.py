"""A server that gives prepared answers, and calls that are led against it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from helpline.settings import Settings, load_settings
from helpline.simulator.line.call import Call
from helpline.simulator.line.webhooks import Webhooks
from helpline.simulator.twiml.reading import Say
from tests.simulator.servers import Canned, canned_server

MOBILE, LANDLINE = "+33639980021", "+33199001299"
VOICE, TURN, SILENCE, STATUS = "/twilio/voice", "/twilio/voice/turn", "/twilio/voice/silence", "/twilio/voice/status"
ASK = f'<Gather numDigits="1" finishOnKey="" timeout="8" action="{TURN}"><Say>Tapez 1.</Say></Gather>'
ASKING = f"{ASK}<Redirect>{SILENCE}</Redirect>"
BYE = "<Say>Au revoir.</Say><Hangup/>"
TAP, GOODBYE = Say("", "", ("Tapez 1.",)), Say("", "", ("Au revoir.",))

MakeCall = Callable[..., Call]


@pytest.fixture
def canned() -> Canned:
    return Canned({VOICE: ASKING, TURN: BYE, SILENCE: BYE})


@pytest.fixture
def webhooks(tmp_path: Path, canned: Canned) -> Iterator[Webhooks]:
    with canned_server(tmp_path, canned) as server:
        address = f"http://127.0.0.1:{server.port}"
        yield Webhooks(address, address, "token")


@pytest.fixture
def make(tmp_path: Path, webhooks: Webhooks) -> MakeCall:
    settings = settings_in(tmp_path)

    def call(number: str = MOBILE, **more: Any) -> Call:
        return Call(webhooks, settings, number, **more)

    return call


def settings_in(folder: Path) -> Settings:
    return load_settings({"VAR_DIR": str(folder)})
