"""An error that nobody expected is logged by the rule of its route and its class: a path may hold a date and ids."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpline.conversation import session
from helpline.conversation.session import Place, Session
from helpline.voice import calls
from tests.conftest import Line
from tests.demo.demos import demo_app, demo_settings
from tests.fresh_logs import captured_logs, fresh_logs
from tests.phone import Phone, flask_post

SECRET_WORDS = "of 2027-03-31, +33639980002"
WHERE = session.encode(Session("fr", Place("paper.call.first"), form=(("day", "2027-03-31"),)))
CALL = [
    ("CallSid", "CA0123456789abcdef"),
    ("From", "+33939032660"),
    ("To", "+33639980002"),
    ("Direction", "outbound-api"),
]
OF_THE_CALLER = ("2027", "M03M31", "paper", "CA0123456789abcdef", "639980002", WHERE, "of 2027")


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: object) -> None:
        raise RuntimeError(SECRET_WORDS)

    monkeypatch.setattr(calls, "speech", breaks)


@pytest.mark.usefixtures("broken")
@pytest.mark.parametrize("way", ["ours", "turn", "silence"])
def test_nothing_of_a_call_that_breaks_is_in_the_logs(
    phone: Phone, way: str, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with captured_logs() as lines:
        reply = phone.send(f"/twilio/voice/{way}/{WHERE}?message=1.1.abc", CALL)
    assert (reply.status, reply.text) == (500, "")
    (told,) = [line for line in lines if line["log_level"] == "error"]
    assert (told["rule"], told["error"]) == (f"/twilio/voice/{way}/<where>", "RuntimeError")
    written = capfd.readouterr()
    assert (written.err, caplog.text) == ("", "")
    assert [part for part in OF_THE_CALLER if part in f"{told}{written.out}"] == []


def test_the_same_holds_where_the_answer_breaks_after_the_route(
    line: Line, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(response: object) -> None:
        raise ValueError(SECRET_WORDS)

    monkeypatch.setitem(line.app.after_request_funcs, None, [breaks])
    with captured_logs() as lines:
        reply = line.phone().send(f"/twilio/voice/ours/{WHERE}", CALL)
    assert (reply.status, reply.text) == (500, "")
    assert [entry["error"] for entry in lines if entry["log_level"] == "error"] == ["ValueError"]
    assert (capfd.readouterr().err, caplog.text) == ("", "")


@pytest.mark.parametrize(("path", "status"), [("/gone", 404), ("/twilio/sms", 405), ("/twilio/voice", 405)])
def test_what_is_refused_is_refused_as_ever_and_is_no_error(line: Line, path: str, status: int) -> None:
    with captured_logs() as lines:
        reply = line.app.test_client().get(path)
    assert (reply.status_code, [entry for entry in lines if entry["log_level"] == "error"]) == (status, [])


@pytest.mark.usefixtures("broken")
def test_a_demo_says_no_more(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with fresh_logs():
        phone = Phone(flask_post(demo_app(demo_settings(tmp_path, REDIS_URL="redis://127.0.0.1:1/0"))))
    capfd.readouterr()
    with captured_logs() as lines:
        reply = phone.send(f"/twilio/voice/ours/{WHERE}", CALL)
    assert (reply.status, reply.text) == (500, "")
    (told,) = [line for line in lines if line["log_level"] == "error"]
    assert told["error"] == "RuntimeError"
    assert [part for part in OF_THE_CALLER if part in f"{capfd.readouterr().err}{caplog.text}{told}"] == []
