"""Texts as the carrier hands them over."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from helpline.settings import load_settings
from helpline.simulator.line.numbers import is_landline, is_withheld, why_no_texts
from helpline.simulator.line.texts import TextLine
from helpline.simulator.line.webhooks import CarrierError, Webhooks
from tests.simulator.servers import Canned, canned_server

MOBILE = "+33639980031"


@pytest.fixture
def canned() -> Canned:
    return Canned({"/twilio/sms": "<Message>Bonjour</Message>"})


@pytest.fixture
def webhooks(tmp_path: Path, canned: Canned) -> Iterator[Webhooks]:
    with canned_server(tmp_path, canned) as server:
        address = f"http://127.0.0.1:{server.port}"
        yield Webhooks(address, address, "token")


def line(webhooks: Webhooks, folder: Path, number: str = MOBILE) -> TextLine:
    return TextLine(webhooks, load_settings({"VAR_DIR": str(folder)}), number)


def test_pictures_are_counted_and_named(webhooks: Webhooks, canned: Canned, tmp_path: Path) -> None:
    assert line(webhooks, tmp_path).send("", media=2) == ["Bonjour"]
    (form,) = canned.forms("/twilio/sms")
    assert (form["NumMedia"], form["Body"]) == ("2", "")
    assert (form["MediaContentType0"], form["MediaContentType1"]) == ("image/jpeg", "image/jpeg")
    assert form["MessageSid"] in form["MediaUrl0"]
    assert form["MediaUrl0"] != form["MediaUrl1"]


def test_a_repeat_has_the_same_id(webhooks: Webhooks, canned: Canned, tmp_path: Path) -> None:
    line(webhooks, tmp_path).send("actu", sid="SM" + "1" * 32)
    line(webhooks, tmp_path).send("actu", sid="SM" + "1" * 32)
    first, second = canned.forms("/twilio/sms")
    assert first == second
    assert first["MessageSid"] == first["SmsSid"] == first["SmsMessageSid"] == "SM" + "1" * 32


def test_a_stop_that_the_carrier_answered_is_marked(webhooks: Webhooks, canned: Canned, tmp_path: Path) -> None:
    line(webhooks, tmp_path).send("STOP", opt_out="STOP")
    line(webhooks, tmp_path).send("STOP")
    marked, plain = canned.forms("/twilio/sms")
    assert marked["OptOutType"] == "STOP"
    assert "OptOutType" not in plain


@pytest.mark.parametrize(
    "number", ["anonymous", "+266696687", "+33199001235", "+33912345678", "+33800123456", "+3222345678"]
)
def test_who_withholds_the_number_and_a_landline_cannot_text(
    webhooks: Webhooks, canned: Canned, tmp_path: Path, number: str
) -> None:
    with pytest.raises(CarrierError, match="sends and gets no texts"):
        line(webhooks, tmp_path, number).send("actu")
    assert canned.asked == []


def test_mobiles_and_phones_abroad_can_text() -> None:
    for number in (MOBILE, "+33712345678", "+447700900123"):
        assert not is_landline(number)
        assert not is_withheld(number)
        assert why_no_texts(number) == ""
