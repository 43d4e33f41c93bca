"""What hearing leaves undone because it cannot matter does not matter: the answers are those of patient ears."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.conversation.commands import CAREFUL
from helpline.conversation.danger import Danger
from helpline.conversation.ears import Ears
from helpline.conversation.endings import ENDING
from helpline.conversation.hearing import hear
from helpline.conversation.normalise import LONGEST, compatible, uncut, words_of
from helpline.conversation.secrets import secret_in
from helpline.conversation.topics import Holding, Topics
from tests.conversation.hearing_corpus import ears, heard, rows

NOW = datetime(2026, 12, 3, 9, 0, tzinfo=UTC)
LISTS = ("commands", "danger", "dated", "dev", "secrets", "stop", "traps", "unseen")
OTHERS = "bonjour je vous ecris pour mon dossier de chomage et je ne sais plus quoi envoyer a mon conseiller "
A_LOT = OTHERS * 7  # words
STRANGE = st.text(st.one_of(st.characters(), st.sampled_from("é\u0301\u0308각ㅏᆨ\ufdfaﬁ½㍿ㇰﾞ ")), max_size=400)


@cache
def patient() -> Ears:
    """Ears that read each text for danger and for what ends something, and weigh every phrase that it holds."""
    quick = ears()
    stopping = replace(quick.commands.stopping, may_tell=_always)
    commands = replace(quick.commands, stopping=stopping)
    return replace(
        quick,
        topics={code: _weighing_all(topics) for code, topics in quick.topics.items()},
        dangers=tuple(replace(danger, may_tell=_always, tells=_always) for danger in quick.dangers),
        commands=commands,
        endings=replace(quick.endings, commands=commands, may_tell=_always, may_be_careful=_always),
    )


def _always(word: str) -> bool:
    return True


def _weighing_all(topics: Topics) -> Topics:
    def holding(word: str) -> Holding:
        held = topics.holding(word)
        every = [(node, each) for node, _, _, each in held.beside]
        one_by_one = tuple((node, (one[0],), (one,), each) for node, each in every for one in each)
        return replace(held, beside=one_by_one)

    return replace(topics, holding=holding)


@pytest.mark.parametrize("name", LISTS)
def test_quick_ears_hear_what_patient_ones_do(name: str) -> None:
    for row in rows(name):
        for language in ("", "fr", "en"):
            quick = hear(ears(), row.text, language, now=NOW)
            assert quick == hear(patient(), row.text, language, now=NOW), row.text


@pytest.mark.parametrize(
    "text",
    [
        "pa mwa",
        "pa mwa 12/12",
        "effaccer mes donnees",
        "s t o p le 12/12",
        "stop14h30 rdv 12/12",
        "jveu pu de raple sms",
        "c pa moi",
        "mauvé numero",
        "jai fai mon actu",
        "suprime tt mes donee",
        "rapel moi pa",
        "arete le rdv 12/12",
    ],
)
def test_quick_ears_hear_what_patient_ones_do_in_a_hurry(text: str) -> None:
    for language in ("", "fr", "en"):
        assert hear(ears(), text, language, now=NOW) == hear(patient(), text, language, now=NOW)


def test_what_ends_something_is_heard_in_every_hurried_spelling_that_is_known() -> None:
    hurried = {
        f" {phrase} ".replace(f" {' '.join(meant)} ", f" {written} ").strip()
        for phrase, named in ears().commands.phrases.items()
        if named.name in CAREFUL | ENDING
        for topics in ears().topics.values()
        for written, meant in topics.tongue.spelling.items()
    }
    assert len(hurried) > len(ears().commands.phrases) / 10
    for text in hurried:
        words = words_of(text)
        assert ears().command_named(words) == patient().command_named(words), text
        assert ears().endings.may_be_in(words) or ears().command_named(words).name not in ENDING, text


@pytest.mark.parametrize("name", ["dev", "unseen", "traps", "danger"])
def test_a_text_is_weighed_the_same_by_the_weightiest_phrases_and_by_all(name: str) -> None:
    for row in rows(name):
        words = words_of(row.text)
        for code in ("fr", "en"):
            assert ears().weigh(code, words) == patient().weigh(code, words), row.text


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("before", range(0, 130, 13))
def test_danger_is_heard_wherever_it_stands_in_a_very_long_text(language: str, before: int) -> None:
    said = {"fr": "je veux mourir", "en": "i want to die"}[language]
    words = A_LOT.split()
    text = " ".join([*words[:before], said, *words[before:]])
    assert len(words_of(text)) > 100
    assert heard(text, language).kind == "danger"


def test_a_danger_whose_words_all_stand_in_a_very_long_text_but_far_apart_is_none() -> None:
    assert heard(f"je veux {A_LOT} mourir de rire").kind != "danger"


def test_a_stop_that_is_said_again_and_again_is_heard() -> None:
    assert heard("stop " * 300).is_stop
    assert heard("s t o p").is_stop


@pytest.mark.parametrize("before", ["", A_LOT, "can't " * 200, "'" * 900, "\ufdfa " * 200, "é\u0301\u0308 " * 200])
@pytest.mark.parametrize(
    ("said", "kind"), [("mon mot de passe : Soleil2024", "password"), ("1 85 05 78 006 084 91", "social")]
)
def test_a_secret_is_heard_at_the_end_of_a_very_long_text(before: str, said: str, kind: str) -> None:
    text = f"{before} {said}"
    assert len(text) <= LONGEST
    assert secret_in(text, ears().passwords, ears().password_links, ears().knows) == kind


@pytest.mark.parametrize("letters", ["\u1100\u1161\u11a8", "e\u0301", "\u304b\u3099", "\uff76\uff9e", "a\u0315\u0300"])
def test_no_letter_of_several_signs_is_cut_in_two(letters: str) -> None:
    for text in (letters * 500, "x" + letters * 500):
        whole = unicodedata.normalize("NFKC", text)
        assert compatible(text) == (whole[:LONGEST], len(whole) <= LONGEST)


@given(STRANGE)
def test_a_text_has_the_same_usual_form_in_pieces(text: str) -> None:
    text = text.encode("utf-8", "ignore").decode("utf-8")
    whole = unicodedata.normalize("NFKC", text * 5)
    assert compatible(text * 5) == (whole[:LONGEST], len(whole) <= LONGEST)


def test_no_more_of_a_letter_that_becomes_many_is_put_in_its_usual_form_than_is_read() -> None:
    plain, is_all = uncut("\ufdfa" * LONGEST)
    assert len(plain) <= LONGEST
    assert not is_all


def test_the_most_telling_word_of_each_phrase_of_danger_may_tell_of_it() -> None:
    for danger in ears().dangers:
        for first, others in danger.phrases.items():
            for rest in others:
                assert _may_be_in(danger, (first, *rest))


def _may_be_in(danger: Danger, roots: tuple[str, ...]) -> bool:
    return any(
        danger.tells(word) for root in roots for word in danger.tongue.vocabulary if danger.tongue.root(word) == root
    )
