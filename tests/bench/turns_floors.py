"""What turns are compared with: the least that a Flask application has to do.

`python -m tests.bench.turns_floors NAME` serves one of them as `helpline/server/web.py` serves the helpline.
"""

from __future__ import annotations

import os
import sys

import redis
from flask import Flask, Response, request
from twilio.request_validator import RequestValidator

from helpline.server.web import serve
from helpline.settings import load_settings
from tests.bench import turns_tutorial
from tests.bench.turns_requests import PUBLIC_URL
from tests.phone import SIGNATURE, TOKEN

LENGTH = "BENCH_ANSWER_BYTES"
TWIML = "text/xml; charset=utf-8"


def floor_of_calls() -> Flask:
    """A signature checked by the carrier's library, and constant bytes."""
    app, answer, validator = Flask(__name__), b"x" * int(os.environ[LENGTH]), RequestValidator(TOKEN)

    @app.post("/twilio/voice/turn/<where>")
    def turn(where: str) -> Response:
        if not validator.validate(PUBLIC_URL + request.path, request.form, request.headers.get(SIGNATURE, "")):
            return Response(status=403)
        return Response(answer, content_type=TWIML)

    return app


def floor_of_texts() -> Flask:
    """The same, and two trips to Redis: something is read, something is written."""
    app, answer, validator = Flask(__name__), b"x" * int(os.environ[LENGTH]), RequestValidator(TOKEN)
    client = redis.Redis.from_url(os.environ["REDIS_URL"])

    @app.post("/twilio/sms")
    def text() -> Response:
        if not validator.validate(PUBLIC_URL + request.path, request.form, request.headers.get(SIGNATURE, "")):
            return Response(status=403)
        session = client.get(f"floor:{request.form['From']}") or b"0"
        client.set(f"floor:{request.form['From']}", b"%d" % (int(session) + 1))
        return Response(answer, content_type=TWIML)

    return app


if __name__ == "__main__":
    from tests.bench import turns_floors  # as the workers find it: by another name than `__main__`

    served = {
        "floor_of_calls": turns_floors.floor_of_calls,
        "floor_of_texts": turns_floors.floor_of_texts,
        "tutorial": turns_tutorial.tutorial,
    }
    serve(load_settings(os.environ), served[sys.argv[1]])
