"""0 twice in a call, over HTTP: another phone is called under our number, and what follows is told to our address."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, select

from helpline.app import create_app
from helpline.records.desk_tables import call_requests
from helpline.records.migrate import upgrade
from helpline.server.embedded_valkey import EmbeddedValkey
from helpline.simulator.twiml.reading import Dial, Fault, Gather, Redirect, read_call
from tests.call_requests.wanting import ADVISER, HOURS, OWN
from tests.conftest import NEVER_EDITED, SHIPPED, settings_for
from tests.phone import Phone, Reply, flask_post, new_number

IN_VAIN = ("busy", "no-answer", "failed", "canceled", "")
SATURDAY = datetime(2026, 12, 5, 9, 0, tzinfo=UTC)


class Web:
    """A helpline whose adviser is there on weekdays, from half past nine on."""

    def __init__(self, folder: Path, prompts: Path, valkey: EmbeddedValkey, **settings: str) -> None:
        usual = {"REDIS_URL": valkey.url, "PROMPTS_DIR": str(prompts), "ADVISER_NUMBER": ADVISER}
        given = settings_for(folder, **usual | settings)
        upgrade(given.database_url)
        self.now = datetime(2026, 12, 3, 9, 0, tzinfo=UTC)
        self.app = create_app(given, now=lambda: self.now)
        self.engine = create_engine(given.database_url)

    def phone(self, number: str = "") -> Phone:
        return Phone(flask_post(self.app), number=number or new_number())

    def requests(self) -> list[Any]:
        with self.engine.connect() as connection:
            return list(connection.execute(select(call_requests).order_by(call_requests.c.id)))


@pytest.fixture(scope="module")
def prompts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Those that are shipped, with hours of an adviser."""
    folder = shutil.copytree(SHIPPED, tmp_path_factory.mktemp("hours") / "prompts")
    calendar = folder / "calendar.yaml"
    before = calendar.read_text(encoding="utf-8").partition("\nadviser hours:")[0]
    calendar.write_text(f"{before}\nadviser hours:\n{HOURS}", encoding="utf-8")
    NEVER_EDITED.add(folder)
    return folder


@pytest.fixture
def web(tmp_path: Path, prompts: Path, shared_valkey: EmbeddedValkey) -> Web:
    return Web(tmp_path, prompts, shared_valkey)


def zero_twice(phone: Phone, language: str = "1") -> Reply:
    return phone.press(phone.press(phone.dial(), language), "0")


def dial_in(reply: Reply) -> Dial:
    verbs = read_call(reply.text)
    assert [verb.words for verb in verbs if isinstance(verb, Fault)] == []
    assert isinstance(verbs[-1], Dial), reply.text
    return verbs[-1]


def ended(phone: Phone, reply: Reply, status: str, *more: tuple[str, str]) -> Reply:
    """The other phone's end is told as Twilio tells it."""
    parameters = [("CallSid", phone.call), ("From", phone.number), ("Direction", "inbound"), *more]
    return phone.send(
        dial_in(reply).action, [*parameters, ("DialCallStatus", status), ("DialCallSid", "CA" + "1" * 32)]
    )


def test_the_other_phone_is_called_under_our_own_number(web: Web) -> None:
    phone = web.phone()
    reply = zero_twice(phone)
    dial = dial_in(reply)
    assert (dial.number, dial.caller_id, dial.seconds) == (ADVISER, OWN, 20)
    assert dial.action.startswith("/twilio/voice/dialled/")
    verb = reply.xml.find("Dial")
    assert verb is not None
    assert {name: verb.attrib[name] for name in ("answerOnBridge", "timeLimit", "method")} == {
        "answerOnBridge": "true",
        "timeLimit": "3600",
        "method": "POST",
    }
    assert phone.number not in reply.text
    assert "Restez en ligne" in reply.said
    assert web.requests() == []


def test_a_withheld_number_is_put_through_as_well(web: Web) -> None:
    assert dial_in(zero_twice(web.phone("+266696687"))).caller_id == OWN


@pytest.mark.parametrize("status", ["completed", "answered"])
def test_who_has_spoken_hears_a_goodbye(web: Web, status: str) -> None:
    phone = web.phone()
    goodbye = ended(phone, zero_twice(phone), status)
    assert "Au revoir" in goodbye.said
    assert goodbye.hangs_up
    assert web.requests() == []


def test_where_only_an_answering_machine_picked_up_it_is_noted_and_called_back(web: Web) -> None:
    phone = web.phone()
    noted = ended(phone, zero_twice(phone), "completed", ("DialCallDuration", "9"), ("DialBridged", "false"))
    assert "notre équipe vous rappelle" in noted.said
    assert [row.state for row in web.requests()] == ["waiting"]


def test_who_was_connected_has_spoken(web: Web) -> None:
    phone = web.phone()
    assert "Au revoir" in ended(phone, zero_twice(phone), "completed", ("DialBridged", "true")).said
    assert web.requests() == []


