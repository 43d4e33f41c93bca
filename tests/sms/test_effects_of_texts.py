"""What texts do: the message that was answered goes with each effect, and no trouble undoes or doubles one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest

from helpline.sms.store import CallerStore, Kept, StoreDown
from helpline.sms.texts import Text
from tests.conftest import Line
from tests.conversations.performer import Agreed
from tests.phone import new_sid
from tests.sms.talk import Talk, talk


@pytest.fixture
def caller(line: Line) -> Talk:
    return talk(line)


@pytest.mark.parametrize(("ask", "yes"), [("rappel", "1"), ("remind me", "YES"), ("RAPPEL", "Oui"), ("reminders", "2")])
def test_who_agrees_agrees_to_the_very_message_that_came(caller: Talk, ask: str, yes: str) -> None:
    (asked,) = caller(ask)
    caller(yes)
    assert caller.last.shown == asked
    assert caller.last.language == ("fr" if ask in ("rappel", "RAPPEL") else "en")
    assert caller.last.heard == {"1": "1", "2": "2", "YES": "yes", "Oui": "yes"}[yes]


def test_the_proof_is_the_message_in_the_language_in_which_it_came(caller: Talk) -> None:
    caller("rappel")
    (in_english,) = caller("EN")
    caller("1")
    assert (caller.last.shown, caller.last.language) == (in_english, "en")


def test_the_proof_is_the_plainer_question_where_that_was_answered(caller: Talk) -> None:
    caller("rappel")
    (again,) = caller("non pas oui")
    caller("1")
    assert caller.last.shown == again
    for words in ("Relais Droits", "association Le Pont", "gratuits", "4 par mois au plus", "STOP"):
        assert words in again


def test_a_question_that_came_again_late_is_the_proof(caller: Talk) -> None:
    caller("rappel")
    caller.now += timedelta(hours=2)
    (again,) = caller("1")
    assert caller.done == ["look_up_reminders"]
    caller("1")
    assert caller.last.shown == again


def test_a_reminder_knows_what_it_was_answered_by(caller: Talk) -> None:
    caller("FR")
    (menu,) = caller("menu")
    caller("fait")
    assert (caller.last.name, caller.last.heard, caller.last.shown) == ("done", "fait", menu)


def test_nothing_was_shown_to_whoever_begins_with_a_stop(caller: Talk) -> None:
    caller("stop")
    assert (caller.last.name, caller.last.shown, caller.last.heard) == ("stop", "", "stop")


def test_the_same_text_twice_does_nothing_twice(caller: Talk) -> None:
    caller("rappel")
    sid = new_sid()
    first = caller("1", sid=sid)
    assert caller("1", sid=sid) == first
    assert caller.done == ["look_up_reminders", "subscribe_all"]


def test_who_agrees_or_is_asked_once_more_leaves_nothing(caller: Talk) -> None:
    for word in ("rappel", "mouais", "EN", "YES"):
        caller(word)
    assert "refuse" not in caller.done
    assert caller.agreed.scope == "all"


def test_who_withholds_the_number_has_effects_of_their_own(line: Line) -> None:
    caller = talk(line)
    caller.number = ""
    for _ in range(2):
        caller("stop", sid="")
    caller.texts.answer(Text("", "", "stop"))
    caller.texts.answer(Text("", "", "stop"))
    assert caller.done == ["stop"] * 4


class Losing(CallerStore):
    """A store that goes away between reading and writing."""

    def commit(
        self, fingerprint: str, message: str, before: Kept, caller: str, language: str, answer: Sequence[str]
    ) -> tuple[str, ...] | None:
        raise StoreDown("just now")


def test_who_is_told_of_what_was_done_though_the_session_is_lost(line: Line) -> None:
    agreed = Agreed()
    caller = talk(line, agreed)
    caller("rappel")
    losing = talk(line, agreed, Losing(line.wire.url))
    losing.number = caller.number
    assert "c'est noté" in " ".join(losing("1"))
    assert agreed.scope == "all"


class Racing(CallerStore):
    """A store in which another text of the same caller is answered between our reading and our writing."""

    other: Callable[[], object] | None = None

    def commit(
        self, fingerprint: str, message: str, before: Kept, caller: str, language: str, answer: Sequence[str]
    ) -> tuple[str, ...] | None:
        if self.other:
            other, self.other = self.other, None
            other()
        return super().commit(fingerprint, message, before, caller, language, answer)


def test_of_two_texts_at_once_the_one_that_did_something_says_so(line: Line) -> None:
    store = Racing(line.wire.url)
    caller = talk(line, store=store)
    caller("rappel")
    store.other = lambda: caller("menu")
    assert "c'est noté" in " ".join(caller("1"))
    assert caller.done == ["look_up_reminders", "subscribe_all", "refuse"]  # the menu refuses what is answered by then
    (page,) = caller("9")
    assert "c'est noté" in page


def test_who_is_erased_leaves_nothing_in_redis_but_the_answer(line: Line) -> None:
    caller = talk(line, Agreed("all"))
    caller("rappel")
    caller("effacer")
    sid = new_sid()
    (erased,) = caller("1", sid=sid)
    assert "C'est effacé" in erased
    assert {key.partition(":")[0] for key in line.kept()} == {"answer"}
    assert list(CallerStore(line.wire.url).drain_seen()) == []
    assert caller("1", sid=sid) == (erased,)


def test_who_could_not_be_erased_keeps_the_session(line: Line) -> None:
    caller = talk(line, Agreed("all", is_down=True))
    caller("effacer")
    caller("1")
    assert {key.partition(":")[0] for key in line.kept()} == {"answer", "caller", "language"}


def test_an_effect_costs_no_further_trip(line: Line) -> None:
    caller = talk(line)
    caller("rappel")
    before = line.wire.trips
    caller("1")
    caller("fait")
    caller("stop")
    assert line.wire.trips - before == 6
