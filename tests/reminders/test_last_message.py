"""A text that went out is its caller's last message, also where its worker never heard that it did."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from redis import Redis
from sqlalchemy import Engine, delete

from helpline.app import create_app
from helpline.carrier.callers import fingerprint
from helpline.carrier.results import Sent
from helpline.records.tables import callers
from helpline.reminders.posting import Posting
from helpline.reminders.recording import Recording
from helpline.server.embedded_valkey import EmbeddedValkey
from tests.conftest import settings_for
from tests.databases import address
from tests.phone import Phone, flask_post, new_sid
from tests.reminders.bench import KEY, Bench, a_number
from tests.reminders.test_posting import claimed
from tests.server.running import free_port
from tests.simulator.carrier_process import CarrierProcess

HOW, OLDER, PREPARE = "Quatre moyens", "Vous pouvez vous inscrire si", "Pour le formulaire, préparez"


@pytest.fixture
def bench(engine: Engine, redis: Redis, stub: CarrierProcess) -> Bench:
    return Bench(engine, redis, stub)


def phone_at(bench: Bench, redis_url: str, folder: Path) -> Phone:
    """A caller of the helpline's web server, on this database and this Redis."""
    given = {"DATABASE_URL": address(bench.engine), "REDIS_URL": redis_url, "FINGERPRINT_KEY": KEY.decode()}
    app = create_app(settings_for(folder, **given), now=bench.clock)
    return Phone(flask_post(app), number=a_number())


@pytest.fixture
def phone(bench: Bench, shared_valkey: EmbeddedValkey, tmp_path: Path) -> Phone:
    return phone_at(bench, shared_valkey.url, tmp_path)


@pytest.fixture
def dropped(bench: Bench, phone: Phone) -> int:
    """A caller at an older page, and a reminder to them that was taken without an answer to us; its id."""
    phone.text("s'inscrire")
    assert OLDER in phone.text("1")[0]
    bench.clock.pass_by(minutes=2)
    message = bench.message(bench.caller(phone.number))
    bench.stub.behave(drop=1)
    assert bench.deliver().unknown == 1
    bench.stub.behave(drop=0)
    bench.clock.pass_by(seconds=15)
    return message


def report(phone: Phone, bench: Bench, message: int, status: str, code: str = "", tries: int = 1) -> None:
    told = [("MessageSid", f"SM{message:032}"), ("MessageStatus", status), *([("ErrorCode", code)] if code else [])]
    assert phone.send(f"/twilio/sms/status?message={bench.about(message, tries)}", told).status == 204


@pytest.mark.parametrize("status", ["queued", "sent", "delivered"])
@pytest.mark.parametrize("state", ["unknown", "sending", "planned"])
def test_a_digit_answers_a_reminder_that_only_the_carrier_told_of(
    bench: Bench, phone: Phone, dropped: int, state: str, status: str
) -> None:
    bench.change(dropped, state=state)
    report(phone, bench, dropped, status)
    bench.clock.pass_by(minutes=1)
    assert HOW in phone.text("1")[0]


def test_what_they_read_before_such_a_reminder_comes_back(bench: Bench, phone: Phone, dropped: int) -> None:
    report(phone, bench, dropped, "delivered")
    bench.clock.pass_by(minutes=1)
    assert OLDER in phone.text("REPRISE")[0]


def test_a_report_of_what_is_known_to_have_gone_changes_nothing(bench: Bench, phone: Phone, dropped: int) -> None:
    report(phone, bench, dropped, "sent")
    bench.clock.pass_by(minutes=1)
    phone.text("REPRISE")
    bench.change(dropped, claimed_at=bench.clock() + timedelta(minutes=1))
    report(phone, bench, dropped, "delivered")
    assert bench.state(dropped) == "delivered"
    assert PREPARE in phone.text("1")[0]


def test_what_a_caller_wrote_since_is_answered_and_not_the_reminder(bench: Bench, phone: Phone, dropped: int) -> None:
    phone.text("s'inscrire")
    bench.clock.pass_by(minutes=1)
    report(phone, bench, dropped, "delivered")
    assert OLDER in phone.text("1")[0]


@pytest.mark.parametrize(("status", "code"), [("undelivered", "30003"), ("failed", "30005"), ("undelivered", "30007")])
def test_a_reminder_that_never_arrived_is_no_last_message(
    bench: Bench, phone: Phone, dropped: int, status: str, code: str
) -> None:
    report(phone, bench, dropped, status, code)
    assert PREPARE in phone.text("1")[0]


def test_without_redis_a_report_is_taken_all_the_same(bench: Bench, tmp_path: Path) -> None:
    phone = phone_at(bench, f"redis://127.0.0.1:{free_port()}/0", tmp_path)
    message = bench.message(state="unknown", tries=1, claimed_at=bench.clock())
    report(phone, bench, message, "delivered")
    assert bench.state(message) == "delivered"


@pytest.mark.parametrize("undelivered", [False, True])
def test_what_a_look_at_the_carrier_found_is_the_last_message_if_it_arrived(bench: Bench, undelivered: bool) -> None:
    bench.clock.run()
    message = bench.message(kind="welcome")
    number = bench.number_of(message)
    bench.stub.behave(drop=1, undelivered=f"30005:{number}" if undelivered else "", report_after=0)
    bench.deliver("replies")
    bench.stub.behave(drop=0)
    bench.clock.pass_by(seconds=121)
    assert bench.settle().found == 1
    bench.stub.behave(report_after=0.5)
    assert [each.fingerprint for each in bench.remembered] == ([] if undelivered else [fingerprint(number, KEY)])


# Who erased themselves meanwhile is not remembered again.


def test_who_erased_themselves_while_a_text_went_out_is_not_remembered(bench: Bench) -> None:
    gone, other = bench.message(), bench.message()
    stays = bench.number_of(other)
    sender = bench.sender
    posted = [
        (claimed(message, caller=fingerprint(bench.number_of(message), KEY)), Sent(new_sid(), "queued"))
        for message in (gone, other)
    ]
    _erase(bench, gone)
    Recording(sender, Posting(sender.carrier, sender.seals, sender.clock)).record(posted)
    assert [each.fingerprint for each in bench.remembered] == [fingerprint(stays, KEY)]


def test_who_erased_themselves_is_not_remembered_by_a_report_either(bench: Bench, phone: Phone, redis: Redis) -> None:
    message = bench.message(bench.caller(phone.number), state="unknown", tries=1, claimed_at=bench.clock())
    about = bench.about(message)
    _erase(bench, message)
    told = [("MessageSid", new_sid()), ("MessageStatus", "delivered")]
    assert phone.send(f"/twilio/sms/status?message={about}", told).status == 204
    assert redis.keys("caller:*") == []


def _erase(bench: Bench, message: int) -> None:
    who = bench.row(message).caller_id
    with bench.engine.begin() as connection:
        connection.execute(delete(callers).where(callers.c.id == who))
