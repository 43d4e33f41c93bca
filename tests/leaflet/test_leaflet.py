"""What stands on the leaflet: nothing that the prompts and the settings do not say."""

from __future__ import annotations

from dataclasses import replace

import pytest

from helpline import prompts_folder
from helpline.leaflet.leaflet import Leaflet, leaflet
from helpline.menus.forms import Identity
from helpline.menus.prompts import Prompts
from tests.conftest import SHIPPED

OPERATOR = Identity("Relais Droits", "association Le Pont", "01 99 00 12 34", "38123", "01 99 00 12 35")


@pytest.fixture
def prompts() -> Prompts:
    return prompts_folder.load_folder(SHIPPED, ("fr", "en"), OPERATOR).prompts


def without(prompts: Prompts, *names: str) -> Prompts:
    kept = {name: node for name, node in prompts.menus.nodes.items() if name not in names}
    return replace(prompts, menus=replace(prompts.menus, nodes=kept))


def words(of: Leaflet) -> list[str]:
    return [each.written for each in of.words]


def test_it_names_both_numbers_and_who_answers(prompts: Prompts) -> None:
    shown = leaflet(prompts, OPERATOR, "fr")
    assert (shown.service, shown.sms, shown.voice) == ("Relais Droits", "38123", "01 99 00 12 35")


def test_its_topics_are_those_of_the_main_menu_with_the_word_that_leads_there(prompts: Prompts) -> None:
    shown = leaflet(prompts, OPERATOR, "fr").topics
    assert [(each.key, each.label) for each in shown] == [
        ("1", "Actualisation du mois"),
        ("2", "Connexion, mot de passe"),
        ("3", "Inscription"),
        ("4", "Rendez-vous"),
        ("5", "Radié, argent, autre"),
    ]
    main = prompts.menus.nodes["menu"]
    assert tuple(each.place for each in shown) == main.options
    for each in shown:
        node = prompts.menus.nodes[each.place]
        known = [prompts.menus.nodes[name].wordings["fr"].keywords for name in (node.id, *node.options[:1])]
        assert each.keyword.lower() in {word for keywords in known for word in keywords}
    assert [each.keyword for each in shown][:2] == ["ACTUALISATION", "CONNEXION"]


@pytest.mark.parametrize("language", ["fr", "en"])
def test_its_words_are_the_first_of_their_lists(prompts: Prompts, language: str) -> None:
    commands = prompts.menus.languages[language].commands
    remind = prompts.menus.nodes["remind"].wordings[language]
    shown = leaflet(prompts, OPERATOR, language)
    written = {each.place: each.written.lower() for each in shown.words}
    assert written["remind"] == remind.keywords[0]
    assert (written["stop"], written["menu"]) == (commands["stop"][0], commands["menu"][0])
    assert {each.label for each in shown.words} >= {remind.label}


def test_what_is_said_of_us_is_said_as_the_prompts_say_it(prompts: Prompts) -> None:
    assert leaflet(prompts, OPERATOR, "fr").about == (
        "Relais Droits, service indépendant. Nous ne sommes pas France Travail.",
        "Responsable : association Le Pont.",
        "Recevoir nos SMS et nos appels est gratuit. Vos SMS et vos appels : prix normal.",
        "Nous ne demandons jamais de mot de passe, de code ni d'argent.",
    )
    english = leaflet(prompts, OPERATOR, "en").about
    assert english[0] == "Relais Droits, an independent service. We are not France Travail."
    assert "Our texts and calls are free to receive. Your texts and calls: normal price." in english


def test_where_that_page_was_taken_out_the_main_menu_says_who_we_are(prompts: Prompts) -> None:
    assert leaflet(without(prompts, "about.us"), OPERATOR, "fr").about == ("Relais Droits (pas France Travail)",)


def test_a_word_whose_place_is_not_there_is_not_named(prompts: Prompts) -> None:
    assert "RAPPEL" in words(leaflet(prompts, OPERATOR, "fr"))
    assert "RAPPEL" not in words(leaflet(without(prompts, "remind"), OPERATOR, "fr"))


def test_where_there_is_no_number_to_text_none_is_named(prompts: Prompts) -> None:
    assert leaflet(prompts, replace(OPERATOR, sms=""), "fr").sms == ""
