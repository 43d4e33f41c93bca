"""What the adviser hears whose phone rings for a caller: a key connects the two, and silence hangs up on that side.

So a caller is never connected to an answering machine; they hear that they are called back.
"""

from __future__ import annotations

from flask import Blueprint, Response

from helpline.call_requests import bridging
from helpline.carrier.webhooks import signed_by_twilio, twiml
from helpline.desk.bridge import said_by
from helpline.desk.desk import Desk
from helpline.desk.language import DEFAULT
from helpline.voice.calls import ADVISER_PATH

CONNECTED = '<?xml version="1.0" encoding="UTF-8"?><Response></Response>'  # where it ends, the two are connected
HUNG_UP = '<?xml version="1.0" encoding="UTF-8"?><Response><Hangup/></Response>'


def adviser_routes(desk: Desk) -> Blueprint:
    """What the carrier asks for once the adviser's phone was picked up."""
    routes = Blueprint("adviser", __name__)

    @routes.post(f"{ADVISER_PATH}/<step>")
    @signed_by_twilio
    def adviser(step: str) -> Response:
        base = f"{desk.wired.settings.public_url_given or ''}{ADVISER_PATH}"
        match step:
            case "begin":
                asks = said_by(desk, DEFAULT, "press")
                return twiml(bridging.press_a_key(asks, f"{base}/go", f"{base}/silence"))
            case "go":
                return twiml(CONNECTED)
            case _:
                return twiml(HUNG_UP)

    return routes
