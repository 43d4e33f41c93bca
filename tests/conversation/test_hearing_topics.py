"""What callers write leads to its topic, short or misspelt, and danger is heard before any topic."""

from __future__ import annotations

import pytest

from helpline.conversation.ears import DANGER
from tests.conversation.hearing_corpus import heard, menus, rows, topics_of


def test_3949_leads_to_a_person() -> None:
    assert heard("3949").values == ("contact",)


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("actu novembre", "update.when"),
        ("rdv 14h30", "meeting"),
        ("inscription marseille", "register"),
        ("radié toulouse", "trouble.delisted"),
        ("register Lyon", "register"),
        ("appointment with Mrs Diallo", "meeting"),
        ("bonjour je suis fatou, actualisation", "update.when"),
    ],
)
def test_a_keyword_is_heard_beside_the_name_of_a_person_a_town_or_a_month(text: str, topic: str) -> None:
    assert heard(text).values == (topic,)


def test_two_keywords_with_and_between_are_both_offered() -> None:
    assert heard("mot de passe et rendez vous").values == ("signin.password", "meeting")


@pytest.mark.parametrize("language", ["fr", "en"])
def test_nine_of_ten_texts_that_nobody_tuned_for_reach_their_topic_or_a_question_that_offers_it(language: str) -> None:
    unseen = [row for row in rows("unseen") if row.cells[0] == language]
    reached = [row for row in unseen if row.expected & set(topics_of(heard(row.text)))]
    assert len(unseen) >= 120
    assert len(reached) >= 0.9 * len(unseen)


def test_topics_are_found_or_offered() -> None:
    found = [topics_of(heard(row.text)) for row in rows("dev")]
    expected = [row.expected for row in rows("dev")]
    offered = sum(bool(set(topics) & right) for topics, right in zip(found, expected, strict=True))
    alone = sum(len(topics) == 1 and topics[0] in right for topics, right in zip(found, expected, strict=True))
    assert offered >= 0.97 * len(found)
    assert alone >= 0.85 * len(found)
    assert max(map(len, found)) <= 4


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("réinscription", "trouble.rereg"),
        ("désinscription", "trouble.unsubscribed"),
        ("inscription", "register"),
        ("mot de passe oublié", "signin.password"),
        ("motdepasse oublié", "signin.password"),
        ("slt g oublié mon mo2pass com fair svp", "signin.password"),
        ("lactu", "update.when"),
        ("identifiant", "ask.identifier"),
        ("code", "ask.code"),
        ("carte", "ask.card"),
        ("pas payé", "allowance.late"),
        ("register again", "trouble.rereg"),
        ("my permit expired", "trouble.permit"),
    ],
)
def test_a_plain_word_leads_to_one_place(text: str, topic: str) -> None:
    assert heard(text).values == (topic,)


def test_a_keyword_as_it_is_written_leads_to_its_own_place() -> None:
    """A few are words that work anywhere as well (langue, accueil), or are read as the keyword of another place."""
    keywords = [
        (node.id, code, keyword)
        for node in menus().nodes.values()
        if node.id not in (DANGER, "secret", "other.language")
        for code, wording in node.wordings.items()
        for keyword in wording.keywords
    ]
    told = [(name, keyword, heard(keyword, code)) for name, code, keyword in keywords]
    astray = [(keyword, said) for name, keyword, said in told if topics_of(said) != (name,)]
    assert len(astray) <= 0.002 * len(keywords), astray


@pytest.mark.parametrize(("text", "topic"), [("me suis trompé", "update.declare"), ("être entendu", "trouble.letter")])
def test_a_keyword_that_holds_a_word_of_thanks_is_a_keyword(text: str, topic: str) -> None:
    assert heard(text, "fr").values == (topic,)


def test_danger_is_heard_and_idioms_are_not_danger() -> None:
    dangerous = [row for row in rows("danger") if row.cells[-1] == "yes"]
    harmless = [row for row in rows("danger") if row.cells[-1] == "no"]
    assert sum(heard(row.text).kind == "danger" for row in dangerous) >= 0.97 * len(dangerous)
    assert [row.text for row in harmless if heard(row.text).kind == "danger"] == []


@pytest.mark.parametrize("name", ["dev", "traps", "stop", "language"])
def test_ordinary_texts_are_no_danger(name: str) -> None:
    assert [row.text for row in rows(name) if heard(row.text).kind == "danger"] == []


def test_danger_comes_first_and_keeps_the_topic() -> None:
    said = heard("je suis radié je veux mourir")
    assert said.kind == "danger"
    assert "trouble.delisted" in said.values
    assert heard("stop il me frappe").kind == "danger"
