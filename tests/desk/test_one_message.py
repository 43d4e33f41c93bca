"""A message looked up by its id, and a test message to one's own phone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, insert, select

from helpline import app as app_module
from helpline.app import create_app
from helpline.carrier.callers import fingerprint
from helpline.desk.trial import A_DAY, AN_HOUR
from helpline.desk.trial_choices import as_it_would_go, choices
from helpline.menus import gsm7
from helpline.operators.audit import entries, note
from helpline.operators.keys import keys_of
from helpline.operators.passwords import Passwords
from helpline.records.desk_tables import audit
from helpline.records.tables import messages, objections
from helpline.reminders.held import HELD, hold
from helpline.reminders.report_ids import report_id, report_mark
from helpline.reminders.words import NoWords
from helpline.server.embedded_valkey import EmbeddedValkey
from tests.conftest import THURSDAY, Clock, settings_for
from tests.databases import address
from tests.desk.people import Desk, Person
from tests.desk.test_waves import plain, wave
from tests.reminders.bench import a_number, shipped_prompts
from tests.reminders.people import fingerprint_of, subscribed
from tests.server.running import free_port
from tests.simulator.carrier_process import CarrierProcess, carrier_process
from tests.workers.programs import OF_THE_MACHINE

SID = "SM" + "0123456789abcdef" * 2
PAGE, TEST = "/desk/reminders/message", "/desk/reminders/test"


def a_message(engine: Engine, **columns: object) -> int:
    caller = subscribed(engine, 1)
    row = {
        "caller_id": caller,
        "kind": "update",
        "occurrence": "2026-11",
        "wave": "opening",
        "queue": "bulk",
        "state": "undelivered",
        "reason": "30003",
        "due_at": THURSDAY - timedelta(hours=2),
        "not_after": THURSDAY + timedelta(days=1),
        "claimed_at": THURSDAY - timedelta(hours=1),
        "changed_at": THURSDAY - timedelta(minutes=30),
        "tries": 2,
        "sid": SID,
    }
    with engine.begin() as connection:
        made = connection.execute(insert(messages).values(row | columns).returning(messages.c.id))
        return int(made.scalar_one())


def written(desk: Desk, count: int = 1) -> list[tuple[str, str, str]]:
    with desk.engine.begin() as connection:
        return [(one.what, one.about, one.detail) for one in entries(connection, count)]


def looked_at(person: Person, what: str, status: int = 200) -> str:
    answer = person.browser.send(PAGE, id=what)
    assert answer.status_code == status
    return plain(answer.text)


@pytest.mark.parametrize("by", ["ours", "the carrier's", "that of a try"])
def test_a_message_is_told_in_words_by_each_of_its_ids(desk: Desk, by: str) -> None:
    ours = a_message(desk.engine)
    boris = desk.person("Boris", role="reader")
    if by == "that of a try":
        key = key_of(desk)
        mark = report_mark(key, fingerprint_of(1), "update", "2026-11", "opening")
        what = report_id(ours, 2, mark)
    else:
        what = f" {ours} " if by == "ours" else SID
    told = looked_at(boris, what)
    assert "Actualisation mensuelle, novembre 2026 (à l’ouverture)" in told
    assert "non arrivé : téléphone éteint ou hors réseau (30003)" in told
    assert "Essais 2" in told
    assert "Prévu à partir du 3 déc. 2026, 08:00 Dernier essai 3 déc. 2026, 09:00" in told
    assert SID in told
    assert written(desk) == [("message_looked_up", str(ours), "")]


def key_of(desk: Desk) -> bytes:
    """The key of fingerprints of this helpline."""
    folder = Path(address(desk.engine).removeprefix("sqlite:///")).parent
    return (folder / "fingerprint-key").read_text().strip().encode()


def test_whose_it_is_and_what_it_says_is_not_told(desk: Desk) -> None:
    a_message(desk.engine, kind="appointment", occurrence="2026-12-04T14:30", wave="eve", state="planned", sid=None)
    answer = desk.person().browser.send(PAGE, id="1")
    assert "Rendez-vous (la veille)" in answer.text
    assert "Ne part plus après le" in answer.text
    for secret in (fingerprint_of(1), "sealed", "14:30", "2026-12-04"):
        assert secret not in answer.text


def test_one_that_is_held_says_so(desk: Desk) -> None:
    a_message(desk.engine, state="planned", queue=HELD, reason="", tries=0, claimed_at=None, sid=None)
    with desk.engine.begin() as connection:
        hold(connection, wave(), "Anna", "x", THURSDAY)
    assert "Sa vague est retenue par l’équipe." in looked_at(desk.person(), "1")


@pytest.mark.parametrize(
    "typed",
    ["", "2", "0639980001", "+33639980001", "SM" + "f" * 32, "1.2.000000000000", "9" * 18, "x' OR 1=1 --", "１"],
)
def test_what_is_no_id_of_ours_is_found_nowhere_and_written_nowhere(desk: Desk, typed: str) -> None:
    a_message(desk.engine)
    anna = desk.person()
    before = written(desk, 50)
    answer = anna.browser.send(PAGE, id=typed)
    assert answer.status_code == 404
    assert "Aucun message ne porte ce numéro." in answer.text
    if typed not in ("", "2"):
        assert typed not in answer.text
    assert written(desk, 50) == before


@pytest.fixture(scope="module")
def stub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CarrierProcess]:
    """One that takes texts and makes calls. The helpline that it would ask is not there."""
    folder = tmp_path_factory.mktemp("carrier-of-tests")
    env = OF_THE_MACHINE | {"HELPLINE_ENV": "demo", "VAR_DIR": str(folder / "var"), "PORT": str(free_port())}
    with carrier_process(folder, "--callbacks", env=env) as found:
        found.behave(answering="busy:1")
        yield found


@pytest.fixture
def sending(
    tmp_path: Path,
    sqlite_engine: Engine,
    shared_valkey: EmbeddedValkey,
    stub: CarrierProcess,
    monkeypatch: pytest.MonkeyPatch,
) -> Desk:
    """A desk whose helpline has a carrier."""
    monkeypatch.setattr(app_module, "Passwords", lambda: Passwords(memory_kib=64))
    more = {"REDIS_URL": shared_valkey.url, "DATABASE_URL": address(sqlite_engine), "TWILIO_API_URL": stub.url}
    settings = settings_for(tmp_path, **more)
    clock = Clock()
    return Desk(create_app(settings, now=clock), sqlite_engine, keys_of(settings.fingerprint_key), clock)


def tries(person: Person, number: str, what: str = "update last", language: str = "fr", by: str = "sms") -> str:
    """What is told after it was sent."""
    answer = person.browser.send(TEST, what=what, language=language, by=by, number=number)
    if answer.status_code != 303:
        return plain(answer.text)
    assert number.removeprefix("+33") not in str(answer.location)
    return plain(person.browser.open(str(answer.location)).text)


def test_the_words_are_shown_as_they_would_go_and_then_sent_as_a_test(sending: Desk, stub: CarrierProcess) -> None:
    anna, number = sending.person("Anna"), a_number()
    page = plain(anna.browser.open(f"{TEST}?what=update+last&language=fr").text)
    assert "ESSAI - Relais Droits" in page
    told = tries(anna, f"0{number.removeprefix('+33')}")
    assert "Twilio l’a pris" in told
    (sent,) = [one for one in stub.messages() if one.to == number]
    assert sent.body.startswith("ESSAI - Relais Droits")
    assert " ".join(sent.body.split()) in " ".join(page.split())
    ((what, about, detail),) = written(sending)
    assert (what, detail) == ("test_sent", "update last, fr, sms")
    assert number[-8:] not in about
    with sending.engine.begin() as connection:
        assert connection.scalar(select(func.count()).select_from(messages)) == 0


def test_a_call_is_made_to_who_wants_to_hear_it(sending: Desk, stub: CarrierProcess) -> None:
    number = a_number()
    assert "Twilio l’a pris" in tries(sending.person(), number, by="voice")
    assert [call.to for call in stub.calls() if call.to == number] == [number]


def test_what_the_carrier_refuses_is_told_with_its_reason(sending: Desk, stub: CarrierProcess) -> None:
    number = a_number()
    stub.behave(fail="21614:1")
    told = tries(sending.person(), number)
    stub.behave(fail="")
    assert "Twilio a refusé : ce n’est pas un mobile (21614)." in told


def test_without_a_carrier_nothing_goes_and_that_is_told(desk: Desk) -> None:
    assert "Twilio n’a pas pu être joint : rien n’est parti." in tries(desk.person(), a_number())


@pytest.mark.parametrize(
    ("number", "told"),
    [
        ("", "Ce n’est pas un numéro de téléphone."),
        ("bonjour", "Ce n’est pas un numéro de téléphone."),
        ("+33199001234", "C’est le numéro de la ligne elle-même."),
        ("+4915112345678", "La ligne n’écrit pas à ce pays"),
        ("+33145678901", "C’est une ligne fixe"),
        ("+33639980007", "Ce numéro a dit STOP"),
    ],
)
def test_who_gets_none(sending: Desk, stub: CarrierProcess, number: str, told: str) -> None:
    with sending.engine.begin() as connection:
        key = key_of(sending)
        row = {"fingerprint": fingerprint("+33639980007", key), "since": THURSDAY, "reason": "stop"}
        connection.execute(insert(objections).values(row))
    before = len(stub.messages())
    anna = sending.person()
    assert told in tries(anna, number)
    assert len(stub.messages()) == before
    assert written(sending)[0][0] != "test_sent"


def test_nobody_sends_many_in_an_hour_and_all_together_not_many_in_a_day(sending: Desk, stub: CarrierProcess) -> None:
    anna, number = sending.person("Anna"), a_number()
    for _ in range(AN_HOUR):
        assert "Twilio l’a pris" in tries(anna, number)
    assert f"Vous avez envoyé {AN_HOUR} essais en une heure." in tries(anna, number)
    boris = sending.person("Boris")
    assert "Twilio l’a pris" in tries(boris, number)
    with sending.engine.begin() as connection:
        for _ in range(A_DAY - AN_HOUR - 1):
            note(connection, sending.clock.now - timedelta(hours=20), "Carla", "test_sent")
    assert f"L’équipe a envoyé {A_DAY} essais en un jour." in tries(boris, number)
    assert len([one for one in stub.messages() if one.to == number]) == AN_HOUR + 1
    with sending.engine.begin() as connection:
        assert connection.scalar(select(func.count()).where(audit.c.what == "test_sent")) == A_DAY


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("day", range(1, 29, 3))
def test_everything_that_can_be_tried_has_words_on_any_day(language: str, day: int) -> None:
    now = THURSDAY.replace(day=day)
    prompts = shipped_prompts()
    for choice in choices(prompts):
        made = as_it_would_go(prompts, choice, language, "sms", now)
        assert made.text
        assert gsm7.segments(made.text) <= 2
        assert made.text.startswith(("ESSAI - ", "TEST - ")) == made.is_marked
        if choice.may_be_called:
            assert as_it_would_go(prompts, choice, language, "voice", now).begins
        else:
            with pytest.raises(NoWords):
                as_it_would_go(prompts, choice, language, "voice", now)


def test_a_choice_that_is_none_shows_the_first(desk: Desk) -> None:
    page = desk.person().browser.open(f"{TEST}?what=nonsense&language=xx&by=pigeon&told=nonsense&code=x").text
    assert '<option value="update opening" selected>' in page
