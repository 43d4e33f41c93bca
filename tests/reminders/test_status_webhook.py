"""`POST /twilio/sms/status`: signed, repeated and out-of-order safe."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, select, text, update
from twilio.request_validator import RequestValidator
from werkzeug.test import TestResponse

from helpline.authentication import routes_without_authentication
from helpline.carrier.webhooks import Gate
from helpline.records.engine import open_records
from helpline.records.tables import callers, carrier_blocks, subscriptions
from helpline.reminders.consequences import Consequences
from helpline.reminders.pause import paused
from helpline.reminders.rate import BUSY, Rate
from helpline.reminders.status_webhook import Reports, status_routes
from helpline.telemetry.counters import Counters
from tests.phone import TOKEN
from tests.reminders.bench import KEY, Bench

PUBLIC = "https://helpline.example.org"
SID = "SM" + "1" * 32


class Carrier:
    """Reports to a helpline in this process."""

    def __init__(self, bench: Bench, **changed: Any) -> None:
        consequences = Consequences(bench.engine, Rate(bench.redis, 10), bench.alerts.append)
        given: dict[str, Any] = {
            "consequences": consequences,
            "calendar": lambda: bench.prompts.menus.calendar,
            "remember": bench.remembered.extend,
        }
        self.counters = Counters()
        self.app = Flask("statuses", static_folder=None)
        self.app.extensions["gate"] = Gate([TOKEN], PUBLIC, self.counters)
        reports = Reports(**(given | changed), counters=self.counters, clock=bench.clock, key=KEY)
        self.app.register_blueprint(status_routes(reports))

    def reports(self, about: str, token: str = TOKEN, **form: str) -> TestResponse:
        path = f"/twilio/sms/status?message={about}"
        told = {"MessageSid": SID, "MessageStatus": "delivered", "To": "+33639980001", "SomethingNew": "1"} | form
        signature = RequestValidator(token).compute_signature(PUBLIC + path, told)
        return self.app.test_client().post(path, data=told, headers={"X-Twilio-Signature": signature})


@pytest.fixture
def message(bench: Bench) -> int:
    return bench.message(state="accepted", tries=1, sid=SID)


def test_a_report_moves_the_message(bench: Bench, message: int) -> None:
    assert Carrier(bench).reports(bench.about(message)).status_code == 204
    assert bench.state(message) == "delivered"


def test_only_the_carrier_may_report(bench: Bench, message: int) -> None:
    carrier = Carrier(bench)
    assert carrier.reports(bench.about(message), token="somebody else's").status_code == 403
    assert bench.state(message) == "accepted"
    assert routes_without_authentication(carrier.app) == []


@pytest.mark.parametrize("about", ["", "x", "99999.1", "99999.1.0123456789ab", "0.0.", "1.1.1"])
def test_what_is_not_about_ours_is_answered_all_the_same(bench: Bench, about: str) -> None:
    assert Carrier(bench).reports(about).status_code == 204


def test_a_report_without_words_is_answered_all_the_same(bench: Bench, message: int) -> None:
    assert Carrier(bench).reports(bench.about(message), MessageStatus="").status_code == 204
    assert bench.state(message) == "accepted"


def test_while_the_database_is_away_the_carrier_is_asked_to_say_it_again(bench: Bench, message: int) -> None:
    away = open_records("postgresql+psycopg://nobody@127.0.0.1:1/nothing", patience=0.1)
    carrier = Carrier(bench, consequences=Consequences(away, None, bench.alerts.append))
    assert carrier.reports(bench.about(message)).status_code == 503
    assert carrier.counters.all()["status_lost"] == 1
    assert Carrier(bench).reports(bench.about(message)).status_code == 204
    assert bench.state(message) == "delivered"


def test_a_number_that_is_gone_ends_its_subscription(bench: Bench, message: int) -> None:
    assert (
        Carrier(bench).reports(bench.about(message), MessageStatus="undelivered", ErrorCode="30005").status_code == 204
    )
    with bench.engine.begin() as connection:
        assert connection.scalar(select(subscriptions.c.end_reason)) == "ended"
        assert connection.scalar(select(carrier_blocks.c.fingerprint)) is None


def test_a_repeated_report_does_not_end_what_was_agreed_to_since(bench: Bench, message: int) -> None:
    carrier = Carrier(bench)
    with bench.engine.begin() as connection:
        who = connection.scalar(select(subscriptions.c.caller_id))
    carrier.reports(bench.about(message), MessageStatus="undelivered", ErrorCode="30005")
    with bench.engine.begin() as connection:
        connection.execute(
            subscriptions.insert().values(caller_id=who, kind="update", scope="all", since=bench.clock())
        )
    carrier.reports(bench.about(message), MessageStatus="undelivered", ErrorCode="30005")
    with bench.engine.begin() as connection:
        active = connection.execute(select(subscriptions).where(subscriptions.c.ended_at.is_(None))).all()
    assert len(active) == 1


def test_a_stop_that_only_the_carrier_heard_is_remembered(bench: Bench, message: int) -> None:
    Carrier(bench).reports(bench.about(message), MessageStatus="failed", ErrorCode="21610")
    with bench.engine.begin() as connection:
        assert connection.scalar(select(carrier_blocks.c.fingerprint))
        assert connection.scalar(select(subscriptions.c.end_reason)) == "blocked"


def test_no_credit_holds_everything_back_and_the_message_goes_again(bench: Bench, message: int) -> None:
    Carrier(bench).reports(bench.about(message), MessageStatus="failed", ErrorCode="30002")
    assert bench.state(message) == "planned"
    with bench.engine.begin() as connection:
        found = paused(connection)
    assert found
    assert (found.by, found.reason) == ("carrier", "30002")
    assert len(bench.alerts) == 1


def test_a_full_queue_slows_everybody_down(bench: Bench, message: int) -> None:
    Carrier(bench).reports(bench.about(message), MessageStatus="failed", ErrorCode="30001")
    assert bench.state(message) == "planned"
    assert bench.redis.exists(BUSY)


def test_texts_taken_for_spam_are_told_to_the_operator(bench: Bench, message: int) -> None:
    Carrier(bench).reports(bench.about(message), MessageStatus="undelivered", ErrorCode="30007")
    assert bench.state(message) == "undelivered"
    assert "30007" in bench.alerts[0]
    with bench.engine.begin() as connection:
        assert paused(connection) is None


def test_a_late_report_about_an_erased_message_is_nobody_elses(bench: Bench, message: int) -> None:
    """Also where a restored database has given its number to another message."""
    about = bench.about(message)
    with bench.engine.begin() as connection:
        connection.execute(delete(callers))
    other = bench.message(id=message, state="accepted", tries=1)
    carrier = Carrier(bench)
    assert carrier.reports(about, MessageStatus="undelivered", ErrorCode="30005").status_code == 204
    assert carrier.reports(about, MessageStatus="delivered").status_code == 204
    assert (bench.state(other), bench.row(other).sid) == ("accepted", None)
    assert carrier.counters.all()["status_not_ours"] == 2
    with bench.engine.begin() as connection:
        assert connection.scalars(select(subscriptions.c.ended_at)).all() == [None]


def test_a_report_without_its_mark_is_not_about_ours(bench: Bench, message: int) -> None:
    for about in (f"{message}.1", f"{message}.1.", f"{message}.1.0123456789ab", f"{message}.1.%C3%A9"):
        assert Carrier(bench).reports(about).status_code == 204
    assert bench.state(message) == "accepted"


def test_what_follows_for_the_caller_is_kept_with_the_state_or_not_at_all(bench: Bench, message: int) -> None:
    """The database breaks off in between: the carrier says it again, and then all of it is done."""
    broken = {"sqlite": "main.objections", "postgresql": "objections"}[bench.engine.dialect.name]
    with bench.engine.begin() as connection:
        connection.execute(text(f"ALTER TABLE {broken} RENAME TO away"))
    carrier = Carrier(bench)
    failed = {"MessageStatus": "failed", "ErrorCode": "21610"}
    assert carrier.reports(bench.about(message), **failed).status_code == 503
    assert bench.state(message) == "accepted"
    with bench.engine.begin() as connection:
        connection.execute(text("ALTER TABLE away RENAME TO objections"))
    assert carrier.reports(bench.about(message), **failed).status_code == 204
    assert bench.state(message) == "failed"
    with bench.engine.begin() as connection:
        assert connection.scalar(select(carrier_blocks.c.fingerprint))
        assert connection.scalar(select(subscriptions.c.end_reason)) == "blocked"


@pytest.mark.parametrize("code", ["21610", "30005"])
def test_a_late_report_about_an_old_text_does_not_end_a_newer_agreement(bench: Bench, message: int, code: str) -> None:
    bench.change(message, claimed_at=bench.clock())
    with bench.engine.begin() as connection:
        connection.execute(update(subscriptions).values(since=bench.clock() + timedelta(seconds=1)))
    bench.clock.pass_by(hours=1)
    Carrier(bench).reports(bench.about(message), MessageStatus="undelivered", ErrorCode=code)
    assert bench.state(message) == "undelivered"
    with bench.engine.begin() as connection:
        assert connection.scalars(select(subscriptions.c.ended_at)).all() == [None]
        assert connection.scalar(select(carrier_blocks.c.fingerprint)) is None
