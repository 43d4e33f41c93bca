"""Texts over real HTTP, to a server as it runs for callers."""

import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.conversation import session
from helpline.menus import gsm7
from helpline.sms.store import RESTS_SECONDS
from tests.conftest import Line, Server, redis_of
from tests.phone import Phone, Reply, new_number, new_sid

PASSWORD = "mot de passe Soleil2024!"
SOCIAL = "1 84 12 76 451 089 46"
CARD = "4539 1488 0343 6467"

ODD_BODIES: dict[str, str | bytes] = {
    "nothing": "",
    "blanks": " \t\r\n ",
    "NUL": "a\0b\0",
    "only NUL": "\0",
    "emoji": "😀👩‍👩‍👧🇫🇷",
    "right to left": "\u202e\u200fSTOP me\u202c",
    "zero width": "\u200b\u200d\ufeffmenu",
    "Arabic": "مرحبا",
    "Arabic digit": "١",
    "Tigrinya": "ሰላም",
    "long": "mot de passe " * 123,
    "long word": "a" * 1600,
    "longer than a text can be": "é" * 10_000,
    "XML": "<Response>&amp;]]></Response>",
    "control": "\x01\x1b[31m\x7f",
    "half a pair": b"\xed\xa0\x80",
    "no UTF-8": b"\xff\xfe\xc3",
    "combining": "e" + "\u0301" * 400,
    "lines": "menu\nmenu\n\n1",
    "template": "{service} %s {0} ${x}",
    "digits": "9" * 400,
    "Unicode digits": "²½Ⅷ①",
}


def turns_of(server: Server, phone: Phone) -> int:
    with redis_of(server.valkey) as client:
        (key,) = client.keys("caller:*")
        return session.decode(str(client.get(key)).partition("|")[0]).turn


def test_a_whole_conversation(server: Server) -> None:
    phone = server.phone()
    (menu,) = phone.text("Bonjour")
    assert "France Travail" in menu
    (login,) = phone.text("2")
    assert "1 Se connecter" in login
    (password,) = phone.text("mdp oublié")
    assert "Mot de passe" in password
    (again,) = phone.text("9")
    assert again == password
    (english,) = phone.text("EN")
    assert english != password
    assert phone.text("BACK")
    assert len(phone.text("STOP")) == 1
    assert phone.text("thanks") == []
    assert turns_of(server, phone) == 8


def test_an_answer_is_twiml(server: Server) -> None:
    reply = server.phone().sms("menu")
    assert reply.headers["content-type"] == "text/xml; charset=utf-8"
    assert reply.text.startswith('<?xml version="1.0" encoding="UTF-8"?><Response><Message>')


def test_the_same_message_in_parallel_gets_the_same_bytes_and_moves_once(server: Server) -> None:
    phone = server.phone()
    phone.text("menu")
    for turn, body in enumerate(("1", "mot de passe", "0", "*"), start=2):
        sid = new_sid()
        with ThreadPoolExecutor(12) as threads:
            replies = list(threads.map(lambda _, body=body, sid=sid: phone.sms(body, sid), range(24)))
        assert {(reply.status, reply.text) for reply in replies} == {(200, replies[0].text)}
        assert turns_of(server, phone) == turn


def test_twenty_texts_of_one_caller_at_once_lose_no_move(server: Server) -> None:
    phone = server.phone()
    before = server.counts().get("store_down{channel=sms}", 0)
    phone.text("menu")
    with ThreadPoolExecutor(20) as threads:
        replies = list(threads.map(lambda number: phone.sms(f"inscription {number}"), range(20)))
    assert {reply.status for reply in replies} == {200}
    assert all(reply.messages for reply in replies)
    # On a machine so busy that Valkey seems to hang, a text is answered without its session; that is counted.
    given_up = server.counts().get("store_down{channel=sms}", 0) - before
    assert 21 - given_up <= turns_of(server, phone) <= 21


