"""A text that we sent by ourselves is the last message: what is kept of its caller, in a real Valkey."""

from datetime import UTC, datetime, timedelta
from functools import cache

import pytest

from helpline.conversation import session
from helpline.conversation.session import NOWHERE, Place, Session
from helpline.prompts_folder import PromptsFolder
from helpline.sms.reminded import Reminded, Sent
from helpline.sms.store import CallerStore
from helpline.telemetry.counters import Counters
from tests.conftest import Line
from tests.conversations.player import Folder, load

AT = datetime(2026, 12, 8, 9, 30, tzinfo=UTC)
MIDDLE, LAST, MISSED = Place("wave.middle"), Place("wave.last"), Place("wave.missed")
GUARD = "mark.2..0.0"


@cache
def folder() -> PromptsFolder:
    return Folder(load(("fr", "en")))


def keep(line: Line, caller: Session, name: str = "f") -> None:
    store = CallerStore(line.valkey.url)
    store.commit(name, "SM1", store.read(name, "SM1"), f"{session.encode(caller)}|{GUARD}", "fr", ["one"])


def kept(line: Line, name: str = "f") -> Session:
    (found,) = CallerStore(line.valkey.url).callers([name])
    return session.decode(found.partition("|")[0])


def remember(line: Line, place: Place, at: datetime = AT, language: str = "fr", name: str = "f") -> None:
    Reminded(folder(), CallerStore(line.wire.url), Counters()).remember(name, language, place, at)


def seconds(at: datetime) -> int:
    return int(at.timestamp())


def test_whoever_never_wrote_is_at_the_page_that_was_sent(line: Line) -> None:
    remember(line, MIDDLE, language="en")
    assert kept(line) == Session(language="en", place=Place("wave.middle.open"), at=seconds(AT))


def test_the_place_before_is_what_reprise_brings_back(line: Line) -> None:
    before = Place("register.prepare", 1)
    keep(line, Session("fr", before, trail=(Place("menu"), Place("register")), turn=4, at=seconds(AT) - 60, said="d"))
    remember(line, MIDDLE)
    after = kept(line)
    assert after.place == Place("wave.middle.open")
    assert after.bookmark == before
    assert after.trail[-1] == before
    assert (after.turn, after.said, after.at) == (4, "d", seconds(AT))


@pytest.mark.parametrize("place", ["goodbye", "remind.ask", "remind.saved", "wave.last.open", "stop.done", "help", ""])
def test_what_nobody_goes_back_to_is_not_brought_back(line: Line, place: str) -> None:
    keep(line, Session("fr", Place(place), bookmark=Place("update.how"), at=seconds(AT) - 60))
    remember(line, MIDDLE)
    assert kept(line).bookmark == Place("update.how")


def test_the_main_menu_is_brought_back_only_where_there_was_nothing_else(line: Line) -> None:
    keep(line, Session("fr", Place("menu"), bookmark=Place("update.how"), at=seconds(AT) - 60))
    keep(line, Session("fr", Place("menu"), at=seconds(AT) - 60), name="g")
    for name in ("f", "g"):
        remember(line, MIDDLE, name=name)
    assert kept(line, "f").bookmark == Place("update.how")
    assert kept(line, "g").bookmark == Place("menu")


def test_a_question_that_was_open_is_closed(line: Line) -> None:
    choices = (Place("update.how"), Place("contact"))
    keep(line, Session("fr", Place("which"), choices, (Place("signin"),), misses=1, silences=1, at=seconds(AT) - 60))
    remember(line, MIDDLE)
    after = kept(line)
    assert (after.choices, after.misses, after.silences, after.bookmark) == ((), 0, 0, NOWHERE)
    assert after.trail == (Place("signin"),)


def test_a_session_that_is_newer_stays(line: Line) -> None:
    newer = Session("fr", Place("update.how"), at=seconds(AT) + 1)
    keep(line, newer)
    remember(line, MIDDLE)
    assert kept(line) == newer


