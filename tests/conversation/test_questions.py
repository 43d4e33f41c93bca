"""Questions for a day or a time, by text: what is heard as an answer, what is not, and how one gets on and back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.conversation import session
from helpline.conversation.session import Place, Session
from tests.conversation.callers import Texter

STEPS = ("training.time", "training.sure", "training.saved", "training.wave.week", "training.call.week")


def asked(node: str = "training", **form: str) -> Texter:
    """Somebody whom that page was just sent by the menus."""
    caller = Texter()
    caller.here = Session("fr", Place(node), at=int(caller.now.timestamp()), form=tuple(form.items()))
    return caller


def test_a_day_leads_to_the_time_and_the_time_to_what_was_understood() -> None:
    caller = asked()
    assert "samedi 12 décembre" in caller("12/12")
    assert caller.place == "training.time"
    assert "samedi 12 décembre, 14 h 30" in caller("14h30")
    assert caller.place == "training.sure"
    assert caller.form == {"day": "2026-12-12", "time": "14:30"}


def test_a_day_and_a_time_at_once_skip_the_question_for_the_time() -> None:
    caller = asked()
    caller("mardi 1er décembre à 9h")
    assert caller.place == "training.sure"
    assert caller.form == {"day": "2026-12-01", "time": "09:00"}


def test_what_was_answered_goes_with_the_effect_and_into_the_page_after_it() -> None:
    caller = asked()
    caller("12/12 14h30")
    assert "formation samedi 12 décembre, 14 h 30" in caller("1")
    assert caller.last.name == "note"
    assert (caller.last.of, dict(caller.last.form)) == ("training", {"day": "2026-12-12", "time": "14:30"})


def test_the_proof_holds_the_words_without_the_date() -> None:
    caller = asked()
    caller("12/12 14h30")
    caller("OUI")
    assert "{day}, {time}" in caller.last.shown
    assert "décembre" not in caller.last.shown


def test_change_asks_for_the_day_again_and_then_for_the_time() -> None:
    caller = asked()
    caller("12/12 14h30")
    caller("2")
    assert caller.place == "training.day"
    caller("13/12")
    assert (caller.place, caller.form) == ("training.time", {"day": "2026-12-13"})


def test_another_date_at_the_page_that_reads_back_takes_its_place() -> None:
    caller = asked()
    caller("12/12 14h30")
    assert "dimanche 13 décembre, 15 h" in caller("non, le 13/12 à 15h")
    assert caller.place == "training.sure"


@pytest.mark.parametrize(
    ("words", "said"),
    [("12/11", "passé"), ("32/12", "n'existe pas"), ("12/12/2060", "trop loin"), ("bof", "pas compris")],
)
def test_what_cannot_be_meant_is_said_and_asked_again(words: str, said: str) -> None:
    caller = asked()
    answer = caller(words)
    assert said in answer
    assert caller.place == "training"


def test_the_second_miss_names_a_person() -> None:
    caller = asked()
    assert "3949" not in caller("bof")
    assert "3949" in caller("bof bof")
    assert caller.place == "training"


def test_an_ambiguous_answer_offers_what_it_may_mean_and_each_leads_on() -> None:
    caller = asked("training.time", day="2026-12-12")
    answer = caller("à 3")
    assert "1 15 h" in answer
    assert "2 3 h" in answer
    caller("1")
    assert (caller.place, caller.form["time"]) == ("training.sure", "15:00")


def test_digits_choose_where_choices_stand_and_other_words_still_answer() -> None:
    caller = asked("training.time", day="2026-12-12")
    choices = caller("à 3")
    assert caller("9").splitlines()[-3:] == choices.splitlines()[-3:]  # 9 repeats
    caller("16h")
    assert (caller.place, caller.form["time"]) == ("training.sure", "16:00")


def test_the_same_day_next_year_is_offered_for_a_paper_that_has_ended() -> None:
    caller = asked("paper.day")
    offered = caller("12/11")
    assert "Est-ce cela ?" in offered
    assert "Plusieurs" not in offered
    assert "1 vendredi 12 novembre 2027" in offered
    caller("1")
    assert caller.form["day"] == "2027-11-12"


@pytest.mark.parametrize("words", ["12/11", "12/11 14h", "formation 12/11 14h"])
def test_nobody_is_asked_whether_an_appointment_that_has_passed_is_in_a_year(words: str) -> None:
    caller = asked()
    answer = caller(words)
    assert "déjà passé" in answer
    assert "Quel jour" in answer
    assert "2027" not in answer


def test_the_one_other_reading_of_what_cannot_be_keeps_its_time() -> None:
    caller = Texter()
    offered = caller("rdv 12/13 10h")
    assert "Est-ce cela ?" in offered
    assert "Plusieurs" not in offered
    caller("1")
    assert (caller.place, caller.form) == ("appointment.sure", {"day": "2026-12-13", "time": "10:00"})


def test_another_day_where_a_time_was_asked_for_is_another_day() -> None:
    caller = asked("training.time", day="2026-12-12")
    caller("non le 13/12")
    assert (caller.place, caller.form) == ("training.time", {"day": "2026-12-13"})


@pytest.mark.parametrize(
    ("words", "place"),
    [
        ("0", "menu"),
        ("00", "contact"),
        ("menu", "menu"),
        ("STOP", "stop.done"),
        ("EN", "training"),
        ("aide", "help"),
        ("mot de passe", "signin.password"),
        ("il veut me tuer", "danger"),
        ("mon mot de passe est Soleil2024!", "secret.password"),
    ],
)
def test_what_works_anywhere_works_at_a_question(words: str, place: str) -> None:
    caller = asked()
    caller(words)
    assert caller.place == place


@pytest.mark.parametrize("digit", ["5", "7", "9"])
def test_a_lone_digit_is_a_day_and_not_a_key(digit: str) -> None:
    caller = asked()
    caller(digit)
    assert caller.form == {"day": f"2026-12-0{digit}"}


def test_back_leads_to_the_question_before() -> None:
    caller = asked()
    caller("12/12 14h30")
    caller("*")
    assert caller.place == "training.time"
    caller("*")
    assert caller.place in ("training", "training.day")
    caller("*")
    assert caller.place == "menu"


def test_leaving_forgets_what_was_answered() -> None:
    caller = asked()
    caller("12/12 14h30")
    caller("0")
    assert caller.form == {}


def test_another_kind_does_not_get_the_answers_of_this_one() -> None:
    caller = asked()
    caller("12/12")
    caller("titre 03/2027")
    assert caller.form == {"day": "2027-03"}
    assert all(not step.node.startswith("training") for step in caller.here.trail)


def test_a_date_that_comes_late_is_still_the_answer() -> None:
    caller = asked()
    caller("12/12", later=timedelta(hours=3))
    assert (caller.place, caller.form) == ("training.time", {"day": "2026-12-12"})


def test_a_lone_digit_that_comes_late_is_asked_about() -> None:
    caller = asked()
    caller("5", later=timedelta(hours=3))
    assert caller.place == "late"
    caller("1")
    assert caller.place == "training"


@pytest.mark.parametrize("node", STEPS)
def test_a_page_that_needs_answers_asks_for_the_first_that_is_missing(node: str) -> None:
    caller = asked(node)
    assert "{" not in caller("9")
    assert caller.place in ("training.day", "training.time")  # 9 repeats, or is the 9th, where that was asked for


def test_the_month_alone_is_no_answer_where_there_is_a_time_of_day() -> None:
    caller = asked()
    caller("03/2027")
    assert (caller.place, caller.form) == ("training", {})


ANSWERS = "12/12|14h30|12/12 14h|à 3|12/11|32/12|bof|0|1|2|6|7|9|*|#"
WORDS = "formation 12/12 9h|titre 03/2027|FAIT|oui|non|retour|EN|FR|merci|reprise|STOP|rappel"
said = st.sampled_from([*ANSWERS.split("|"), *WORDS.split("|")])


@given(st.lists(said, max_size=8), st.lists(st.sampled_from([20, 3 * 3600]), min_size=8, max_size=8))
def test_whatever_is_written_is_answered_and_no_date_is_left_open_or_mixed_up(
    texts: list[str], pauses: list[int]
) -> None:
    caller = asked()
    caller.agreed.things.add("training", "2026-12-20T10:00")
    for text, pause in zip(texts, pauses, strict=False):
        answer = caller(text, later=timedelta(seconds=pause))
        assert "{" not in answer
        kinds = {step.node.partition(".")[0] for step in (caller.here.place, *caller.here.trail, caller.here.bookmark)}
        if caller.here.form:
            assert len(kinds & {"training", "paper", "appointment"}) == 1
        assert session.decode(session.encode(caller.here)) == caller.here
