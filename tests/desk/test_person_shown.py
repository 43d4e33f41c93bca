"""What is kept of somebody, in words: nothing that the helpline may write down is without any."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from helpline.consent import dated, items, kinds, proof, signing_up
from helpline.consent.consent import KIND
from helpline.consent.kept import Kept, KeptMessage, KeptRequest, Proof
from helpline.consent.withdrawal import REASONS
from helpline.desk.language import LANGUAGES, all_texts, words_in
from helpline.desk.masked import masked
from helpline.desk.person_acts import DONE
from helpline.desk.person_shown import kind_in_words, language_of, person_shown, reason_in_words, wave_in_words
from helpline.records.messages import STATES
from tests.conftest import THURSDAY
from tests.reminders.bench import shipped_prompts

CODE = Path(kinds.__file__).parents[1]
NOTHING = Kept("", "", False, None, None, None, "", None, (), (), ())
CALENDAR = shipped_prompts().menus.calendar


def words_for(names: set[str]) -> set[str]:
    return names - set(all_texts())


def test_each_state_event_and_scope_has_words() -> None:
    needed = {f"person.state_{state}" for state in STATES}
    needed |= {f"person.event_{event}" for event in get_args(proof.Event)}
    needed |= {f"person.{short}scope_{scope}" for scope in get_args(signing_up.Scope) for short in ("", "short_")}
    needed |= {f"people.done_{how}" for how in DONE}
    assert words_for(needed) == set()


def test_each_kind_and_each_reminder_as_shipped_has_words() -> None:
    of_kinds = {*kinds.NOT_DATED, *CALENDAR.kinds}
    waves = {wave.name for wave in CALENDAR.waves} | {
        wave.name for kind in CALENDAR.kinds.values() for wave in kind.waves
    }
    assert words_for({f"person.kind_{kind}" for kind in of_kinds}) == set()
    assert words_for({f"person.wave_{wave}" for wave in waves}) == set()


def written_in_the_code(pattern: str) -> set[str]:
    found = {name for file in CODE.rglob("*.py") for name in re.findall(pattern, file.read_text(encoding="utf-8"))}
    assert found
    return found


def test_each_reason_that_is_written_down_has_words() -> None:
    reasons = {*REASONS, items.ONE_OF_THEM, items.DONE, dated.SIGNED_UP}
    reasons |= written_in_the_code(r'"skipped", (?:context\.)?now, [^\n]*reason="([a-z_ ]+)"')
    verdicts = (CODE / "reminders" / "wanted.py").read_text(encoding="utf-8")
    reasons |= set(re.findall(r'return "([a-z_]+)"', verdicts)) - {"expired"}
    for reason in sorted(reasons):
        for language in LANGUAGES:
            assert reason_in_words(reason, words_in(language)) != reason, reason


def test_each_way_in_which_somebody_is_heard_of_has_words() -> None:
    channels = (
        {"sms", "voice", "operator", "carrier"} | written_in_the_code(r'\bchannel="(restore|nightly)"') | {"paper"}
    )
    assert words_for({f"person.channel_{channel}" for channel in channels}) == set()


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("30003", "phone off or out of reach (30003)"),
        ("30999", "Twilio’s error 30999"),
        ("again 30003", "goes again, the first did not arrive (phone off or out of reach (30003))"),
        ("again no-answer", "goes again, the first did not arrive (nobody picked up)"),
        ("not found", "not found at Twilio"),
        ("something new", "something new"),
    ],
)
def test_why_a_message_did_not_arrive(reason: str, told: str) -> None:
    assert reason_in_words(reason, words_in("en")) == told


def test_a_kind_that_was_added_goes_by_its_name() -> None:
    assert kind_in_words("start_of_training", words_in("fr")) == "Start of training"
    assert wave_in_words("week_before", words_in("fr")) == "Week before"


def message(kind: str, occurrence: str, wave: str = "", channel: str = "sms") -> KeptMessage:
    return KeptMessage(kind, occurrence, wave, "planned", "", THURSDAY, THURSDAY, "", channel)


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        (message(KIND, "2026-11", "last"), "Actualisation mensuelle, novembre 2026 (avant la fin)"),
        (
            message("appointment", "2026-12-11T14:30", "eve"),
            "Rendez-vous, vendredi 11 décembre 2026 à 14:30 (la veille)",
        ),
        (
            message("paper", "2027-03-31", "last", "voice"),
            "Papier qui expire, mercredi 31 mars 2027 (avant la fin), par appel",
        ),
        (message("page", "SM0123"), "Page demandée par SMS"),
        (message("stopped", "b1946ac92492d234"), "Confirmation de l’arrêt"),
    ],
)
def test_what_a_message_was_about(sent: KeptMessage, told: str) -> None:
    kept = Kept(**{name: getattr(NOTHING, name) for name in NOTHING.__slots__} | {"messages": (sent,)})
    assert person_shown(kept, words_in("fr")).messages[0].what == told


def step(**differs: str) -> Proof:
    values = {"kind": KIND, "event": "ended", "scope": "", "channel": "sms", "language": "fr", "heard": "", "sid": ""}
    return Proof(at=THURSDAY, **values | differs, text="", text_sha256="")


@pytest.mark.parametrize(
    ("proved", "how"),
    [
        (step(heard="STOP"), "par SMS · français · a répondu « STOP »"),
        (step(event="asked", heard="rappel"), "par SMS · français · après « rappel »"),
        (step(channel="voice", heard="3"), "au téléphone · français · a répondu « 3 »"),
        (step(channel="operator", heard="operator"), "par l’équipe, pour la personne · français"),
        (
            step(channel="nightly", heard="idle"),
            "par le nettoyage de la nuit · français · sans nouvelles depuis 12 mois",
        ),
        (step(channel="carrier", heard="30005", language=""), "annoncé par Twilio · ce numéro n’existe pas (30005)"),
        (
            step(channel="paper", event="asked", heard="signed 2026-11-02", language="en"),
            "sur papier · anglais · signé le lundi 2 novembre 2026",
        ),
    ],
)
def test_how_a_step_of_the_proof_came(proved: Proof, how: str) -> None:
    kept = Kept(**{name: getattr(NOTHING, name) for name in NOTHING.__slots__} | {"proofs": (proved,)})
    assert person_shown(kept, words_in("fr")).steps[0].how == how
    assert language_of(kept) == proved.language


def test_a_call_that_somebody_asked_for_is_told_in_each_of_its_states() -> None:
    for state in ("waiting", "taken", "done", "no_answer", "withdrawn"):
        asked = KeptRequest(THURSDAY, THURSDAY, state, "en", "sms", 2, state in ("waiting", "taken"))
        kept = Kept(**{name: getattr(NOTHING, name) for name in NOTHING.__slots__} | {"call_requests": (asked,)})
        shown = person_shown(kept, words_in("en"))
        assert shown.is_known
        assert shown.has_what_goes
        assert language_of(kept) == "en"
        (line,) = shown.facts
        assert line.name == "Wants a call"
        assert line.value.startswith("3 Dec 2026, 10:00: ")
        assert "Calls without an answer: 2." in line.value
        assert ("number is kept" in line.value) == asked.number_sealed


def test_nobody_is_shown_as_nobody() -> None:
    shown = person_shown(NOTHING, words_in("fr"))
    assert (shown.is_known, shown.is_reminded, shown.facts, shown.steps, shown.messages) == (False, False, (), (), ())
    assert language_of(NOTHING) == ""


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("+33639980001", "06 ·· ·· ·· 01"),
        ("+33199001234", "01 ·· ·· ·· 34"),
        ("+262692123456", "06·· ·· ·· 56"),
        ("+447700900123", "+44 ···· ····23"),
        ("12345", "·····"),
    ],
)
def test_a_number_is_masked(number: str, shown: str) -> None:
    assert masked(number) == shown
