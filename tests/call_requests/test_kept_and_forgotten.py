"""How long a request is kept, how it stays sealed, and who is shown it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import event, update

from helpline.callers_command.caller_shown import as_json, show_caller
from helpline.callers_command.caller_shown import summary as summary_of
from helpline.callers_command.export_file import export_of
from helpline.consent.consent import Consent
from helpline.consent.kept import what_is_kept
from helpline.consent.retention import Forgotten, retention
from helpline.records.desk_tables import call_requests
from helpline.records.sealing import Seals
from helpline.settings import load_settings
from helpline.terminal import Terminal
from tests.call_requests.wanting import EVENING, Wanting
from tests.consent.people import SEALING
from tests.fresh_logs import captured_logs
from tests.menus.calendars import USUAL

ENDED = ("done", "no_answer", "withdrawn")


def night(consent: Consent, days: float, seals: Seals | None = None) -> Forgotten:
    now = EVENING + timedelta(days=days)
    return retention(consent.engine, seals or consent.seals, (), now, USUAL, consent.journal)


def became(person: Wanting, **values: Any) -> None:
    with person.rules.consent.engine.begin() as connection:
        mine = call_requests.c.fingerprint == person.fingerprint
        connection.execute(update(call_requests).where(mine).values(**values))


@pytest.mark.parametrize("state", ENDED)
def test_the_number_of_a_request_that_is_over_goes_in_the_night(somebody: Wanting, state: str) -> None:
    somebody.wants()
    became(somebody, state=state)
    assert night(somebody.rules.consent, 1).numbers == 1
    (request,) = somebody.requests()
    assert (request.state, request.number, request.number_key) == (state, None, None)
    assert night(somebody.rules.consent, 2).numbers == 0


@pytest.mark.parametrize("state", ["waiting", "taken"])
def test_the_number_of_who_still_waits_is_kept(somebody: Wanting, state: str) -> None:
    somebody.wants()
    became(somebody, state=state)
    assert night(somebody.rules.consent, 89).numbers == 0
    assert somebody.requests()[0].number


@pytest.mark.parametrize("state", ["waiting", *ENDED])
def test_after_90_days_without_a_change_the_request_itself_goes(somebody: Wanting, state: str) -> None:
    somebody.wants()
    somebody.at("+33639980002").wants()
    became(somebody, state=state)
    became(somebody.at("+33639980002"), changed_at=EVENING + timedelta(days=1))
    assert night(somebody.rules.consent, 89).requests == 0
    assert night(somebody.rules.consent, 90).requests == 1
    assert somebody.requests() == []
    assert len(somebody.at("+33639980002").requests()) == 1


def test_who_is_forgotten_though_nobody_has_called_them_is_told_of_in_the_log(somebody: Wanting) -> None:
    for last, state in enumerate(("waiting", "taken", *ENDED)):
        person = somebody.at(f"+3363998000{last}")
        person.wants()
        became(person, state=state)
    with captured_logs() as logs:
        assert night(somebody.rules.consent, 90).requests == 5
    told = [(line["log_level"], line["count"]) for line in logs if line["event"] == "forgotten without a call"]
    assert told == [("warning", 2)]


def test_after_a_change_of_keys_the_number_is_sealed_with_the_new_one(somebody: Wanting) -> None:
    somebody.wants()
    new = Fernet.generate_key().decode()
    assert night(somebody.rules.consent, 1, Seals([new, SEALING])).resealed == 1
    (request,) = somebody.requests()
    assert Seals([new]).open(request.number) == somebody.number
    assert request.number_key == Seals([new]).mark
    assert night(somebody.rules.consent, 2, Seals([new, SEALING])).resealed == 0


def test_a_request_that_ends_while_it_is_sealed_anew_stays_without_a_number(somebody: Wanting) -> None:
    """What was read before may not be written back."""
    somebody.wants()
    consent = somebody.rules.consent
    cancelled: list[str] = []

    class Interrupted(Seals):
        def open(self, sealed: str) -> str:
            cancelled.append(somebody.texts().cancels())
            return super().open(sealed)

    night(consent, 1, Interrupted([Fernet.generate_key().decode(), SEALING]))
    assert cancelled == ["cancelled"]
    assert [(row.state, row.number) for row in somebody.requests()] == [("withdrawn", None)]


def test_an_operator_reads_when_a_call_was_asked_for(somebody: Wanting, capsys: pytest.CaptureFixture[str]) -> None:
    somebody.texts().wants()
    show_caller(Terminal(), what_is_kept(somebody.rules.consent.engine, somebody.fingerprint))
    assert "Wants a call  asked 2026-12-03 20:00, waiting, number kept, sealed" in capsys.readouterr().out


def test_operators_and_the_person_are_shown_the_request(somebody: Wanting) -> None:
    engine, settings = somebody.rules.consent.engine, load_settings({"HELPLINE_ENV": "demo"})
    assert what_is_kept(engine, somebody.fingerprint).is_nothing
    somebody.wants()
    kept = what_is_kept(engine, somebody.fingerprint)
    assert not kept.is_nothing
    assert kept.is_called
    assert summary_of(kept).startswith("no reminders; wants a call; ")
    (shown,) = as_json(kept)["call_requests"]
    assert (shown["state"], shown["number_sealed"], shown["tries"]) == ("waiting", True, 0)
    assert somebody.number in export_of(kept, somebody.number, somebody.fingerprint, settings, EVENING)
    somebody.texts().cancels()
    kept = what_is_kept(engine, somebody.fingerprint)
    assert [one.state for one in kept.call_requests] == ["withdrawn"]
    assert summary_of(kept).startswith("no reminders; 0 messages")
    assert somebody.number not in export_of(kept, somebody.number, somebody.fingerprint, settings, EVENING)


def test_finding_a_persons_requests_does_not_read_those_of_all(somebody: Wanting) -> None:
    engine = somebody.rules.consent.engine
    if engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL reads a small table whole, and rightly")
    asked: list[tuple[str, Any]] = []

    def note(connection: Any, cursor: Any, statement: str, parameters: Any, *rest: Any) -> None:
        asked.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    somebody.texts().wants()
    somebody.texts().says("not_me")
    somebody.texts().says("erase")
    what_is_kept(engine, somebody.fingerprint)
    event.remove(engine, "before_cursor_execute", note)
    about = [(statement, given) for statement, given in asked if "call_requests" in statement]
    assert len(about) > 4
    with engine.connect() as connection:
        for statement, given in about:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", given).all()
            assert not [row for row in plan if row[3].startswith("SCAN call_requests")], statement