def test_the_loop_guard_stays(line: Line) -> None:
    keep(line, Session("fr", Place("menu"), at=seconds(AT) - 60))
    remember(line, MIDDLE)
    (found,) = CallerStore(line.valkey.url).callers(["f"])
    assert found.partition("|")[2] == GUARD


@pytest.mark.parametrize(("day", "page"), [(14, "wave.last.open"), (15, "wave.last.today"), (16, "wave.missed")])
def test_a_page_of_the_day_is_kept_as_the_one_that_was_sent(line: Line, day: int, page: str) -> None:
    remember(line, LAST, AT.replace(day=day))
    assert kept(line).place == Place(page)


def test_a_page_that_the_prompts_lost_meanwhile_changes_nothing(line: Line) -> None:
    remember(line, Place("wave.gone"))
    assert kept(line) == Session()


def test_a_hundred_callers_cost_two_trips(line: Line) -> None:
    for number in range(0, 100, 3):
        keep(line, Session("fr", Place("signin"), at=seconds(AT) - 60), f"caller {number}")
    reminded = Reminded(folder(), CallerStore(line.wire.url), Counters())
    reminded.remember("warm", "fr", MIDDLE, AT)
    before = line.wire.trips
    sent = [Sent(f"caller {number}", "fr", MIDDLE, AT + timedelta(seconds=number)) for number in range(100)]
    assert reminded.remember_each(sent) == 100
    assert line.wire.trips - before == 2
    assert {kept(line, f"caller {number}").place for number in range(100)} == {Place("wave.middle.open")}
    assert kept(line, "caller 99").at == seconds(AT) + 99


def test_of_two_texts_to_one_caller_the_later_is_the_last(line: Line) -> None:
    sent = [Sent("f", "fr", MISSED, AT + timedelta(days=8)), Sent("f", "fr", LAST, AT + timedelta(days=4))]
    assert Reminded(folder(), CallerStore(line.wire.url), Counters()).remember_each(sent) == 1
    assert kept(line).place == Place("wave.missed")


def test_nothing_is_asked_where_nothing_was_sent(line: Line) -> None:
    before = line.wire.trips
    assert Reminded(folder(), CallerStore(line.wire.url), Counters()).remember_each([]) == 0
    assert line.wire.trips == before


@pytest.mark.parametrize("state", ["refuse", "hang"])
def test_a_store_that_is_down_is_counted_and_stops_nobody(line: Line, state: str) -> None:
    counters = Counters()
    getattr(line.wire, state)()
    assert Reminded(folder(), CallerStore(line.wire.url), counters).remember_each([Sent("f", "fr", LAST, AT)]) == 0
    assert counters.all()["store_down{channel=reminders}"] == 1


class Busy(CallerStore):
    """A store in which a caller writes between our reading and our writing, so many times."""

    def __init__(self, url: str, times: int) -> None:
        super().__init__(url)
        self.times, self.written = times, 0

    def replace_callers(self, changes: list[tuple[str, str, str]]) -> set[str]:  # type: ignore[override]
        if self.times:
            self.times -= 1
            self.written += 1
            caller = session.encode(Session("fr", Place("signin"), turn=self.written, at=seconds(AT) - 1))
            self.commit("f", f"SM{self.written}", self.read("f", f"SM{self.written}"), caller, "fr", ["x"])
        return super().replace_callers(changes)


def test_a_caller_who_writes_at_that_very_moment_loses_nothing(line: Line) -> None:
    assert Reminded(folder(), Busy(line.wire.url, 1), Counters()).remember_each([Sent("f", "fr", LAST, AT)]) == 1
    after = kept(line)
    assert (after.place, after.bookmark, after.turn) == (Place("wave.last.open"), Place("signin"), 1)


def test_a_caller_who_never_stops_writing_is_left_alone(line: Line) -> None:
    assert Reminded(folder(), Busy(line.wire.url, 99), Counters()).remember_each([Sent("f", "fr", LAST, AT)]) == 0
    assert kept(line).place == Place("signin")
