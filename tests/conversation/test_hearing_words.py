"""The words that work anywhere are heard in both languages, and nothing is taken for a STOP that it is not."""

from __future__ import annotations

import pytest

from tests.conversation.hearing_corpus import Row, heard, rows, topics_of

COMMANDS = ("done", "not_me", "erase", "data", "start", "talk", "no_call")


def test_an_english_word_that_french_people_write_too_is_english_only_for_whom_nothing_is_known() -> None:
    assert heard("password").language == "en"
    assert heard("password", "fr").language == ""
    assert heard("mon password").language == "fr"


def test_a_courtesy_in_the_other_language_does_not_switch_the_language() -> None:
    assert heard("merci", "en").language == ""
    assert heard("thank you", "fr").language == ""
    assert heard("thank you").language == "en"


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("word", ["DATA", "ERASE", "START", "UNSTOP", "DONNEES", "EFFACER", "delete"])
def test_a_word_to_send_is_no_change_of_a_known_language(word: str, language: str) -> None:
    assert heard(word, language).kind == "command"
    assert heard(word, language).language == ""


def test_a_word_to_send_tells_the_language_of_whom_nothing_is_known() -> None:
    assert [heard(word).language for word in ("DATA", "ERASE", "DONNEES", "EFFACER")] == ["en", "en", "fr", "fr"]
    assert heard("my data", "fr").language == "en"
    assert heard("mes données", "en").language == "fr"


@pytest.mark.parametrize("language", ["", "fr", "en"])
@pytest.mark.parametrize("row", rows("commands"), ids=lambda row: row.text)
def test_a_word_that_does_something_is_heard_alone_politely_and_in_both_languages(row: Row, language: str) -> None:
    said = heard(row.text, language)
    expected = row.cells[1]
    if expected:
        assert (said.kind, said.values) == ("command", (expected,))
    else:
        assert said.values[:1] not in ((command,) for command in COMMANDS)


@pytest.mark.parametrize("row", rows("stop"), ids=lambda row: row.text)
def test_stop_is_always_obeyed(row: Row) -> None:
    assert heard(row.text).values == ("stop",)


@pytest.mark.parametrize("language", ["", "fr", "en"])
@pytest.mark.parametrize(
    "text", ["стоп", "توقف", "ＳＴＯＰ", "s.t.o.p", "stop\u200f", "stop stop stop", "svp stop", "ARRÊT", "unsubscribe"]
)
def test_stop_works_in_every_language_and_script(text: str, language: str) -> None:
    assert heard(text, language).values == ("stop",)


def test_stop_is_heard_before_the_choices() -> None:
    assert heard("stop", "fr", (("1", "Stop aux arnaques"), ("2", "Menu"))).values == ("stop",)


@pytest.mark.parametrize("row", rows("traps"), ids=lambda row: row.text)
def test_a_trap_is_not_what_it_looks_like(row: Row) -> None:
    said = heard(row.text)
    not_expected = row.cells[1]
    if not_expected == "stop":
        assert said.values != ("stop",)
    elif not_expected.startswith("digit:"):
        assert said.kind != "key"
    elif not_expected == "yes":
        assert said.kind != "yes"
    elif not_expected in COMMANDS:
        assert said.values != (not_expected,)
    else:
        assert topics_of(said)[:1] != (not_expected,)


def test_most_traps_are_understood_as_well() -> None:
    known = [row for row in rows("traps") if row.expected]
    right = [row for row in known if row.expected & {*heard(row.text).values, heard(row.text).kind}]
    assert len(right) >= 0.95 * len(known)


def test_a_misspelt_word_that_works_anywhere_is_still_that_word() -> None:
    assert heard("reume", "en").values == ("resume",)


def test_the_language_of_a_text_is_told_by_its_small_words() -> None:
    told = [heard(row.text).language == row.cells[0] for row in rows("language")]
    assert sum(told) >= 0.97 * len(told)


@pytest.mark.parametrize("text", ["actualisation", "rdv", "stop", "1", "franceconnect", "help", "menu", "ok"])
def test_a_word_of_both_languages_tells_no_language(text: str) -> None:
    assert heard(text).language == ""


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("fr", "fr"),
        ("EN", "en"),
        ("english please", "en"),
        ("en anglais svp", "en"),
        ("francais", "fr"),
        ("parlez vous anglais", "en"),
    ],
)
def test_a_language_can_be_asked_for(text: str, code: str) -> None:
    assert heard(text) == heard(text, "fr")
    assert (heard(text).kind, heard(text).language) == ("language", code)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("oui", "yes"),
        ("ok oui", "yes"),
        ("yes please", "yes"),
        ("non merci", "no"),
        ("nope", "no"),
        ("non pas oui", "unsure"),
        ("oui non", "unsure"),
        ("non pas oui je c pas cmt", "unsure"),
        ("ok merci bonne journée", "thanks"),
        ("👍", "thanks"),
        ("oups erreur", "thanks"),
        ("", "empty"),
        ("😀 😀", "empty"),
        ("\x00\x00", "empty"),
        ("السلام عليكم اريد التسجيل", "other_script"),
        ("Здравствуйте, мне нужна помощь", "other_script"),
        ("ሓገዝ", "other_script"),
        ("zzz qqq www", "unknown"),
        ("t ou ? jarrive ds 5 min", "unknown"),
    ],
)
def test_short_answers_are_heard_as_what_they_are(text: str, kind: str) -> None:
    assert heard(text).kind == kind


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("menu svp", "menu"),
        ("ok menu", "menu"),
        ("acceuil", "home"),
        ("suite", "next"),
        ("MORE", "next"),
        ("retour", "back"),
        ("répétez svp", "repeat"),
        ("bonjour", "help"),
        ("?", "help"),
        ("aidez-moi", "help"),
        ("autre langue", "language"),
        ("reprise", "resume"),
    ],
)
def test_commands_work_alone_and_politely(text: str, command: str) -> None:
    assert heard(text).values == (command,)
