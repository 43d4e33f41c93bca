"""Every page of every node, as Twilio gets it in a call."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from helpline.app import create_app
from helpline.conversation.session import Place, Session, encode
from helpline.identity import identity_of
from helpline.menus.prompts import Prompts
from helpline.prompts_folder import load_folder
from tests.conftest import Clock, Line, settings_for
from tests.phone import Phone, flask_post
from tests.voice.twiml_rules import faults_of

# The update is open, on its last day, closed; with the longest dates.
DAYS = [
    datetime(2026, 9, 29, 9, tzinfo=UTC),
    datetime(2026, 12, 15, 9, tzinfo=UTC),
    datetime(2027, 9, 16, 9, tzinfo=UTC),
]
# Their words stand before choices, never alone.
WITHIN_OTHERS = ("confirm", "late", "which")
# What was answered, for the pages that name it.
TOLD = (("day", "2028-09-27"), ("time", "22:58"))
LONGEST = {
    "SERVICE_NAME": "M" * 13,
    "OPERATOR_NAME": "Centre communal d'action sociale d'Agen",
    "OPERATOR_PHONE": "+33 1 99 00 12 34",
}


@pytest.fixture(scope="module")
def prompts(tmp_path_factory: pytest.TempPathFactory) -> Prompts:
    settings = settings_for(tmp_path_factory.mktemp("prompts"))
    return load_folder(settings.prompts_dir, settings.languages, identity_of(settings)).prompts


def places(prompts: Prompts) -> Iterator[tuple[str, Place]]:
    for (node, language), form in prompts.forms.items():
        if prompts.menus.nodes[node].kind not in ("choose", "effect") and node not in WITHIN_OTHERS:
            for page in range(len(form.voice)):
                yield language, Place(node, page)


def every_answer(prompts: Prompts, phone: Phone) -> Iterator[tuple[str, str]]:
    """What is heard on each page: itself, after silence, after a wrong key, and after each way to go on."""
    for language, place in places(prompts):
        here = encode(Session(language=language, place=place, trail=(Place("menu"),), form=TOLD))
        for ask in ("9", "7", "", "*"):
            way = "turn" if ask else "silence"
            reply = phone.follow(f"/twilio/voice/{way}/{here}", [("Digits", ask)] if ask else [])
            assert reply.status == 200, (language, place, ask)
            yield f"{language} {place} {ask or 'silence'}", reply.text


@pytest.mark.parametrize("day", DAYS, ids=["open", "last day", "closed"])
def test_is_twiml_that_twilio_takes(line: Line, prompts: Prompts, day: datetime) -> None:
    line.clock.now = day
    phone = line.phone()
    faults = {where: found for where, text in every_answer(prompts, phone) if (found := faults_of(text))}
    assert faults == {}


def test_is_twiml_also_with_speech_the_longest_names_and_a_public_url(tmp_path: Path, prompts: Prompts) -> None:
    more = {"VOICE_SPEECH": "1", "PUBLIC_URL": "https://example.org/a&b", **LONGEST}
    app = create_app(settings_for(tmp_path, **more), now=Clock())
    phone = Phone(flask_post(app), base="https://example.org/a&b")
    faults = {where: found for where, text in every_answer(prompts, phone) if (found := faults_of(text))}
    assert faults == {}
