"""What texts do: the message that was answered goes with each effect, and no trouble undoes or doubles one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from helpline.conversation.turn import Effect
from helpline.sms.store import CallerStore, Kept, StoreDown
from helpline.sms.texts import Text, Texts
from helpline.telemetry.counters import Counters
from helpline.turns.turn import Turns
from tests.conftest import Line
from tests.conversations.performer import Agreed
from tests.conversations.player import KEY, Folder, load
from tests.phone import new_number, new_sid

NOW = datetime(2026, 12, 3, 9, 0, tzinfo=UTC)


@dataclass
class Talk:
    """One caller who texts, on a real Valkey, with what was agreed to in memory."""

    texts: Texts
    agreed: Agreed
    number: str
    now: datetime = NOW

    def __call__(self, body: str, opt_out: str = "", sid: str = "") -> tuple[str, ...]:
        self.now += timedelta(seconds=20)
        return self.texts.answer(Text(sid or new_sid(), self.number, body, opt_out))

    @property
    def last(self) -> Effect:
        return self.agreed.effects[-1]

    @property
    def done(self) -> list[str]:
        return [effect.name for effect in self.agreed.effects]


def talk(line: Line, agreed: Agreed | None = None, store: CallerStore | None = None) -> Talk:
    agreed = agreed or Agreed()
    clock: Callable[[], datetime] = lambda: talking.now  # noqa: E731
    texts = Texts(
        Folder(load(("fr", "en"))),
        Turns(agreed.performers(), Counters()),
        store or CallerStore(line.wire.url),
        Counters(),
        KEY,
        clock,
        agreed.asked_recently,
    )
    talking = Talk(texts, agreed, new_number())
    return talking


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
    assert (caller.last.name, caller.last.heard, caller.last.shown) == ("done", "done", menu)


def test_nothing_was_shown_to_whoever_begins_with_a_stop(caller: Talk) -> None:
    caller("stop")
    assert (caller.last.name, caller.last.shown, caller.last.heard) == ("stop", "", "stop")


def test_the_same_text_twice_does_nothing_twice(caller: Talk) -> None:
    caller("rappel")
    sid = new_sid()
    first = caller("1", sid=sid)
    assert caller("1", sid=sid) == first
    assert caller.done == ["look_up_reminders", "subscribe_all"]


@pytest.mark.parametrize("language", ["FR", "EN"])
@pytest.mark.parametrize(
    "word", ["STOP", "arrêt", "désabonner", "stop svp", "unsubscribe", "стоп", "توقف", "ＳＴＯＰ", "Stop sms merci"]
)
def test_a_stop_ends_everything_whatever_its_word_and_the_language(line: Line, word: str, language: str) -> None:
    caller = talk(line, Agreed("all"))
    caller(language)
    assert len(caller(word)) == 1
    assert (caller.done, caller.agreed.scope) == (["stop"], "")


@pytest.mark.parametrize("body", ["arrêtez svp", "STOP", "1", "whatever", ""])
def test_a_stop_that_the_carrier_answered_ends_everything_in_silence(line: Line, body: str) -> None:
    caller = talk(line, Agreed("all"))
    caller("rappel")
    assert caller(body, opt_out="STOP") == ()
    assert (caller.done[-1], caller.agreed.scope) == ("stop", "")
    assert caller("merci") == ()


def test_a_start_that_the_carrier_answered_lifts_the_block_in_silence(line: Line) -> None:
    caller = talk(line, Agreed(is_blocked=True))
    caller("rappel")
    assert caller("START", opt_out="START") == ()
    assert not caller.agreed.is_blocked
    (page,) = caller("1")
    assert "L'actualisation est ouverte" in page  # the digit answers what we sent last


def test_a_start_signs_nobody_up(line: Line) -> None:
    caller = talk(line)
    caller("rappel")
    for word, opt_out in (("START", ""), ("START", "START"), ("UNSTOP", ""), ("oui", "START")):
        caller(word, opt_out)
    assert caller.agreed.scope == ""
    assert set(caller.done) == {"look_up_reminders", "start", "refuse"}


@pytest.mark.parametrize("opt_out", ["HELP", "SOMETHING"])
def test_whatever_else_the_carrier_answered_agrees_to_nothing(line: Line, opt_out: str) -> None:
    caller = talk(line)
    caller("rappel")
    assert caller("1", opt_out) == ()
    assert caller.agreed.scope == ""
    caller("1")
    assert caller.agreed.scope == "all"


def test_a_stop_counts_while_the_loop_guard_is_silent(line: Line) -> None:
    caller = talk(line, Agreed("all"))
    answers = [caller("bla bla") for _ in range(10)]
    assert answers[-1] == ()
    assert len(caller("STOP")) == 1
    assert caller.done == ["stop"]


def test_each_further_stop_counts_too_and_is_not_confirmed_again(line: Line) -> None:
    caller = talk(line, Agreed("all"))
    answers = [caller("STOP") for _ in range(9)]
    assert caller.done == ["stop"] * 9
    assert answers[0]
    assert answers[-3:] == [()] * 3


def test_a_stop_that_cannot_be_kept_is_never_silent(line: Line) -> None:
    caller = talk(line, Agreed("all", is_down=True))
    answers = [caller("STOP") for _ in range(9)]
    assert {"STOP" in " ".join(answer) for answer in answers} == {True}


def test_the_wrong_person_is_heard_while_the_loop_guard_is_silent(line: Line) -> None:
    caller = talk(line, Agreed("all"))
    for _ in range(10):
        caller("bla bla")
    assert caller("pas moi")
    assert caller.agreed.scope == ""


@pytest.mark.parametrize("state", ["refuse", "hang"])
def test_without_redis_everything_that_has_a_word_is_done(line: Line, state: str) -> None:
    caller = talk(line, Agreed("all"))
    getattr(line.wire, state)()
    for word in ("FAIT", "7", "rappel", "données", "pas moi", "STOP", "START"):
        assert caller(word)
    assert caller("", opt_out="STOP") == ()
    assert caller("", opt_out="START") == ()
    names = ["done", "done", "look_up_reminders", "show_data", "not_me", "stop", "start", "stop", "start"]
    assert caller.done == names


def test_without_redis_a_yes_within_half_an_hour_confirms(line: Line) -> None:
    caller = talk(line)
    (asked,) = caller("remind me")
    line.wire.refuse()
    caller("1")
    assert caller.agreed.scope == ""
    caller("YES")
    assert caller.agreed.scope == "all"
    assert (caller.last.shown, caller.last.language) == (asked, "en")


@pytest.mark.parametrize("words", ["mouais", "oui ?", "ok merci", "non pas oui", "oui tous"])
def test_without_redis_nothing_but_a_plain_yes_confirms(line: Line, words: str) -> None:
    caller = talk(line)
    caller("rappel")
    line.wire.refuse()
    caller(words)
    assert caller.agreed.scope == ""


LEAVING = ["NON", "STOP", "MENU", "EFFACER", "contact", "aide", "pas moi", "0", "données"]


@pytest.mark.parametrize("word", LEAVING)
def test_without_redis_a_yes_after_the_question_was_left_confirms_nothing(line: Line, word: str) -> None:
    caller = talk(line)
    caller("rappel")
    caller(word)
    line.wire.refuse()
    caller("OUI")
    assert caller.agreed.scope == ""


@pytest.mark.parametrize("word", LEAVING)
def test_the_question_is_left_without_redis_too(line: Line, word: str) -> None:
    caller = talk(line)
    caller("rappel")
    line.wire.refuse()
    caller(word)
    caller("OUI")
    assert caller.agreed.scope == ""


def test_the_question_is_left_by_words_and_answered_after_it_came_again(line: Line) -> None:
    caller = talk(line)
    for word in ("rappel", "non", "rappel"):
        caller(word)
    assert caller.done == ["look_up_reminders", "refuse", "look_up_reminders"]
    assert (caller.agreed.effects[1].heard, caller.agreed.effects[1].language) == ("no", "fr")
    line.wire.refuse()
    caller("OUI")
    assert caller.agreed.scope == "all"


def test_who_agrees_or_is_asked_once_more_leaves_nothing(caller: Talk) -> None:
    for word in ("rappel", "mouais", "EN", "YES"):
        caller(word)
    assert "refuse" not in caller.done
    assert caller.agreed.scope == "all"


@pytest.mark.parametrize("word", ["ok", "d'accord", "Oui merci", "ouais", "yep"])
def test_without_redis_only_the_words_of_the_question_confirm(line: Line, word: str) -> None:
    caller = talk(line)
    caller("rappel")
    line.wire.refuse()
    caller(word)
    assert caller.agreed.scope == ""


def test_without_redis_a_yes_that_answers_nothing_is_no_yes(line: Line) -> None:
    caller = talk(line)
    line.wire.refuse()
    caller("oui")
    caller.now += timedelta(minutes=31)
    caller("rappel")
    caller.now += timedelta(minutes=31)
    caller("oui")
    assert caller.agreed.scope == ""


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
