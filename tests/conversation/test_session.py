"""The text form of a session: in Redis, and in the URL of a call."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.conversation.session import NOWHERE, TRAIL_LENGTH, Place, Session, decode, encode

nodes = st.from_regex(r"[a-z][a-z0-9.]{0,20}", fullmatch=True)
items = st.from_regex(r"[0-9a-zA-Z.]{0,60}", fullmatch=True)
places = st.builds(Place, nodes, st.integers(0, 99), items)
answers = st.from_regex(r"[0-9]{4}-[0-9]{2}(-[0-9]{2})?|[0-9]{2}:[0-9]{2}", fullmatch=True)
forms = st.lists(st.tuples(st.sampled_from(["day", "time", "moment"]), answers), max_size=3).map(tuple)
counts = st.integers(0, 999_999)
sessions = st.builds(
    Session,
    language=st.sampled_from(["", "fr", "en", "uk"]),
    place=st.one_of(st.just(NOWHERE), places),
    choices=st.lists(places, max_size=5).map(tuple),
    trail=st.lists(places, max_size=TRAIL_LENGTH).map(tuple),
    bookmark=st.one_of(st.just(NOWHERE), places),
    misses=counts,
    silences=counts,
    turn=counts,
    at=st.integers(0, 4_102_444_800),  # until the year 2100
    said=st.sampled_from(["", "d", "k", "dk"]),
    form=forms,
)


@given(sessions)
def test_the_text_form_gives_the_session_back(session: Session) -> None:
    assert decode(encode(session)) == session


@given(sessions)
def test_the_text_form_needs_no_escape_in_a_url(session: Session) -> None:
    assert re.fullmatch(r"[A-Za-z0-9._-]+", encode(session))


@given(
    st.one_of(
        st.text(),
        st.text("0123456789-_.Pabzmenufr", max_size=60),
        sessions.map(encode).flatmap(
            lambda text: st.integers(0, len(text)).map(lambda cut: text[:cut] + text[cut + 1 :])
        ),
    )
)
def test_any_text_is_read_as_a_session_that_can_be_written(text: str) -> None:
    session = decode(text)
    assert decode(encode(session)) == session


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "0-fr-menu----0-0-0-0-",
        "2-fr-menu----0-0-0-0-",
        "1-fr-menu",
        "1-fr-Menu----0-0-0-0-",
        "1-fr-menu----x-0-0-0-",
        "1-fr-menu----0-0-0-é-",
        "1-fr-menu----٣-0-0-0-",
        "1-fr-menuP123----0-0-0-0-",
    ],
)
def test_what_this_version_did_not_write_is_a_fresh_session(text: str) -> None:
    assert decode(text) == Session()


def test_a_session_written_by_this_version_or_the_one_before_stays_readable() -> None:
    """Calls and three days of sessions outlive an update of the server: change the version with the form."""
    written = "1-en-signin.stepsP1-menu_updateP2-menu_signin-update.how-1-2-17-t7yqo0-dk"
    session = Session(
        language="en",
        place=Place("signin.steps", 1),
        choices=(Place("menu"), Place("update", 2)),
        trail=(Place("menu"), Place("signin")),
        bookmark=Place("update.how"),
        misses=1,
        silences=2,
        turn=17,
        at=1_766_897_280,
        said="dk",
    )
    assert decode(written) == session
    written = "2-en-signin.stepsP1-menu_remind.endI17-menu_signin-update.how-1-2-17-t7yqo0-dk-day.2026M12M12_time.14C30"
    form = (("day", "2026-12-12"), ("time", "14:30"))
    assert decode(written) == replace(session, choices=(Place("menu"), Place("remind.end", item="17")), form=form)
    assert encode(decode(written)) == written


def test_what_was_said_is_said_once() -> None:
    assert Session().saying("k").saying("d").saying("k").said == "dk"
