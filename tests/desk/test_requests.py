"""Call requests at the desk: who waits, taking one, calling, and what came of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sqlalchemy import Engine, select, text, update
from werkzeug.test import TestResponse

from helpline import app as app_module
from helpline.app import create_app
from helpline.call_requests.bridging import MOST_AN_HOUR
from helpline.call_requests.taking import take
from helpline.call_requests.waiting import remember_restore
from helpline.consent.called_back import withdraw_request
from helpline.desk.language import all_texts, words_in
from helpline.desk.requests import TOLD_IN_LIST, TOLD_OF_ONE, WRONG
from helpline.operators.audit import note
from helpline.operators.keys import keys_of
from helpline.operators.passwords import Passwords
from helpline.records.desk_tables import audit, call_requests
from helpline.records.sealing import Seals
from helpline.server.embedded_valkey import EmbeddedValkey
from tests.call_requests.requests_made import NUMBER, asked, row_of
from tests.carrier.odd_carrier import OddCarrier, odd_carrier
from tests.conftest import Clock, settings_for
from tests.databases import address
from tests.desk.people import Browser, Desk, Person
from tests.phone import Phone, Reply, flask_post

WRITTEN = "06 39 98 00 01"
ADVISER = "+33199001235"
OPERATORS_PHONE = "06 39 98 00 77"
MINUTES = timedelta(minutes=1)
CALL_TAKEN = '{"sid": "CA%s", "status": "queued"}' % ("0" * 32)
BRIDGE = "/twilio/voice/bridge"


@pytest.fixture
def carrier() -> Iterator[OddCarrier]:
    with odd_carrier() as carrier:
        carrier.says(201, CALL_TAKEN)
        yield carrier


@pytest.fixture
def desk(
    tmp_path: Path,
    sqlite_engine: Engine,
    shared_valkey: EmbeddedValkey,
    carrier: OddCarrier,
    monkeypatch: pytest.MonkeyPatch,
) -> Desk:
    """A desk with a carrier that does what a test says."""
    monkeypatch.setattr(app_module, "Passwords", lambda: Passwords(memory_kib=64))
    settings = settings_for(
        tmp_path,
        REDIS_URL=shared_valkey.url,
        DATABASE_URL=address(sqlite_engine),
        TWILIO_API_URL=carrier.url,
        ADVISER_NUMBER=ADVISER,
    )
    clock = Clock()
    app = create_app(settings, now=clock)
    app.extensions["test seals"] = Seals(settings.number_keys)
    return Desk(app, sqlite_engine, keys_of(settings.fingerprint_key), clock)


def somebody_asks(desk: Desk, place: int = 1, minutes: int = 40, **other: object) -> int:
    with desk.engine.begin() as connection:
        at = desk.clock.now - minutes * MINUTES
        return asked(connection, place, at, desk.app.extensions["test seals"], **other)


def taken_by(desk: Desk, person: Person, **other: object) -> str:
    """The path of a request that this person has taken."""
    path = f"/desk/requests/{somebody_asks(desk, **other)}"  # type: ignore[arg-type]
    assert act(person.browser, path, "take").location == path
    return path


def act(browser: Browser, path: str, what: str, **fields: str) -> TestResponse:
    return browser.send(path if what == "call" else f"{path}/{what}", page="/desk/", **fields)


def noted(desk: Desk) -> list[tuple[str, str, str]]:
    wanted = select(audit.c.who, audit.c.what, audit.c.about).where(audit.c.what.startswith("call_request"))
    with desk.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(wanted.order_by(audit.c.id))]


def state_of(desk: Desk, path: str) -> str:
    return str(row_of(desk.engine, int(path.rpartition("/")[2]))["state"])


def waits_shown(page: str) -> list[str]:
    return re.findall(r'<p class="waits">.*?<b>(.*?)</b>', page)


def test_it_says_plainly_that_nobody_waits(desk: Desk) -> None:
    assert "Personne n’attend d’être rappelé." in desk.person().browser.open("/desk/requests").text


def test_who_waits_is_listed_by_age_with_language_way_and_tries_and_no_number(desk: Desk) -> None:
    anna = desk.person(language="en")
    somebody_asks(desk, 1, 5)
    somebody_asks(desk, 2, 130, language="en", channel="sms", tries=1)
    page = anna.browser.open("/desk/requests").text
    assert waits_shown(page) == ["2 hours", "5 minutes"]
    assert '<span lang="en">English</span> · asked by text' in page
    assert "1 call without an answer, 2 hours ago" in page
    assert '<span lang="fr">Français</span> · asked by phone' in page
    assert NUMBER[-6:] not in page.replace(" ", "")
    english = anna.browser.open("/desk/requests?language=en").text
    assert waits_shown(english) == ["2 hours"]


def test_many_are_shown_page_by_page(desk: Desk) -> None:
    for place in range(60):
        somebody_asks(desk, place, 200 - place)
    browser = desk.person().browser
    first = browser.open("/desk/requests").text
    assert len(waits_shown(first)) == 50
    (more,) = re.findall(r'href="(/desk/requests\?after=\d+)"', first)
    second = browser.open(more).text
    assert len(waits_shown(second)) == 10
    assert "Le début de la liste" in second
    assert len(first.encode()) < 100_000
    for odd in ("-1", "x", "9" * 30):
        assert browser.open(f"/desk/requests?after={odd}").status_code == 200


def test_who_takes_one_sees_its_number_and_nobody_else_does(desk: Desk) -> None:
    anna, boris, reader = desk.person("Anna"), desk.person("Boris"), desk.person("Rosa", "reader")
    path = f"/desk/requests/{somebody_asks(desk)}"
    assert WRITTEN not in anna.browser.open(path).text
    assert act(anna.browser, path, "take").location == path
    assert WRITTEN in anna.browser.open(path).text
    for other in (boris, reader):
        page = other.browser.open(path).text
        assert "Anna s’en occupe" in page
        assert WRITTEN not in page
    assert act(boris.browser, path, "take").location == "/desk/requests?told=gone"
    assert act(reader.browser, path, "take").status_code == 403
    assert "quelqu’un d’autre vient de la prendre" in boris.browser.open("/desk/requests?told=gone").text
    assert noted(desk) == [("Anna", "call_request_taken", f"{1:032x}")]
    assert "Vous vous en occupez" in anna.browser.open("/desk/requests").text
    assert "D’autres s’en occupent" in boris.browser.open("/desk/requests").text


def test_an_editor_who_became_a_reader_sees_no_number_any_more(desk: Desk) -> None:
    rosa = desk.person("Rosa", "reader")
    request = somebody_asks(desk)
    with desk.engine.begin() as connection:
        take(connection, request, "Rosa", desk.clock.now)
    page = rosa.browser.open(f"/desk/requests/{request}").text
    assert WRITTEN not in page
    assert '<button class="button"' not in page


def test_one_that_was_forgotten_is_offered_again(desk: Desk) -> None:
    path = taken_by(desk, desk.person("Anna"))
    desk.clock.pass_by(minutes=74)
    boris = desk.person("Boris", language="en")
    assert "I take it over" not in boris.browser.open("/desk/requests").text
    desk.clock.pass_by(minutes=1)
    page = boris.browser.open("/desk/requests").text
    assert "Taken by Anna 1 hour ago, without a result" in page
    assert "I take it over" in page
    assert act(boris.browser, path, "take").location == path
    assert WRITTEN in boris.browser.open(path).text


@pytest.mark.parametrize(
    ("how", "told", "state", "what"),
    [
        ("done", "done", "done", "call_request_done"),
        ("no_answer", "again", "waiting", "call_request_no_answer"),
        ("give_back", "given_back", "waiting", "call_request_given_back"),
    ],
)
def test_what_came_of_it_is_noted_once(desk: Desk, how: str, told: str, state: str, what: str) -> None:
    anna = desk.person("Anna")
    path = taken_by(desk, anna)
    assert act(anna.browser, path, "result", how=how).location == f"/desk/requests?told={told}"
    assert state_of(desk, path) == state
    assert WRITTEN not in anna.browser.open(path).text
    assert act(anna.browser, path, "result", how=how).location == "/desk/requests?told=not_yours"
    assert [entry[1] for entry in noted(desk)] == ["call_request_taken", what]


def test_after_the_third_call_without_an_answer_it_is_among_those_not_reached(desk: Desk) -> None:
    anna = desk.person("Anna")
    path = taken_by(desk, anna, tries=2)
    assert "C’est le troisième appel" in anna.browser.open(path).text
    assert act(anna.browser, path, "result", how="no_answer").location == "/desk/requests?told=not_reached"
    page = anna.browser.open("/desk/requests?told=not_reached").text
    assert "Pas joignables" in page
    assert "par Anna" in page
    assert "finie sans réponse" in anna.browser.open(path).text
    assert row_of(desk.engine, int(path.rpartition("/")[2]))["number"] is None


def test_who_no_longer_wants_a_call_is_called_by_nobody(desk: Desk, carrier: OddCarrier) -> None:
    anna = desk.person("Anna")
    path = taken_by(desk, anna)
    with desk.engine.begin() as connection:
        withdraw_request(connection, f"{1:032x}", desk.clock.now)
    assert "ne veut plus être rappelée" in anna.browser.open(path).text
    assert act(anna.browser, path, "call", phone=OPERATORS_PHONE).location == "/desk/requests?told=not_yours"
    assert carrier.asked == []


def test_a_number_that_no_key_opens_is_told_and_can_be_given_back(desk: Desk) -> None:
    anna = desk.person("Anna")
    path = taken_by(desk, anna)
    with desk.engine.begin() as connection:
        connection.execute(update(call_requests).values(number="gAAAAA"))
    page = anna.browser.open(path).text
    assert "NUMBER_KEYS" in page
    assert 'value="done"' not in page
    assert act(anna.browser, path, "call", phone=OPERATORS_PHONE).status_code == 303
    assert act(anna.browser, path, "result", how="give_back").location == "/desk/requests?told=given_back"


def test_to_call_means_that_the_operators_own_phone_rings_first(desk: Desk, carrier: OddCarrier) -> None:
    anna = desk.person("Anna")
    path = taken_by(desk, anna)
    page = anna.browser.open(path).text
    assert "Votre téléphone sonne d’abord." in page
    assert "01 ·· ·· ·· 35" in page  # whose phone rings where none is written
    assert act(anna.browser, path, "call", phone=OPERATORS_PHONE).location == f"{path}?told=ringing"
    (posted,) = [asked.form for asked in carrier.asked]
    assert (posted["To"], posted["From"]) == ("+33639980077", "+33199001234")
    assert NUMBER not in str(posted)
    assert urlsplit(posted["Url"]).path.startswith(f"{BRIDGE}/begin/fr/{path.rpartition('/')[2]}/")
    assert noted(desk)[-1] == ("Anna", "call_request_called", f"{1:032x}")
    desk.clock.pass_by(minutes=1)
    act(anna.browser, path, "call")
    assert carrier.asked[-1].form["To"] == ADVISER


def test_who_calls_has_it_for_as_long_again(desk: Desk) -> None:
    anna = desk.person("Anna")
    path = taken_by(desk, anna)
    desk.clock.pass_by(minutes=29)
    act(anna.browser, path, "call")
    desk.clock.pass_by(minutes=74)
    boris = desk.person("Boris")
    assert act(boris.browser, path, "take").location == "/desk/requests?told=gone"


@pytest.mark.parametrize("phone", ["3949", "08 99 70 00 00", "+44 7400 123456", "x", "+33199001234", NUMBER])
def test_only_phones_that_we_would_call_ring(desk: Desk, carrier: OddCarrier, phone: str) -> None:
    anna = desk.person("Anna")
    path = taken_by(desk, anna)
    answer = act(anna.browser, path, "call", phone=phone)
    assert answer.status_code == 400
    assert f'value="{phone}"' in answer.text  # nobody has to type it again
    assert 'role="alert"' in answer.text
    assert carrier.asked == []


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        (401, '{"code": 20003, "message": "no"}', "account"),
        (400, '{"code": 21210, "message": "no"}', "no_calls"),
        (400, '{"code": 21211, "message": "no"}', "refused"),
        (429, '{"code": 20429, "message": "no"}', "busy"),
        (503, "{}", "unsure"),
    ],
)
def test_what_the_carrier_refuses_is_told_in_words(
    desk: Desk, carrier: OddCarrier, status: int, body: str, told: str
) -> None:
    carrier.says(status, body)
    anna = desk.person("Anna", language="en")
    path = taken_by(desk, anna)
    answer = act(anna.browser, path, "call")
    assert answer.location == f"{path}?told={told}"
    page = anna.browser.open(answer.location).text
    assert words_in("en")(f"requests.told_{told}") in page
    assert WRITTEN in page  # the request is still theirs


def test_a_carrier_that_does_not_answer_is_told_in_words(desk: Desk, carrier: OddCarrier) -> None:
    carrier.answer = lambda connection: connection.close()
    anna = desk.person("Anna", language="en")
    path = taken_by(desk, anna)
    assert act(anna.browser, path, "call").location == f"{path}?told=unsure"


def test_a_second_press_does_not_ring_twice(desk: Desk, carrier: OddCarrier) -> None:
    anna = desk.person("Anna")
    path = taken_by(desk, anna)
    assert act(anna.browser, path, "call").location == f"{path}?told=ringing"
    desk.clock.pass_by(seconds=29)
    assert act(anna.browser, path, "call").location == f"{path}?told=rings_already"
    assert len(carrier.asked) == 1
    desk.clock.pass_by(seconds=1)
    assert act(anna.browser, path, "call").location == f"{path}?told=ringing"
    assert len(carrier.asked) == 2


def test_a_call_that_was_refused_may_be_tried_again_at_once(desk: Desk, carrier: OddCarrier) -> None:
    carrier.says(400, '{"code": 21211, "message": "no"}')
    anna = desk.person("Anna")
    path = taken_by(desk, anna)
    assert act(anna.browser, path, "call").location == f"{path}?told=refused"
    carrier.says(201, CALL_TAKEN)
    assert act(anna.browser, path, "call", phone=OPERATORS_PHONE).location == f"{path}?told=ringing"


def test_who_takes_what_another_gave_back_may_call_at_once(desk: Desk, carrier: OddCarrier) -> None:
    anna, boris = desk.person("Anna"), desk.person("Boris")
    path = taken_by(desk, anna)
    act(anna.browser, path, "call")
    act(anna.browser, path, "result", how="give_back")
    act(boris.browser, path, "take")
    assert act(boris.browser, path, "call").location == f"{path}?told=ringing"


def test_after_a_restore_it_is_said_of_whom_may_have_been_called_since(desk: Desk) -> None:
    backup = desk.clock.now - 60 * MINUTES
    with desk.engine.begin() as connection:
        remember_restore(connection, backup, desk.clock.now)
    before, after = somebody_asks(desk, 1, 90), somebody_asks(desk, 2, 5)
    anna = desk.person(language="en")
    said = "may have been called already"
    assert anna.browser.open("/desk/requests").text.count(said) == 1
    assert said in anna.browser.open(f"/desk/requests/{before}").text
    assert said not in anna.browser.open(f"/desk/requests/{after}").text


def test_one_operator_calls_so_often_within_an_hour(desk: Desk, carrier: OddCarrier) -> None:
    anna = desk.person("Anna", language="en")
    path = taken_by(desk, anna)
    with desk.engine.begin() as connection:
        for _call in range(MOST_AN_HOUR - 1):
            note(connection, desk.clock.now, "Anna", "call_request_called")
    assert act(anna.browser, path, "call").location == f"{path}?told=ringing"
    assert act(anna.browser, path, "call").location == f"{path}?told=too_many"
    assert f"You have made {MOST_AN_HOUR} calls" in anna.browser.open(f"{path}?told=too_many").text
    assert len(carrier.asked) == 1


def on_the_phone(desk: Desk, carrier: OddCarrier, language: str = "fr") -> tuple[Person, str, Phone, Reply]:
    """Anna has pressed "call", and picks up her own phone."""
    anna = desk.person("Anna", language=language)
    path = taken_by(desk, anna)
    act(anna.browser, path, "call", phone=OPERATORS_PHONE)
    phone = Phone(flask_post(desk.app), number="+33639980077")
    url = urlsplit(carrier.asked[-1].form["Url"])
    return anna, path, phone, phone.follow(url.path, [])


def test_a_key_on_the_operators_phone_calls_who_asked(desk: Desk, carrier: OddCarrier) -> None:
    _, _, phone, asks = on_the_phone(desk, carrier)
    assert asks.said.startswith("Ici Relais Droits. Quelqu’un attend votre appel. Appuyez sur une touche")
    assert NUMBER not in asks.text
    assert NUMBER[3:] not in asks.keys_url
    through = phone.press(asks, "5")
    dial = through.xml.find("Dial")
    assert dial is not None
    assert dial.findtext("Number") == NUMBER
    assert (dial.attrib["callerId"], dial.attrib["answerOnBridge"]) == ("+33199001234", "true")
    ended = phone.follow(dial.attrib["action"], [("DialCallStatus", "no-answer")])
    assert "La personne n’a pas répondu." in ended.said
    assert ended.hangs_up
    assert "L’appel est fini." in phone.follow(dial.attrib["action"], [("DialCallStatus", "completed")]).said


def test_a_machine_at_the_operators_phone_reaches_nobody(desk: Desk, carrier: OddCarrier) -> None:
    _, _, phone, asks = on_the_phone(desk, carrier, "en")
    silence = phone.wait(asks)
    assert "Nobody was called." in silence.said
    assert silence.hangs_up
    assert silence.xml.find("Dial") is None


@pytest.mark.parametrize("how", ["done", "no_answer", "give_back"])
def test_an_old_call_leads_nowhere_once_the_request_is_over_or_anothers(
    desk: Desk, carrier: OddCarrier, how: str
) -> None:
    anna, path, phone, asks = on_the_phone(desk, carrier)
    act(anna.browser, path, "result", how=how)
    if how != "done":
        act(desk.person("Boris").browser, path, "take")
    late = phone.press(asks, "1")
    assert "Personne n’a été appelé." in late.said
    assert late.xml.find("Dial") is None


def test_a_database_that_is_gone_is_told_to_the_operators_ear(desk: Desk, carrier: OddCarrier) -> None:
    _, _, phone, asks = on_the_phone(desk, carrier)
    with desk.engine.begin() as connection:
        connection.execute(text("ALTER TABLE call_requests RENAME TO elsewhere"))
    late = phone.press(asks, "1")
    assert "ne peut pas lire la demande en ce moment" in late.said
    assert late.hangs_up


def test_no_address_can_be_made_up(desk: Desk, carrier: OddCarrier) -> None:
    _, path, phone, asks = on_the_phone(desk, carrier)
    other = somebody_asks(desk, 2)
    with desk.engine.begin() as connection:
        take(connection, other, "Anna", desk.clock.now)
    go = asks.keys_url
    for made_up in (
        go[:-1] + ("0" if go[-1] != "0" else "1"),
        go.replace(f"/{path.rpartition('/')[2]}/", f"/{other}/"),
        go.replace(f"/{path.rpartition('/')[2]}/", "/none/"),
    ):
        assert phone.follow(made_up, [("Digits", "1")]).xml.find("Dial") is None
    unsigned = desk.app.test_client().post(urlsplit(go).path, data={"Digits": "1"})
    assert (unsigned.status_code, unsigned.data) == (403, b"")


def test_today_says_who_waits_and_for_how_long(desk: Desk) -> None:
    anna = desk.person(language="en")
    assert "waited to be called" not in anna.browser.open("/desk/").text
    somebody_asks(desk, 1, 125)
    assert "One person has waited to be called for 2 hours." in anna.browser.open("/desk/").text
    somebody_asks(desk, 2, 5)
    page = anna.browser.open("/desk/").text
    assert "2 people wait to be called, the first of them for 2 hours." in page
    assert "Open “Call requests” and take a request." in page


def test_whatever_can_be_told_has_words() -> None:
    names = {f"requests.told_{name}" for name in (*TOLD_IN_LIST, *TOLD_OF_ONE, *WRONG)}
    states = {f"requests.state_{state}" for state in ("waiting", "taken", "mine", "done", "no_answer", "withdrawn")}
    spoken = {f"bridge.{name}" for name in ("press", "nobody", "calling", "gone", "failed", "talked", "no_answer")}
    assert names | states | spoken <= set(all_texts())
