"""People at the desk: looked up, stopped, erased, handed what is kept, on each kind of database."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, insert, text
from werkzeug.test import TestResponse

from helpline import app as app_module
from helpline.app import create_app
from helpline.background import Background
from helpline.callers_command.opening import open_consent
from helpline.consent.consent import Consent
from helpline.consent.withdrawing import blocked_by_carrier
from helpline.desk.look_up_limit import MOST
from helpline.operators.keys import keys_of
from helpline.operators.passwords import Passwords
from helpline.records.desk_tables import audit, call_requests
from helpline.records.tables import callers, consents, invitations, messages, objections
from helpline.server.embedded_valkey import EmbeddedValkey
from helpline.settings import Settings
from helpline.wiring import Parts, wire
from tests.conftest import Clock, settings_for
from tests.consent.people import ASK, LANDLINE, MOBILE, Person, rows
from tests.databases import address
from tests.desk.people import Browser, Desk

AS_WRITTEN, MASKED = "06 39 98 00 01", "06 ·· ·· ·· 01"


@pytest.fixture
def settings(tmp_path: Path, engine: Engine, shared_valkey: EmbeddedValkey) -> Settings:
    return settings_for(tmp_path, REDIS_URL=shared_valkey.url, DATABASE_URL=address(engine))


@pytest.fixture
def desk(settings: Settings, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """On each kind of database: what is done here must hold on both."""
    wired: list[Parts] = []

    def wire_and_know(*words: Any, **more: Any) -> Parts:
        wired.append(wire(*words, **more))
        return wired[-1]

    monkeypatch.setattr(app_module, "wire", wire_and_know)
    monkeypatch.setattr(app_module, "Passwords", lambda: Passwords(memory_kib=64))
    clock = Clock()
    app = create_app(settings, now=clock)
    # A thread would outlive this test, and bring its journal into the database of the next one.
    started = app.before_request_funcs[None]
    started[:] = [begins for begins in started if not isinstance(getattr(begins, "__self__", None), Background)]
    yield Desk(app, engine, keys_of(settings.fingerprint_key), clock)
    for parts in wired:
        parts.engine.dispose()


@pytest.fixture
def consent(settings: Settings) -> Iterator[Consent]:
    with open_consent(settings) as consent:
        yield consent


@pytest.fixture
def somebody(consent: Consent) -> Person:
    person = Person(consent)
    person.signs_up()
    person.gets(wave="opening", state="delivered", sid="SM" + "1" * 32)
    person.gets(wave="middle")
    return person


def look_up(browser: Browser, number: str = AS_WRITTEN) -> TestResponse:
    return browser.send("/desk/people", number=number)


def found(browser: Browser, number: str = AS_WRITTEN) -> str:
    """The address of the page that a number leads to."""
    answer = look_up(browser, number)
    assert answer.status_code == 303, answer.text
    return answer.location


def noted(desk: Desk) -> list[tuple[str, str, str]]:
    """What was done at people, in the audit trail."""
    return [(row.who, row.what, row.about) for row in rows(desk.engine, audit) if row.what.startswith("person_")]


def test_somebody_is_shown_with_what_they_agreed_to_word_for_word(desk: Desk, somebody: Person) -> None:
    browser = desk.person().browser
    page = browser.open(found(browser)).text
    assert f">{MASKED}</h1>" in page
    for told in (
        "Cette personne reçoit des rappels.",
        "tous les rappels, depuis le 3 déc. 2026, 10:00.",
        "<dd>français</dd>",
        "<dd>par SMS</dd>",
        "<dd>gardé, chiffré</dd>",
        "Accord donné (Actualisation mensuelle, tous)",
        "par SMS · français · a répondu « 1 »",
        "Actualisation mensuelle, novembre 2026 (à l’ouverture)",
        ">arrivé</p>",
        "SM" + "1" * 32,
    ):
        assert told in page, told
    assert ASK in page
    assert "Unknown" not in page


def test_the_same_in_english(desk: Desk, somebody: Person) -> None:
    browser = desk.person(language="en").browser
    page = browser.open(found(browser)).text
    for told in ("This person gets reminders.", "all reminders, since 3 Dec 2026, 10:00.", "French", "Agreed"):
        assert told in page, told
    assert f'lang="fr">{ASK}' in page  # the words are those that were shown


@pytest.mark.parametrize("number", ["0639980001", "+33 6 39 98 00 01", "0033639980001", "06.39.98.00.01"])
def test_numbers_are_taken_as_people_write_them(desk: Desk, somebody: Person, number: str) -> None:
    browser = desk.person().browser
    assert "Cette personne reçoit des rappels." in browser.open(found(browser, number)).text


@pytest.mark.parametrize("number", ["", "somebody", "12", "06 39 98 00", "0" * 5000])
def test_what_is_no_number_is_told_how_to_write_it_and_noted_nowhere(desk: Desk, number: str) -> None:
    answer = look_up(desk.person().browser, number)
    assert answer.status_code == 400
    assert "Écrivez-le ainsi : 06 39 98 00 01" in answer.text
    assert noted(desk) == []


def test_a_number_is_in_no_address_and_on_no_page(desk: Desk, somebody: Person) -> None:
    browser = desk.person().browser
    answer = look_up(browser)
    page = browser.open(answer.location).text
    for written in ("639980001", AS_WRITTEN, "39 98 00 01", somebody.fingerprint):
        assert written not in answer.location + answer.text + page
    cookie = browser.client.get_cookie("desk")
    assert cookie
    assert somebody.fingerprint not in cookie.value


def test_each_look_is_noted_also_one_that_finds_nobody(desk: Desk, consent: Consent) -> None:
    browser = desk.person("Boris", "reader").browser
    page = browser.open(found(browser)).text
    assert "Nous ne gardons rien de ce numéro." in page
    assert noted(desk) == [("Boris", "person_looked_up", consent.fingerprint(MOBILE))]


def test_opening_a_page_again_is_noted_again(desk: Desk, somebody: Person) -> None:
    browser = desk.person().browser
    path = found(browser)
    for _ in range(3):
        assert browser.open(path).status_code == 200
    assert noted(desk) == [("Anna", "person_looked_up", somebody.fingerprint)] * 3


def test_a_page_stays_open_for_a_quarter_of_an_hour(desk: Desk, somebody: Person) -> None:
    browser = desk.person().browser
    path = found(browser)
    desk.clock.now += timedelta(minutes=14)
    assert browser.open(path).status_code == 200
    desk.clock.now += timedelta(minutes=1)
    for closed in (path, f"{path}/stop", f"{path}/erase", f"{path}/export"):
        answer = browser.open(closed)
        assert answer.status_code == 404
        assert "Tapez le numéro de nouveau." in answer.text
    assert browser.send(f"{path}/stop", page="/desk/people").status_code == 404
    assert somebody.scope == "all"


def test_a_page_is_no_other_persons_and_ends_with_the_session(desk: Desk, somebody: Person) -> None:
    anna, boris = desk.person(), desk.person("Boris")
    path = found(anna.browser)
    assert boris.browser.open(path).status_code == 404
    anna.browser.send("/desk/sign-out", page="/desk/")
    anna.sign_in(desk.clock.now)
    assert anna.browser.open(path).status_code == 404


def test_nobody_looks_at_more_than_sixty_people_an_hour(desk: Desk, somebody: Person) -> None:
    browser = desk.person().browser
    path = found(browser)
    with desk.engine.begin() as connection:
        row = {"who": "Anna", "what": "person_looked_up", "about": "somebody else"}
        before = [row | {"at": desk.clock.now - timedelta(minutes=place % 50)} for place in range(MOST - 2)]
        connection.execute(insert(audit), before)
    assert browser.open(path).status_code == 200  # noted when it was looked up
    assert look_up(browser).status_code == 303
    for held in (look_up(browser), browser.open(path)):
        assert held.status_code == 429
        assert "Vous avez consulté 60 fiches en une heure" in held.text
        assert "Réessayez dans 11 min." in held.text
        assert held.headers["Retry-After"] == str(11 * 60)
        assert MASKED not in held.text
    assert len(noted(desk)) == MOST
    assert look_up(desk.person("Boris").browser).status_code == 303
    desk.clock.now += timedelta(minutes=11)
    assert look_up(browser).status_code == 303


def test_a_reader_looks_and_does_nothing(desk: Desk, somebody: Person) -> None:
    browser = desk.person("Boris", "reader").browser
    path = found(browser)
    page = browser.open(path).text
    assert "Cette personne reçoit des rappels." in page
    for act in ("stop", "erase", "export"):
        assert f"{path}/{act}" not in page
        assert browser.open(f"{path}/{act}").status_code == 403
        assert browser.send(f"{path}/{act}", page="/desk/people").status_code == 403
    assert somebody.scope == "all"
    assert {what for _, what, _ in noted(desk)} == {"person_looked_up"}


def test_an_editor_stops_somebody_and_the_proof_says_who_did(desk: Desk, somebody: Person) -> None:
    browser = desk.person().browser
    path = found(browser)
    browser.open(path)
    sure = browser.open(f"{path}/stop").text
    assert f"Arrêter les rappels du {MASKED} ?" in sure
    assert "Un SMS le confirme" in sure
    assert somebody.scope == "all"  # a question changes nothing
    answer = browser.send(f"{path}/stop")
    assert answer.location == f"{path}?done=stopped"
    page = browser.open(answer.location).text
    assert "C’est arrêté. Un SMS le confirme à la personne." in page
    assert "Cette personne ne veut plus rien recevoir." in page
    assert somebody.scope == ""
    assert somebody.message_states()[("update", "middle")] == ("skipped", "operator")
    assert somebody.message_states()[("stopped", "")] == ("planned", "")
    ended = rows(desk.engine, consents)[-1]
    assert (ended.event, ended.channel, ended.heard) == ("ended", "operator", "operator")
    assert [one.reason for one in somebody.consent.journal.read(0).withdrawals] == ["operator"]
    who = somebody.fingerprint
    assert noted(desk) == [("Anna", "person_looked_up", who), ("Anna", "person_stopped", who)]
    assert "par l’équipe, pour la personne" in page
    assert "annulé : arrêté par l’équipe" in page


def test_who_takes_no_texts_is_to_be_told_by_the_operator(desk: Desk, consent: Consent) -> None:
    person = Person(consent, LANDLINE).calls()
    assert person.does("look_up_reminders", heard="remind") in ("none", "in_call", "no_text")
    browser = desk.person().browser
    path = found(browser, LANDLINE)
    assert "Ce numéro ne reçoit pas de SMS : dites-le-lui vous-même." in browser.open(f"{path}/stop").text
    answer = browser.send(f"{path}/stop")
    assert answer.location.endswith("?done=nothing_active")
    assert "Le refus est noté" in browser.open(answer.location).text
    assert [(row.fingerprint, row.reason) for row in rows(desk.engine, objections)] == [
        (person.fingerprint, "operator")
    ]


@contextmanager
def nobody_writes(engine: Engine) -> Iterator[None]:
    """The database reads and takes no changes, as where another program holds it."""
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("LOCK TABLE audit, effects, callers IN EXCLUSIVE MODE"))
        yield


def test_a_stop_that_the_database_does_not_take_is_in_the_journal_and_told_so(desk: Desk, somebody: Person) -> None:
    browser = desk.person().browser
    path = found(browser)
    browser.open(f"{path}/stop")
    with nobody_writes(desk.engine):
        answer = browser.send(f"{path}/stop")
        assert answer.status_code == 202
        assert "elle sera appliquée avant tout nouvel envoi" in answer.text
        assert [one.reason for one in somebody.consent.journal.read(0).withdrawals] == ["operator"]
    page = browser.open(path).text  # the journal is applied before anything is shown
    assert "Cette personne ne veut plus rien recevoir." in page
    assert somebody.scope == ""


def test_a_stop_that_nothing_took_is_told_plainly(desk: Desk, settings: Settings, somebody: Person) -> None:
    browser = desk.person().browser
    path = found(browser)
    settings.journal_file.unlink(missing_ok=True)
    settings.journal_file.mkdir(parents=True)
    with nobody_writes(desk.engine):
        answer = browser.send(f"{path}/stop")
    assert answer.status_code == 503
    assert "Ni la base de données ni le disque n’ont pris la demande" in answer.text
    assert somebody.scope == "all"
    assert browser.send(f"{path}/stop").location == f"{path}?done=stopped"  # the database is enough
    assert somebody.scope == ""


def test_erasing_takes_everything_but_the_objection_and_the_proof(desk: Desk, somebody: Person) -> None:
    with desk.engine.begin() as connection:
        paper = {"form": "A-1", "signed_on": "2026-11-02", "language": "fr", "invited_at": somebody.now}
        connection.execute(insert(invitations).values(fingerprint=somebody.fingerprint, **paper))
    browser = desk.person().browser
    path = found(browser)
    assert "par le formulaire A-1 signé le lundi 2 novembre 2026" in browser.open(path).text
    assert "la preuve de ce qui avait été accepté, et le refus" in browser.open(f"{path}/erase").text
    answer = browser.send(f"{path}/erase")
    assert answer.location == f"{path}?done=erased"
    page = browser.open(answer.location).text
    assert "C’est effacé. Ce qui reste ci-dessous ne contient pas le numéro" in page
    assert "Accord donné" in page
    assert "Refus" in page
    assert f"{path}/erase" not in page  # there is nothing more to take away
    for table in (callers, messages, invitations):
        assert rows(desk.engine, table) == []
    assert [row.reason for row in rows(desk.engine, objections)] == ["operator"]
    assert {row.event for row in rows(desk.engine, consents)} == {"asked", "given", "ended"}
    assert noted(desk)[-1] == ("Anna", "person_erased", somebody.fingerprint)


def wants_a_call(desk: Desk, consent: Consent, fingerprint: str) -> None:
    sealed = consent.seals.seal(MOBILE)
    moments = {"asked_at": desk.clock.now, "changed_at": desk.clock.now}
    row = {"fingerprint": fingerprint, "number": sealed.number, "number_key": sealed.key}
    with desk.engine.begin() as connection:
        connection.execute(insert(call_requests).values(**row, **moments, language="fr", channel="sms"))


def test_erasing_who_only_asked_to_be_called_says_that_it_was_erased(desk: Desk, consent: Consent) -> None:
    wants_a_call(desk, consent, consent.fingerprint(MOBILE))
    browser = desk.person().browser
    path = found(browser)
    assert "demande d’appel" in browser.open(f"{path}/erase").text
    assert browser.send(f"{path}/erase").location == f"{path}?done=erased"
    assert rows(desk.engine, call_requests) == []


def test_stopping_who_only_asked_to_be_called_says_that_the_call_is_called_off(desk: Desk, consent: Consent) -> None:
    wants_a_call(desk, consent, consent.fingerprint(MOBILE))
    browser = desk.person().browser
    path = found(browser)
    assert "l’appel demandé est annulé" in browser.open(f"{path}/stop").text
    answer = browser.send(f"{path}/stop")
    assert answer.location == f"{path}?done=call_off"
    assert "L’appel demandé est annulé" in browser.open(answer.location).text
    assert [row.state for row in rows(desk.engine, call_requests)] == ["withdrawn"]


def test_stopping_reminders_and_a_call_says_both(desk: Desk, somebody: Person) -> None:
    wants_a_call(desk, somebody.consent, somebody.fingerprint)
    browser = desk.person().browser
    path = found(browser)
    answer = browser.send(f"{path}/stop")
    assert answer.location == f"{path}?done=stopped_call_off"
    page = browser.open(answer.location).text
    assert "C’est arrêté, et l’appel demandé est annulé. Un SMS le confirme à la personne." in page


def test_erasing_somebody_unknown_notes_the_objection(desk: Desk, consent: Consent) -> None:
    browser = desk.person().browser
    path = found(browser)
    assert browser.send(f"{path}/erase").location == f"{path}?done=nothing_kept"
    assert [row.fingerprint for row in rows(desk.engine, objections)] == [consent.fingerprint(MOBILE)]


def handed_over(browser: Browser, path: str, form: str) -> TestResponse:
    answer = browser.send(f"{path}/export", form=form)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    return answer


@pytest.mark.parametrize(
    ("language", "name", "told"),
    [
        ("fr", "vos-donnees", "Ce que Relais Droits garde de vous"),
        ("en", "your-data", "What Relais Droits keeps of you"),
    ],
)
def test_a_file_to_read_is_in_the_language_of_the_person(
    desk: Desk, consent: Consent, language: str, name: str, told: str
) -> None:
    person = Person(consent, language=language)
    person.signs_up()
    for place in range(30):
        person.gets(wave=f"{place}", state="delivered")
    browser = desk.person(language="fr" if language == "en" else "en").browser
    path = found(browser)
    assert browser.open(f"{path}/export").status_code == 200
    file = handed_over(browser, path, "html")
    assert file.headers["Content-Disposition"] == f"attachment; filename={name}-2026-12-03.html"
    assert file.headers["Content-Type"] == "text/html; charset=utf-8"
    assert file.text.lstrip().startswith("<!doctype html>")
    assert f"<h1>{told}</h1>" in file.text
    assert MOBILE in file.text
    assert person.fingerprint in file.text
    assert ASK in file.text
    assert len(re.findall(r'class="state', file.text)) == 30  # all of them, not only the last
    assert "CNIL" in file.text
    assert noted(desk)[-1] == ("Anna", "person_exported", person.fingerprint)


def test_a_file_for_a_program_is_what_the_command_exports(desk: Desk, somebody: Person) -> None:
    browser = desk.person().browser
    file = handed_over(browser, found(browser), "json")
    assert file.headers["Content-Disposition"] == "attachment; filename=vos-donnees-2026-12-03.json"
    told = json.loads(file.text)
    assert told["number"] == MOBILE
    assert told["fingerprint"] == somebody.fingerprint
    assert {*told["about"]} == {"fr", "en"}
    assert [proof["event"] for proof in told["proofs"]] == ["asked", "given"]
    assert [message["state"] for message in told["messages"]] == ["delivered", "planned"]


def test_who_is_stopped_is_handed_no_number_that_is_not_kept(desk: Desk, somebody: Person) -> None:
    blocked_by_carrier(desk.engine, somebody.fingerprint, somebody.later(hours=1).now)
    browser = desk.person().browser
    path = found(browser)
    page = browser.open(path).text
    assert "depuis le 3 déc. 2026, 11:00, jusqu’à ce que la personne envoie START" in page
    assert "<dd>n’est plus gardé</dd>" in page
    assert "Terminés (1)" in page
    assert "annoncé par Twilio" in page
    assert json.loads(handed_over(browser, path, "json").text)["number"] == ""
    assert "nous ne le gardons plus" in handed_over(browser, path, "html").text


def test_who_only_waits_for_a_call_is_handed_the_number_that_is_kept_for_it(desk: Desk, consent: Consent) -> None:
    sealed = consent.seals.seal(MOBILE)
    asked = {"language": "en", "channel": "voice", "asked_at": desk.clock.now, "changed_at": desk.clock.now}
    with desk.engine.begin() as connection:
        row = {"fingerprint": consent.fingerprint(MOBILE), "number": sealed.number, "number_key": sealed.key}
        connection.execute(insert(call_requests).values(**row, **asked))
    browser = desk.person(language="en").browser
    path = found(browser)
    assert "3 Dec 2026, 10:00: waiting." in browser.open(path).text
    file = handed_over(browser, path, "json")
    assert "your-data" in file.headers["Content-Disposition"]
    assert json.loads(file.text)["number"] == MOBILE
    browser.send(f"{path}/erase")
    assert [row.number for row in rows(desk.engine, call_requests) if row.number] == []


def test_a_number_that_no_key_opens_is_not_handed_over_as_if_there_were_none(
    desk: Desk, engine: Engine, somebody: Person
) -> None:
    with engine.begin() as connection:
        connection.execute(callers.update().values(number="sealed by another key"))
    browser = desk.person().browser
    answer = browser.send(f"{found(browser)}/export", form="json")
    assert answer.status_code == 503
    assert "NUMBER_KEYS" in answer.text


def test_a_page_of_somebody_with_much_is_short_and_says_what_it_leaves_out(desk: Desk, consent: Consent) -> None:
    person = Person(consent)
    person.signs_up()
    for place in range(25):
        person.later(minutes=place).does("subscribe_all" if place % 2 else "subscribe_last")
        person.gets(wave=f"{place}", state="delivered")
    browser = desk.person(language="en").browser
    page = browser.open(found(browser)).text
    assert "5 older messages are in the file." in page
    assert re.search(r"\d+ older steps are in the file\.", page)
    assert page.count("<li>") < 80
    assert len(page) < 60_000