def test_nothing_that_a_caller_wrote_or_is_is_kept_or_logged(server: Server) -> None:
    phone = server.phone()
    bodies = ["menu", PASSWORD, SOCIAL, CARD, "je m'appelle Ferdinand Unique", "123456789 abcdefgh", "STOP"]
    for body in bodies:
        assert phone.text(body)
    phone.sms(PASSWORD, number="anonymous")
    with server.hanging_valkey():
        assert phone.text(PASSWORD)
    call = phone.dial()
    phone.speak(call, f"{PASSWORD} {SOCIAL}")
    phone.press(call, "1")
    phone.follow("/twilio/voice/status", [("CallStatus", "completed"), ("From", phone.number)])
    assert phone.post("/twilio/sms?secret=Soleil2024", b"Body=Soleil2024", {"X-Twilio-Signature": "x"}).status == 403
    with redis_of(server.valkey) as client:
        keys = client.keys("*")
        values = [client.smembers(key) if client.type(key) == "set" else client.get(key) for key in keys]
        kept = [str(text) for text in (*keys, *values)]
    logged = server.running.output
    assert '"event": "turn"' in logged
    everything = " ".join([*kept, logged])
    digits = re.sub(r"\D", "", phone.number)
    for secret in (
        digits,
        digits[2:],
        "Soleil2024",
        "Ferdinand",
        "451 089",
        "4539 1488",
        "1488 0343",
        "abcdefgh",
        "?secret",
    ):
        assert secret not in everything, secret


def test_with_valkey_killed_texts_are_answered_by_keyword(server: Server) -> None:
    phone, stranger = server.phone(), server.phone()
    for body in ("menu", "2", "2"):
        phone.text(body)
    by_keyword, stop = stranger.text("mot de passe"), server.phone().text("STOP")
    server.kill_valkey()
    replies = timed(lambda: phone.sms("mot de passe"))
    assert {tuple(reply.messages) for reply in replies} == {tuple(by_keyword)}
    assert phone.text("STOP") == stop
    assert "1 Actualisation" in phone.text("2")[0]
    server.start_valkey()
    time.sleep(RESTS_SECONDS)
    assert stranger.text("0"), "its session is back"
    assert turns_of_all(server) >= 4
    assert phone.text("*")[0].startswith("Connexion")


def test_with_valkey_hanging_texts_are_answered_by_keyword_within_half_a_second(server: Server) -> None:
    phone = server.phone()
    for body in ("menu", "2", "2"):
        phone.text(body)
    by_keyword, stop = server.phone().text("mot de passe"), server.phone().text("STOP")
    with server.hanging_valkey():
        replies = timed(lambda: phone.sms("mot de passe"))
        assert {tuple(reply.messages) for reply in replies} == {tuple(by_keyword)}
        assert phone.text("STOP") == stop
        with ThreadPoolExecutor(16) as threads:
            assert {reply.status for reply in threads.map(lambda _: phone.sms("menu"), range(32))} == {200}
    time.sleep(RESTS_SECONDS)
    assert phone.text("*")[0].startswith("Connexion")


def timed(ask: Callable[[], Reply]) -> list[Reply]:
    replies, took = [], []
    for _ in range(7):
        began = time.monotonic()
        replies.append(ask())
        took.append(time.monotonic() - began)
    assert median(took) < 0.5, took
    return replies


def turns_of_all(server: Server) -> int:
    with redis_of(server.valkey) as client:
        kept = [str(client.get(key)).partition("|")[0] for key in client.keys("caller:*")]
    return sum(session.decode(text).turn for text in kept)


@pytest.mark.parametrize("name", ODD_BODIES)
def test_odd_texts_are_answered_in_words(line: Line, name: str) -> None:
    phone = line.phone()
    for _ in range(2):
        (answer, *_) = phone.text(ODD_BODIES[name])
        assert gsm7.is_gsm7(answer)
        assert len(answer) > 20


@pytest.mark.parametrize("name", ODD_BODIES)
def test_odd_texts_are_answered_without_redis_too(line: Line, name: str) -> None:
    line.wire.refuse()
    assert line.phone().text(ODD_BODIES[name])


def test_a_missing_body_is_answered(phone: Phone) -> None:
    assert phone.send("/twilio/sms", [("MessageSid", new_sid()), ("From", phone.number)]).messages


def test_a_picture_without_words_is_answered(phone: Phone) -> None:
    media = [("NumMedia", "1"), ("MediaUrl0", "https://api.twilio.com/x"), ("MediaContentType0", "image/jpeg")]
    assert phone.text("", more=media)


