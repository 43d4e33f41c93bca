"""Ten thousand requests that somebody forged, and none of them gets in."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpline.authentication import TWILIO, authentication_of
from tests.conftest import Line
from tests.phone import FORM, SECOND_TOKEN, SIGNATURE, SIGNATURE_SETTINGS, TOKEN, form, signature
from tests.security.forging import (
    PUBLIC,
    SHA256,
    TARGETS,
    WAYS,
    Change,
    Sent,
    letters,
    places,
    right_ones,
    rightly_signed,
)

FORGED = 10_000
THREE_WAYS = [WAYS[first :: len(WAYS) // 3] for first in range(len(WAYS) // 3)]  # an example costs more than a try


def test_what_twilio_signed_gets_in() -> None:
    """Or the test below would show nothing."""
    for target, tokens, public, newer in product(
        TARGETS, [(TOKEN,), (TOKEN, SECOND_TOKEN)], ["", PUBLIC], [False, True]
    ):
        assert rightly_signed(target, tokens, public, newer).is_let_in()


def test_none_of_ten_thousand_forged_requests_gets_in() -> None:
    tried: Counter[str] = Counter()

    @settings(max_examples=FORGED // len(THREE_WAYS[0]) * 5 // 4)
    @given(right_ones, st.sampled_from(THREE_WAYS), places, letters)
    def forge(right: Sent, ways: Sequence[tuple[Change, str]], place: int, letter: str) -> None:
        for change, name in ways:
            forged = change(right, name, place, letter)
            if forged.meaning != right.meaning:
                tried[name] += 1
                assert not forged.is_let_in(), (name, forged)

    forge()
    assert tried.total() >= FORGED, tried
    assert set(tried) == {name for _, name in WAYS}


@pytest.mark.parametrize("newer", [False, True])
def test_no_route_of_twilios_takes_what_is_not_signed(line: Line, newer: bool) -> None:
    """Each one that there is: a new one is tried by itself."""
    client = line.app.test_client()
    told = {"Content-Type": FORM} | ({SIGNATURE_SETTINGS: SHA256} if newer else {})
    hashed = hashlib.sha256 if newer else hashlib.sha1
    routes = [route for route, whom in authentication_of(line.app).items() if whom == TWILIO]
    assert len(routes) >= 10
    for route in routes:
        path = route.partition(" ")[0].replace("<", "").replace(">", "")
        body = (*TARGETS["/twilio/sms"], *TARGETS["/twilio/voice"], *TARGETS["/twilio/sms/status"])
        right = signature(f"http://localhost{path}", body, hashed=hashed)
        assert client.post(path, data=form(body), headers=told | {SIGNATURE: right}).status_code != 403
        changed = [(name, value + "1") for name, value in body]
        for signed, sent in (
            (right, changed),
            (right, body[1:]),
            (right, [*body, ("From", "+33639980999")]),
            (right, [("From", "+33639980999"), *body]),
            (right.swapcase(), body),
            (right[:-2] + "A=", body) if right[-2] != "A" else (right[:-2] + "B=", body),
            (signature(f"http://localhost{path}", body, "b" * 32, hashed), body),
            (signature(f"http://localhost{path}/", body, hashed=hashed), body),
        ):
            got = client.post(path, data=form(sent), headers=told | {SIGNATURE: signed})
            assert (got.status_code, got.data) == (403, b""), (path, sent)


def test_of_a_value_that_was_signed_twice_neither_can_be_replaced(line: Line) -> None:
    """The signature is over all values of a name, so that none can be added that was not signed."""
    twice = [("MessageSid", "SM1"), ("From", "+33639980001"), ("From", "+33639980002"), ("Body", "menu")]
    signed = {SIGNATURE: signature("http://localhost/twilio/sms", twice), "Content-Type": FORM}
    third = ("From", "+33639980003")
    post = line.app.test_client().post
    assert post("/twilio/sms", data=form(twice), headers=signed).status_code == 200
    for place in range(len(twice) + 1):
        more = [*twice[:place], third, *twice[place:]]
        assert post("/twilio/sms", data=form(more), headers=signed).status_code == 403
    for place in range(len(twice)):
        replaced = [*twice[:place], third, *twice[place + 1 :]]
        assert post("/twilio/sms", data=form(replaced), headers=signed).status_code == 403


@given(st.data())
def test_a_body_that_is_read_is_the_body_that_was_signed(data: st.DataObject) -> None:
    """What follows, escaped oddly or hidden behind odd bytes, is no parameter that was not signed."""
    right = rightly_signed(data.draw(st.sampled_from(list(TARGETS))), (TOKEN,), "", False)
    tail = data.draw(st.sampled_from([b"&Body=x", b"&%42ody=x", b"&Bo\0dy=x", b"&Body", b"&=x", b"&\xff=x", b"&+=+"]))
    assert right.is_let_in()
    assert not right.is_let_in(tail)
