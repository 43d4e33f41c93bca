"""What the simulated carrier reports about messages, at the address that came with them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from wsgiref.simple_server import make_server

import pytest
from twilio.request_validator import RequestValidator
from werkzeug.wrappers import Request, Response

from helpline.simulator.carrier.behaviour import Behaviour
from helpline.simulator.carrier.reports import Reports
from helpline.simulator.line.webhooks import Webhooks
from tests.fresh_logs import captured_logs
from tests.server.running import wait_until
from tests.simulator.carrier_process import CarrierProcess, carrier_process
from tests.simulator.official_client import TOKEN, client_of

ANNA = "+33639980001"


def send(carrier: CarrierProcess, callback: str) -> Any:
    return client_of(carrier).messages.create(to=ANNA, from_="38123", body="Bonjour", status_callback=callback)


class Listener:
    """Takes status callbacks on a port of this machine."""

    def __init__(self) -> None:
        self.reports: list[dict[str, str]] = []
        self.signed: list[bool] = []
        self.failures = 0
        self.server = make_server("127.0.0.1", 0, self.app)
        self.url = f"http://localhost:{self.server.server_port}/status?message=7.1"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    @Request.application
    def app(self, request: Request) -> Response:
        signature = request.headers.get("X-Twilio-Signature", "")
        self.signed.append(RequestValidator(TOKEN).validate(self.url, request.form, signature))
        if self.failures:
            self.failures -= 1
            return Response(status=503)
        self.reports.append(request.form.to_dict())
        return Response(status=204)

    def wait_for(self, number: int) -> list[str]:
        wait_until(lambda: len(self.reports) >= number, lambda: f"only {self.reports}")
        return [report["MessageStatus"] for report in self.reports]


@pytest.fixture
def listener() -> Iterator[Listener]:
    started = Listener()
    yield started
    started.server.shutdown()
    started.server.server_close()


@pytest.fixture
def reporting(tmp_path: Path) -> Iterator[CarrierProcess]:
    env = {"TWILIO_AUTH_TOKEN": TOKEN, "VAR_DIR": str(tmp_path), "HELPLINE_ENV": "demo"}
    with carrier_process(tmp_path, "--callbacks", "--report-after", "0.1", env=env) as carrier:
        yield carrier


def test_it_reports_what_became_of_a_message(reporting: CarrierProcess, listener: Listener) -> None:
    sent = send(reporting, listener.url)
    assert listener.wait_for(2) == ["sent", "delivered"]
    assert listener.signed == [True, True]
    assert {report["MessageSid"] for report in listener.reports} == {sent.sid}
    assert client_of(reporting).messages(sent.sid).fetch().status == "delivered"


def test_a_message_that_does_not_arrive_is_reported_with_its_reason(
    reporting: CarrierProcess, listener: Listener
) -> None:
    reporting.behave(undelivered=f"30005:{ANNA}")
    sent = send(reporting, listener.url)
    assert listener.wait_for(2) == ["sent", "undelivered"]
    assert [report.get("ErrorCode") for report in listener.reports] == [None, "30005"]
    assert client_of(reporting).messages(sent.sid).fetch().error_code == 30005


def test_reports_come_twice_and_out_of_order(reporting: CarrierProcess, listener: Listener) -> None:
    reporting.behave(repeat=1, disorder=1)
    send(reporting, listener.url)
    assert sorted(listener.wait_for(4)) == ["delivered", "delivered", "sent", "sent"]
    assert listener.reports[0]["MessageStatus"] == "delivered"


def test_a_report_that_was_not_taken_comes_again_where_the_url_asks_for_it(
    reporting: CarrierProcess, listener: Listener
) -> None:
    listener.failures = 2
    send(reporting, f"{listener.url}#rc=3&rp=ct,rt,5xx")
    assert sorted(listener.wait_for(2)) == ["delivered", "sent"]
    assert listener.signed == [True] * 4


def test_a_report_that_was_not_taken_is_lost_otherwise(reporting: CarrierProcess, listener: Listener) -> None:
    listener.failures = 1
    send(reporting, listener.url)
    assert listener.wait_for(1) == ["delivered"]


def test_a_report_that_would_leave_the_machine_is_not_posted_and_that_is_told_once() -> None:
    async def report() -> None:
        webhooks = Webhooks("http://127.0.0.1:9", "https://example.org", TOKEN)
        reports = Reports(webhooks, "", lambda: 1.0)
        for _ in range(3):
            reports.tell("http://helpline.example.org/status?message=7.1", {}, Behaviour(report_after=0))
        await asyncio.gather(*asyncio.all_tasks() - {asyncio.current_task()})

    with captured_logs() as logs:
        asyncio.run(report())
    (told,) = logs
    assert "helpline.example.org is not this machine" in told["problem"]
    assert "message=7" not in str(told)
