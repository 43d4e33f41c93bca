"""Texts that name a thing and its date: heard wherever the caller is, and never where they say something else."""

from __future__ import annotations

from datetime import datetime

import pytest

from helpline.conversation.heard import Heard
from helpline.conversation.hearing import hear
from helpline.conversation.session import Place, Session
from helpline.conversation.turn import Context
from helpline.menus.windows import PARIS
from helpline.turns.turn import listen
from tests.conversation.callers import MONDAY, Texter, loaded
from tests.conversation.hearing_corpus import rows


def heard(text: str, language: str = "", now: datetime | None = MONDAY) -> Heard:
    return hear(loaded().ears, text, language, now=now)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("RDV 12/12 14h30", ("appointment", "2026-12-12T14:30")),
        ("j'ai rdv mardi a 14h", ("appointment", "2026-11-24T14:00")),
        ("rdv 12/12", ("appointment", "2026-12-12")),
        ("appointment 12 dec 2pm", ("appointment", "2026-12-12T14:00")),
        ("TITRE 03/2027", ("paper", "2027-03")),
        ("FORMATION 12/12 9h", ("training", "2026-12-12T09:00")),
        ("my training starts 12 december at 9", ("training", "2026-12-12T09:00")),
    ],
)
def test_a_kind_and_its_date_are_heard_to_the_letter(text: str, values: tuple[str, ...]) -> None:
    assert (heard(text).kind, heard(text).values) == ("dated", values)


@pytest.mark.parametrize("row", rows("dated"), ids=lambda row: row.text)
def test_the_list_of_texts_with_dates(row: object) -> None:
    text, kind = row.text, row.cells[-1]  # type: ignore[attr-defined]
    said = heard(text, now=datetime(2026, 11, 20, 12, tzinfo=PARIS))
    assert (said.values[0] if said.kind == "dated" else "") == kind


@pytest.mark.parametrize(
    "text",
    [
        "annuler rdv 12/12",
        "j'ai raté mon rdv du 12/12",
        "je peux pas venir au rdv mardi",
        "rdv du 12/12 fait",
        "quels papiers pour le rdv du 12/12",
        "rdv",
        "formation",
        "12/12 14h30",
        "stop rdv 12/12",
        "formation et titre 12/12",
    ],
)
def test_what_says_more_or_less_than_a_kind_and_its_date_is_none(text: str) -> None:
    assert heard(text).kind != "dated"


@pytest.mark.parametrize("name", ["dev", "unseen", "traps", "stop", "commands", "danger", "secrets"])
def test_texts_without_a_date_mean_the_same_whether_dates_are_listened_for_or_not(name: str) -> None:
    for row in rows(name):
        with_dates = heard(row.text, "fr")
        if with_dates.kind != "dated":
            assert with_dates == heard(row.text, "fr", now=None), row.text


@pytest.mark.parametrize("name", ["stop", "commands", "danger", "unseen"])
def test_hardly_any_text_of_the_lists_is_taken_for_one_with_a_date(name: str) -> None:
    assert [row.text for row in rows(name) if heard(row.text, "fr").kind == "dated"] == []


@pytest.mark.parametrize("place", ["menu", "signin.password", "remind.ask", "training.time", "contact"])
def test_it_is_heard_wherever_the_caller_is(place: str) -> None:
    caller = Texter(Session("fr", Place(place), at=int(MONDAY.timestamp()), form=(("day", "2026-12-01"),)))
    assert "samedi 12 décembre, 14 h 30" in caller("formation 12/12 14h30")
    assert caller.place == "training.sure"


def test_without_a_time_the_time_is_asked_for() -> None:
    caller = Texter()
    caller("formation 12/12")
    assert (caller.place, caller.form) == ("training.time", {"day": "2026-12-12"})


def test_a_date_that_cannot_be_is_asked_for_again() -> None:
    caller = Texter()
    assert "n'existe pas" in caller("formation 32/12 9h")
    assert caller.place == "training.day"
    caller("12/12 9h")
    assert caller.place == "training.sure"


def test_an_ambiguous_one_offers_what_may_be_meant() -> None:
    caller = Texter()
    assert "1 mardi 24 novembre, 15 h" in caller("formation mardi à 3h")
    caller("1")
    assert (caller.place, caller.form) == ("training.sure", {"day": "2026-11-24", "time": "15:00"})


def test_the_language_of_the_words_is_answered_in() -> None:
    caller = Texter(Session("fr", Place("menu"), at=int(MONDAY.timestamp())))
    assert "Training Saturday 12 December, 14:30" in caller("my training starts 12 december at 14:30")


@pytest.mark.parametrize("text", ["APPEL", "appel svp", "CALL"])
def test_who_texts_for_a_call_is_called_back(text: str) -> None:
    caller = Texter()
    caller(text)
    assert (caller.place, caller.last.name) == ("call.me.calling", "call_back")


@pytest.mark.parametrize(
    "text", ["appel 3949", "j'ai raté un appel", "appel ?", "rapel", "un appel de france travail", "missed call"]
)
def test_other_words_with_a_call_in_them_ask_for_none(text: str) -> None:
    caller = Texter()
    caller(text)
    assert "call_back" not in [effect.name for effect in caller.agreed.effects]


@pytest.mark.parametrize(
    ("place", "text", "values"),
    [
        ("meeting", "mardi 14h", ("appointment", "2026-11-24T14:00")),
        ("meeting", "12/12 à 9h svp", ("appointment", "2026-12-12T09:00")),
        ("meeting.others", "12/12 9h", ("appointment", "2026-12-12T09:00")),
        ("trouble.permit", "31/03/2027", ("paper", "2027-03-31")),
        ("trouble.permit", "310327", ("paper", "2027-03-31")),
    ],
)
def test_a_date_alone_is_of_the_one_thing_whose_date_the_last_page_invites(
    place: str, text: str, values: tuple[str, ...]
) -> None:
    here = Session("fr", Place(place), at=int(MONDAY.timestamp()))
    said = listen(loaded().prompts, loaded().ears, here, text, Context("sms", MONDAY))
    assert (said.kind, said.values) == ("dated", values)


@pytest.mark.parametrize("place", ["menu", "signin.password", "remind.more", "meeting.cannot", "meeting.papers"])
def test_a_date_alone_is_of_nothing_where_no_page_invites_it_or_two_may_be_meant(place: str) -> None:
    here = Session("fr", Place(place), at=int(MONDAY.timestamp()))
    assert listen(loaded().prompts, loaded().ears, here, "12/12 14h30", Context("sms", MONDAY)).kind != "dated"


@pytest.mark.parametrize(
    ("words", "date", "place"), [("rdv", "mardi 14h", "appointment.sure"), ("titre", "31/03/2027", "paper.sure")]
)
def test_the_word_first_and_the_date_in_the_next_text_are_one(words: str, date: str, place: str) -> None:
    caller = Texter()
    caller(words)
    caller(date)
    assert caller.place == place
