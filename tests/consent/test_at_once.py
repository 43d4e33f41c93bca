"""Several webhooks at the same moment: one effect, one outcome, and no state that nobody asked for."""

from __future__ import annotations

import threading
from collections.abc import Callable

from helpline.consent.consent import Consent
from helpline.consent.once import once
from helpline.records.tables import callers, consent_texts, consents, effects, messages, objections, subscriptions
from tests.consent.people import THURSDAY, Person, rows

AT_ONCE = 6


def all_at_once(*acts: Callable[[], str]) -> list[str]:
    """What each returned; they began together."""
    together = threading.Barrier(len(acts))
    found: list[str] = [""] * len(acts)

    def run(place: int, act: Callable[[], str]) -> None:
        together.wait()
        found[place] = act()

    threads = [threading.Thread(target=run, args=(place, act)) for place, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_of_the_same_webhook_at_once_one_does_it_and_the_others_read_how_it_went(consent: Consent) -> None:
    done: list[str] = []

    def act(number: int) -> Callable[[], str]:
        return lambda: once(consent.engine, "SM1.done", THURSDAY, lambda _: done.append("") or f"outcome {number}")

    found = all_at_once(*[act(number) for number in range(AT_ONCE)])
    assert len(done) == 1
    assert len(set(found)) == 1
    assert found[0].startswith("outcome ")


def test_a_webhook_that_came_many_times_at_once_signs_up_once(somebody: Person) -> None:
    found = all_at_once(*[lambda: somebody.does("subscribe_all", key="SM1")] * AT_ONCE)
    assert set(found) == {"saved"}
    assert [row.event for row in rows(somebody.consent.engine, consents)] == ["given"]
    for table in (callers, subscriptions, consent_texts, effects):
        assert len(rows(somebody.consent.engine, table)) == 1


def test_different_answers_at_once_leave_one_subscription(somebody: Person) -> None:
    acts = [lambda: somebody.does("subscribe_all"), lambda: somebody.calls().does("confirm_last")] * 3
    assert set(all_at_once(*acts)) == {"saved"}
    assert len(rows(somebody.consent.engine, subscriptions)) == 1
    assert len(rows(somebody.consent.engine, callers)) == 1
    assert somebody.scope in ("all", "last")


def test_a_stop_and_a_sign_up_at_once_leave_one_or_the_other(consent: Consent) -> None:
    for last in range(8):
        somebody = Person(consent, f"+3363998000{last}")
        found = all_at_once(
            lambda somebody=somebody: somebody.does("subscribe_all"),
            lambda somebody=somebody: somebody.later(seconds=1).does("stop"),
        )
        assert found == ["saved", "stopped"]
        objects = bool(rows(consent.engine, objections, objections.c.fingerprint == somebody.fingerprint))
        assert objects != bool(somebody.scope)


def test_erasing_and_everything_else_at_once(consent: Consent) -> None:
    for last in range(4):
        somebody = Person(consent, f"+3363998000{last}")
        somebody.signs_up()
        somebody.gets()
        later = somebody.later(seconds=1)
        found = all_at_once(
            lambda later=later: later.does("erase"),
            lambda later=later: later.does("done"),
            lambda later=later: later.does("keep"),
            lambda later=later: later.does("stop"),
        )
        assert found[0] == "erased"
        assert found[1] in ("done_all", "nothing")
        assert found[2] in ("kept", "not_saved")
        assert found[3] == "stopped"
        assert rows(consent.engine, callers, callers.c.fingerprint == somebody.fingerprint) == []
    assert rows(consent.engine, messages) == []


def test_many_people_sign_up_at_once(consent: Consent) -> None:
    people = [Person(consent, f"+336399800{number:02}", language="en") for number in range(12)]
    found = all_at_once(*[lambda person=person: person.does("subscribe_all") for person in people])
    assert set(found) == {"saved"}
    assert len(rows(consent.engine, callers)) == 12
    assert len(rows(consent.engine, consent_texts)) == 1
