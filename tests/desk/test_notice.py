"""The notice: put up and taken down at the desk, and got first by every caller on both channels."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, func, select

from helpline.app import create_app
from helpline.conversation import session
from helpline.conversation.session import Place, Session
from helpline.menus.shapes import Notice
from helpline.operators.audit import entries
from helpline.records.desk_tables import notices
from helpline.server.embedded_valkey import EmbeddedValkey
from tests.conftest import settings_for
from tests.databases import address
from tests.desk.people import Browser, Desk
from tests.phone import Phone, flask_post
from tests.server.running import wait_until

FRENCH = "Le site France Travail est en panne. Le 3949 répond."
ENGLISH = "The France Travail site is down. 3949 answers."
WRITTEN = {"words_fr": FRENCH, "words_en": ENGLISH, "day": "2026-12-03", "time": "18:00"}
PAGE = "/desk/notice"


def put_up(browser: Browser, **other: str) -> None:
    assert browser.send(PAGE, **{**WRITTEN, **other, "sure": "yes"}).location == PAGE


def take_down(browser: Browser) -> None:
    up = re.search(r'name="notice" value="(\d+)"', browser.open(PAGE).text)
    assert up
    assert browser.send(f"{PAGE}/down", page=PAGE, notice=up[1]).location == PAGE


def acts(desk: Desk) -> list[tuple[str, str, str]]:
    with desk.engine.connect() as connection:
        return [(one.who, one.what, one.detail) for one in entries(connection, 2)]


def test_it_is_got_first_on_both_channels_until_it_is_taken_down(desk: Desk) -> None:
    browser, post = desk.person().browser, flask_post(desk.app)
    put_up(browser)
    texting, calling = Phone(post), Phone(post)
    assert texting.text("bonjour")[0].startswith(f"{FRENCH}\n")
    assert Phone(post).text("password")[0].startswith(f"{ENGLISH}\n")
    call = calling.dial()
    assert call.said.startswith("Le site France Travail est en panne.Le 39 49 répond. The France Travail site is down.")
    assert "en panne" not in calling.press(call, "1").said
    assert texting.dial().said.startswith("Le site France Travail est en panne.")  # in the language that is known
    take_down(browser)
    assert "en panne" not in Phone(post).text("bonjour")[0]
    assert "en panne" not in Phone(post).dial().said


def test_by_text_it_comes_once_a_visit(desk: Desk) -> None:
    put_up(desk.person().browser)
    phone = Phone(flask_post(desk.app))
    assert FRENCH in phone.text("menu")[0]
    assert FRENCH not in phone.text("1")[0]
    desk.clock.pass_by(minutes=35)
    assert FRENCH in phone.text("menu")[0]


def test_it_ends_by_itself(desk: Desk) -> None:
    put_up(desk.person().browser)
    desk.clock.pass_by(hours=8)
    assert FRENCH not in Phone(flask_post(desk.app)).text("menu")[0]
    assert "Aucune annonce" in desk.person("Boris").browser.open(PAGE).text


def test_what_the_calendar_says_comes_after_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    of_calendar = Notice(desk.clock.now + timedelta(days=1), {"fr": "Bureaux fermés lundi.", "en": "Closed on Monday."})
    browser = desk.person().browser
    put_up(browser)
    calendar = desk.app.extensions["prompts"].current().prompts.menus.calendar
    before = calendar.notices
    object.__setattr__(calendar, "notices", (of_calendar,))
    try:
        assert Phone(flask_post(desk.app)).text("menu")[0].startswith(f"{FRENCH}\nBureaux fermés lundi.\n")
        said = Phone(flask_post(desk.app)).dial().said
        page = browser.open(PAGE).text
    finally:
        object.__setattr__(calendar, "notices", before)
    heard = [said.index(words) for words in ("en panne", "Bureaux fermés", "is down", "Closed on Monday")]
    assert heard == sorted(heard)
    assert page.index(FRENCH) < page.index("Bureaux fermés lundi.")


def test_another_process_of_the_web_knows_it_soon(
    desk: Desk, tmp_path: Path, sqlite_engine: Engine, shared_valkey: EmbeddedValkey
) -> None:
    settings = settings_for(tmp_path, REDIS_URL=shared_valkey.url, DATABASE_URL=address(sqlite_engine))
    other = flask_post(create_app(settings, now=desk.clock))
    assert FRENCH not in Phone(other).text("menu")[0]
    browser = desk.person().browser
    put_up(browser)
    wait_until(lambda: FRENCH in Phone(other).text("menu")[0], lambda: "not known there")
    take_down(browser)
    wait_until(lambda: FRENCH not in Phone(other).text("menu")[0], lambda: "still up there")


def test_who_is_first_in_a_new_process_is_told_too(
    desk: Desk,
    tmp_path: Path,
    sqlite_engine: Engine,
    shared_valkey: EmbeddedValkey,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("helpline.notices.board.FIRST_LOOK_SECONDS", 60)
    put_up(desk.person().browser)
    settings = settings_for(tmp_path, REDIS_URL=shared_valkey.url, DATABASE_URL=address(sqlite_engine))
    assert FRENCH in Phone(flask_post(create_app(settings, now=desk.clock))).text("menu")[0]


@contextmanager
def statements_of_this_thread(engine: Engine) -> Iterator[list[str]]:
    """What is asked of any database by this thread."""
    asked: list[str] = []
    this = threading.get_ident()

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        if threading.get_ident() == this:
            asked.append(statement)

    event.listen(type(engine), "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(type(engine), "before_cursor_execute", note)


def test_a_turn_asks_no_database_for_it(desk: Desk) -> None:
    browser, post = desk.person().browser, flask_post(desk.app)
    put_up(browser)
    with statements_of_this_thread(desk.engine) as asked:
        assert FRENCH in Phone(post).text("menu")[0]
        assert "en panne" in Phone(post).dial().said
        assert asked == []
        browser.open(PAGE)
        assert any("FROM notices" in statement for statement in asked)


def test_before_it_is_put_up_it_is_shown_as_callers_will_get_it(desk: Desk) -> None:
    shown = desk.person().browser.send(PAGE, **{**WRITTEN, "words_fr": "Le site est arrêté. Le 3949 répond."})
    assert shown.status_code == 200
    assert "Le site est arreté. Le 3949 répond.\nRelais Droits (pas France Travail)" in shown.text  # as phones show it
    assert "Sans tous leurs accents sur le téléphone : arrêté" in shown.text
    assert "2 segments au lieu de 1 : 0,07 € de plus au premier SMS de chaque visite." in shown.text
    assert "Le site est arrêté. Le 39 49 répond." in shown.text
    assert "4 secondes." in shown.text
    assert "3 déc. 2026, 18:00" in shown.text
    with desk.engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(notices)) == 0


@pytest.mark.parametrize(
    ("field", "written", "told"),
    [
        ("words_fr", "", "Écrivez le texte dans cette langue aussi."),
        ("words_en", "  ", "Écrivez le texte dans cette langue aussi."),
        ("words_fr", "a" * 121, "Trop long : 120 signes au plus"),
        ("words_fr", "Allez sur francetravail.fr", "Pas de lien ni d’adresse"),
        ("words_en", "Down 🙁", "Les téléphones n’affichent pas : 🙁"),
        ("words_fr", "2 Connexion ferme", "Ne commencez pas par un chiffre seul"),
        ("time", "10:00", "Cette heure est passée."),
        ("day", "2026-12-18", "Trop loin : 14 jours au plus."),
        ("day", "", "Indiquez un jour et une heure."),
    ],
)
def test_what_callers_should_not_get_is_refused_and_what_was_written_stays(
    desk: Desk, field: str, written: str, told: str
) -> None:
    browser = desk.person().browser
    for sure in ({}, {"sure": "yes"}):
        refused = browser.send(PAGE, **{**WRITTEN, field: written, **sure})
        assert refused.status_code == 400
        assert told in refused.text
        kept = ENGLISH if field != "words_en" else FRENCH
        assert kept in refused.text
    with desk.engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(notices)) == 0


def test_who_did_it_is_in_the_audit_trail(desk: Desk) -> None:
    browser = desk.person().browser
    put_up(browser)
    take_down(browser)
    assert acts(desk) == [("Anna", "notice_taken_down", ""), ("Anna", "notice_put_up", f"fr: {FRENCH} en: {ENGLISH}")]
    browser.send(f"{PAGE}/down", page=PAGE, notice="1")  # it is down already
    assert acts(desk)[0][1] == "notice_taken_down"
    assert acts(desk)[1][1] == "notice_put_up"


def test_a_reader_sees_it_and_is_offered_no_form(desk: Desk) -> None:
    put_up(desk.person().browser, words_fr="Panne <b>totale</b>.")
    page = desk.person("Boris", "reader").browser.open(PAGE).text
    assert "Panne &lt;b&gt;totale&lt;/b&gt;." in page
    assert "Mise par Anna, le 3 déc. 2026, 10:00." in page
    assert "<textarea" not in page
    assert "/desk/notice/down" not in page


def test_a_new_one_takes_the_place_of_the_one_before(desk: Desk) -> None:
    browser = desk.person().browser
    put_up(browser)
    assert "Elle remplacera l’annonce affichée." in browser.send(PAGE, **WRITTEN).text
    put_up(browser, words_fr="Tout fonctionne à nouveau.")
    first = Phone(flask_post(desk.app)).text("menu")[0]
    assert first.startswith("Tout fonctionne à nouveau.\n")
    assert FRENCH not in first


def test_a_reminder_by_call_is_about_what_it_reminds_of_alone(desk: Desk) -> None:
    put_up(desk.person().browser)
    phone = Phone(flask_post(desk.app))
    where = session.encode(Session("fr", Place("call.last")))
    said = phone.send(f"/twilio/voice/ours/{where}", [("CallSid", phone.call), ("To", phone.number)]).said
    assert "actualisation" in said.lower()
    assert "en panne" not in said


def test_who_calls_back_is_told(desk: Desk) -> None:
    put_up(desk.person().browser)
    phone = Phone(flask_post(desk.app))
    where = session.encode(Session("fr", Place("menu")))  # a call back begins so
    said = phone.send(f"/twilio/voice/ours/{where}", [("CallSid", phone.call), ("To", phone.number)]).said
    assert said.startswith("Le site France Travail est en panne.")