def test_the_adviser_is_connected_by_a_key_only(web: Web) -> None:
    phone = web.phone()
    number = zero_twice(phone).xml.find("Dial/Number")
    assert number is not None
    leg = [("CallSid", "CA" + "2" * 32), ("From", OWN), ("To", ADVISER), ("Direction", "outbound-dial")]
    asked = phone.send(number.attrib["url"], leg)
    assert "Appuyez sur une touche" in asked.said
    gather, silence = read_call(asked.text)
    assert isinstance(gather, Gather)
    assert isinstance(silence, Redirect)
    assert (gather.digits, gather.timeout) == (1, 8)
    assert phone.number not in asked.text
    assert (
        len(phone.send(gather.action, [*leg, ("Digits", "5")]).xml) == 0
    )  # with nothing left to do the two are connected
    assert [verb.tag for verb in phone.send(silence.url, leg).xml] == ["Hangup"]
    assert web.requests() == []


def test_in_one_call_the_adviser_is_rung_once(web: Web) -> None:
    phone = web.phone()
    noted = ended(phone, zero_twice(phone), "no-answer")
    again = phone.press(phone.press(noted, "0"), "0")
    assert again.xml.find("Dial") is None
    assert "notre équipe vous rappelle" in again.said


@pytest.mark.parametrize("status", IN_VAIN)
def test_a_call_in_vain_is_noted_and_called_back(web: Web, status: str) -> None:
    phone = web.phone()
    reply = zero_twice(phone, language="2")
    noted = ended(phone, reply, status)
    assert "our team calls you back" in noted.said
    (request,) = web.requests()
    assert (request.state, request.language, request.channel) == ("waiting", "en", "voice")
    assert ended(phone, reply, status).text == noted.text  # Twilio asks again where it got no answer
    assert len(web.requests()) == 1
    assert "we do not call you" in phone.press(noted, "2").said
    assert [(row.state, row.number) for row in web.requests()] == [("withdrawn", None)]


def test_outside_the_hours_nobody_is_called_and_it_is_noted(web: Web) -> None:
    web.now = SATURDAY
    reply = zero_twice(web.phone())
    assert reply.xml.find("Dial") is None
    assert "du lundi au vendredi, de 9 h 30 à 12 h" in reply.said
    assert [row.state for row in web.requests()] == ["waiting"]


def test_without_an_adviser_it_is_noted(tmp_path: Path, prompts: Path, shared_valkey: EmbeddedValkey) -> None:
    web = Web(tmp_path, prompts, shared_valkey, ADVISER_NUMBER="")
    assert zero_twice(web.phone()).xml.find("Dial") is None
    assert [row.state for row in web.requests()] == ["waiting"]


def test_the_way_to_the_agency_and_to_who_we_are_is_still_there(web: Web) -> None:
    web.now = SATURDAY
    phone = web.phone()
    others = phone.press(zero_twice(phone), "1")
    assert "Appelez France Travail" in others.said
    page = phone.press(phone.press(others, "6"), "6")
    assert "indépendant" in phone.press(page, "3").said


def test_what_is_not_signed_notes_nothing(web: Web) -> None:
    phone = web.phone()
    target = dial_in(zero_twice(phone)).action
    unsigned = flask_post(web.app)(target, b"CallSid=CA1&From=%2B33639980001&DialCallStatus=busy", {})
    assert (unsigned.status, unsigned.text) == (403, "")
    assert web.requests() == []


@pytest.mark.parametrize("where", ["x", "1.fr.menu", "%00", "a" * 1500])
def test_any_session_in_the_address_gets_an_answer_that_a_phone_can_say(web: Web, where: str) -> None:
    phone = web.phone()
    parameters = [("CallSid", phone.call), ("From", phone.number), ("DialCallStatus", "busy")]
    reply = phone.send(f"/twilio/voice/dialled/{where}", parameters)
    assert reply.status in (200, 400, 403, 404)
    assert reply.status != 200 or reply.said


def test_by_text_parler_notes_and_annuler_takes_it_back(web: Web) -> None:
    phone = web.phone()
    assert phone.sms("PARLER").messages[0].startswith("C'est noté")
    assert phone.sms("parler").messages[0].startswith("Votre demande est déjà notée")
    assert [row.channel for row in web.requests()] == ["sms"]
    assert phone.sms("ANNULER").messages[0].startswith("C'est annulé")
    assert [row.state for row in web.requests()] == ["withdrawn"]
    assert phone.sms("CONTACT").messages[0].startswith("Relais Droits, service indépendant")


def test_by_text_talk_is_answered_in_english(web: Web) -> None:
    phone = web.phone()
    assert phone.sms("TALK").messages[0].startswith("Noted: our team calls you")
    assert [row.language for row in web.requests()] == ["en"]
    assert phone.sms("NO CALL").messages[0].startswith("Cancelled")


def test_who_hides_their_number_is_told_when_somebody_answers_only_where_a_phone_rings(
    tmp_path: Path, prompts: Path, shared_valkey: EmbeddedValkey
) -> None:
    for adviser, is_told in ((ADVISER, True), ("", False)):
        folder = tmp_path / f"adviser{adviser}"
        folder.mkdir()
        web = Web(folder, prompts, shared_valkey, ADVISER_NUMBER=adviser)
        web.now = SATURDAY
        said = zero_twice(web.phone("anonymous")).said
        assert "Votre numéro est caché" in said
        assert ("Notre équipe répond du lundi" in said) is is_told


def test_who_has_just_called_is_not_told_to_call(web: Web) -> None:
    web.now = SATURDAY
    said = zero_twice(web.phone("+447700900123")).said
    assert "Nous ne pouvons pas appeler ce numéro." in said
    assert "nous appeler" not in said
    assert "You can call us" not in said
