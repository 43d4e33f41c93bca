"""Numbers that are no days are none, whatever somebody writes is borne, and the words beside a day are kept."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpline.conversation.normalise import LONGEST, normalise
from helpline.conversation.when import Asked, answer_of, hear_digits, hear_when, read_answer, when_in
from tests.conversation.when.written import LANGUAGES, at, listed

NOW = at(2026, 11, 22)
ASKED: tuple[Asked, ...] = ("day", "time", "moment")
LISTS = Path(__file__).parents[2] / "hearing"
DATED = LISTS / "dated.tsv"
# What a text must hold to speak of a day.
SPEAKS_OF_A_DAY = re.compile(
    r"\b(hier|aujourdui|demain|ce soir|cette nuit|ce matin|yesterday|today|tonight|tomm?orr?ow|lundi|mardi|jeudi"
    r"|vendredi|monday|tuesday|friday|next month|in march|fin juin|en septembre|1[25] decembe?re?|(le|au|the) [123]\d"
    r"|\d\d? \d\d( \d{2,4})?|\d\d?/\d\d(\d\d)?|\d{6}(\d\d)?)\b",
    re.IGNORECASE,
)


def rows_of(path: Path) -> list[list[str]]:
    return list(csv.reader(path.read_text(encoding="utf-8").splitlines()[1:], delimiter="\t", quoting=csv.QUOTE_NONE))


def test_texts_of_callers_hold_a_day_only_if_they_speak_of_one() -> None:
    texts = [row[0] for path in sorted(LISTS.glob("*.tsv")) for row in rows_of(path) if path != DATED]
    assert len(texts) > 1000
    held = [text for text in texts if when_in(text, NOW, LANGUAGES)[0].problem != "none"]
    assert 20 < len(held) < len(texts) / 10
    assert [text for text in held if not SPEAKS_OF_A_DAY.search(text)] == []


def test_every_text_of_an_appointment_or_a_paper_holds_its_day() -> None:
    texts = [text for text, _, kind in rows_of(DATED) if kind]
    assert len(texts) > 20
    assert [text for text in texts if when_in(text, NOW, LANGUAGES)[0].problem] == []


@pytest.mark.parametrize(
    "text",
    [
        *("1200 euros", "12,50 euros", "12/12 euros", "12.12 €", "0612345678", "06 12 34 56 78", "06-12-34-56-78"),
        *("+33 6 12 12 26 78", "01.02.03.04.05", "75011", "93200 St Denis", "3949", "2 85 05 75 116 005 12"),
        *("185057511600512", "2.61.06.75.311.361.35", "4351 0316 2100 8301", "24h/24", "24/7 7j/7", "35h par semaine"),
        *(
            "j'ai 3 enfants",
            "18-25 ans",
            "1.2.3.4",
            "12/12/12/12",
            "i may be late",
            "mon rdv",
            "merci",
            "sat down",
            "🙂",
        ),
        *(
            "mon mot de passe marche pas",
            "2027",
            "tapez le 8",
            "depuis mardi",
            "inscrit depuis 2012",
            "code 1234",
            "mon code postal 75011",
            "1212 euros",
            "rdv 1430",
            "rappelez-moi au 06",
            "",
            " ",
            "//",
        ),
    ],
)
def test_what_is_no_day_is_none(text: str) -> None:
    assert when_in(text, NOW, LANGUAGES) == (hear_when(text, "day", NOW, LANGUAGES), normalise(text))
    assert hear_when(text, "day", NOW, LANGUAGES).problem == "none"
    assert hear_when(text, "moment", NOW, LANGUAGES).day is None


@pytest.mark.parametrize("text", ["14h", "14:30", "14.30", "1430", "2pm", "midi"])
def test_a_time_is_no_day(text: str) -> None:
    assert hear_when(text, "day", NOW, LANGUAGES).problem == "none"
    assert when_in(f"rdv {text}", NOW, LANGUAGES)[0].problem == "none"


@pytest.mark.parametrize(
    ("text", "answer", "words"),
    [
        ("RDV 12/12 14h30", "2026-12-12T14:30", "rdv"),
        ("rdv12/12 14h30", "2026-12-12T14:30", "rdv"),
        ("j'ai rdv mardi à 14h", "2026-11-24T14:00", "j ai rdv"),
        ("Rdv pôle emploi le 12 à 14h avec Mme Diop", "2026-12-12T14:00", "rdv pole emploi avec mme diop"),
        ("appointment Dec 12 at 2pm please", "2026-12-12T14:00", "appointment please"),
        ("TITRE 03/2027", "2027-03", "titre"),
        ("TITRE 31/03/27", "2027-03-31", "titre"),
        ("ma carte finit fin mars", "2027-03", "ma carte finit"),
        ("rappel rdv demain", "2026-11-23", "rappel rdv"),
        ("rdv 1212 1430", "2026-12-12T14:30", "rdv"),
        ("rdv le 1212 a 14h30", "2026-12-12T14:30", "rdv"),
        ("rdv 1212", "2026-12-12", "rdv"),
        ("TITRE 310327", "2027-03-31", "titre"),
        ("titre 31032027", "2027-03-31", "titre"),
    ],
)
def test_a_text_that_holds_a_day_gives_it_and_the_words_left_over(text: str, answer: str, words: str) -> None:
    when, left = when_in(text, NOW, LANGUAGES)
    assert (answer_of(when, "moment") or answer_of(when, "day"), left, when.problem) == (answer, words, "")


PIECES = listed(
    "12 mars demain le 1er 14h 2pm à next mardi / . - : , en huit 2027 fin midi dans 3 jours 29 02 0 00 99 moins quart "
    "9999 00/00 31/02 un deux mille vingt ce soir the of may h € 1/1/ in a month dimanche et demie ² ١ 半 99999999999"
)


@settings(max_examples=400)
@given(
    st.text(max_size=60)
    | st.text("0123456789 /.-:hàdemn'\u200f\ud800½②", max_size=30)
    | st.lists(st.sampled_from([*PIECES, " ", ""]), max_size=14).map(" ".join)
    | st.lists(st.sampled_from(PIECES), max_size=8).map("".join)
)
def test_whatever_is_written_is_borne_and_what_is_heard_can_be_kept(text: str) -> None:
    when_in(text, NOW, LANGUAGES)
    for asked in ASKED:
        hear_digits(text, asked, NOW)
        when = hear_when(text, asked, NOW, LANGUAGES)
        assert len(when.others) <= 3
        assert answer_of(when, asked) not in when.others
        assert all(read_answer(other).problem == "" for other in when.others)
        assert (when.problem == "ambiguous") <= bool(when.others)
        if answer_of(when, asked):
            assert answer_of(read_answer(answer_of(when, asked)), asked) == answer_of(when, asked)


@pytest.mark.parametrize(
    "piece",
    ["1/", "1.", "1 ", "12/12 ", "le ", "1-1 ", "a 1 ", "ce ", "-", ":", "in ", "deux mille ", "vingt et ", "3h ", "ﷺ"],
)
def test_the_longest_texts_are_borne(piece: str) -> None:
    text = piece * LONGEST
    for asked in ASKED:
        hear_when(text, asked, NOW, LANGUAGES)
        hear_digits(text, asked, NOW)
    assert len(when_in(text, NOW, LANGUAGES)[1]) <= LONGEST