def test_nothing_at_all_is_answered(phone: Phone) -> None:
    assert phone.send("/twilio/sms", []).messages


def test_unknown_parameters_change_nothing(line: Line, phone: Phone) -> None:
    more = [("Novelty", "x"), ("Body2", "STOP"), ("ToCountry", "FR"), ("ApiVersion", "2010-04-01"), ("é", "ß")]
    assert phone.text("menu", more=more) == line.phone().text("menu")


def test_of_a_value_twice_the_first_counts(line: Line, phone: Phone) -> None:
    assert phone.text("menu", more=[("Body", "STOP")]) == line.phone().text("menu")


def test_the_older_name_of_the_id_will_do(line: Line, phone: Phone) -> None:
    parameters = [("SmsSid", new_sid()), ("From", phone.number), ("Body", "menu")]
    assert phone.send("/twilio/sms", parameters).text == phone.send("/twilio/sms", parameters).text
    assert any(":SM" in key for key in line.kept())


anything = st.one_of(st.text(max_size=300), st.binary(max_size=120), st.text("0123456789*# \0é😀", max_size=8))


@given(body=anything, sender=st.one_of(st.just(None), anything), sid=st.one_of(st.just(None), anything))
def test_any_bytes_are_answered(
    shared_line: Line, body: str | bytes, sender: str | bytes | None, sid: str | bytes | None
) -> None:
    phone = shared_line.phone()
    sender = new_number() if sender is None else sender
    sid = new_sid() if sid is None else sid
    reply = phone.send("/twilio/sms", [("MessageSid", sid), ("From", sender), ("Body", body)])
    assert reply.status == 200
    for message in reply.messages:
        assert gsm7.is_gsm7(message)


@given(
    st.lists(
        st.one_of(
            st.sampled_from("0123456789*#"),
            st.sampled_from(
                [
                    "menu",
                    "STOP",
                    "EN",
                    "FR",
                    "suite",
                    "reprise",
                    "retour",
                    "oui",
                    "non",
                    "merci",
                    "mdp",
                    "rdv",
                    "je veux mourir",
                    "?",
                    "identifiant",
                ]
            ),
            st.text(max_size=20),
        ),
        min_size=1,
        max_size=12,
    ),
    st.integers(0, 3),
)
def test_any_conversation_is_answered_in_texts_of_two_segments(
    shared_line: Line, bodies: list[str], hours: int
) -> None:
    phone = shared_line.phone()
    for body in bodies:
        for message in phone.text(body):
            assert gsm7.is_gsm7(message)
            assert gsm7.segments(message) <= 2
        shared_line.clock.pass_by(minutes=17 * hours)


def test_an_id_that_comes_from_another_number_gets_an_answer_of_its_own(line: Line) -> None:
    sid = new_sid()
    first = [("MessageSid", sid), ("From", "+33639980011"), ("Body", "menu")]
    second = [("MessageSid", sid), ("From", "+33639980012"), ("Body", "STOP")]

    line.phone().send("/twilio/sms", first)
    assert "C'est fini" in line.phone().send("/twilio/sms", second).text


def test_after_two_wrong_keys_a_person_is_named(phone: Phone) -> None:
    phone.text("inscription")
    assert "01 99 00 12 34" not in " ".join(phone.text("8"))
    assert "01 99 00 12 34" in " ".join(phone.text("8"))


def test_start_leads_to_the_main_menu_however_often(phone: Phone) -> None:
    phone.text("bonjour")
    for _ in range(3):
        assert "1 Actualisation du mois" in " ".join(phone.text("START"))


def test_who_asks_who_we_are_in_between_comes_back_to_the_same_page(phone: Phone) -> None:
    phone.text("mot de passe")
    second_page = phone.text("6")
    phone.text("info")
    assert phone.text("reprise") == second_page
    phone.text("0")
    phone.text("0")
    assert phone.text("reprise") == second_page


def test_a_digit_long_after_the_question_of_languages_asks_it_again(line: Line, phone: Phone) -> None:
    question = phone.text("langue")
    line.clock.pass_by(minutes=31)
    assert phone.text("2") == question
    assert "1 Monthly update" in " ".join(phone.text("2"))
