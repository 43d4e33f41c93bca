"""Reminders, as an operator reads them and holds them back."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from threading import Event

import pytest
from sqlalchemy import Engine, func, insert, select, update
from sqlalchemy.exc import OperationalError

from helpline.desk import counted, wave_counts
from helpline.desk.bars import WIDTH, bar
from helpline.desk.language import words_in
from helpline.desk.wave_counts import counting, counts
from helpline.desk.waves_shown import whys
from helpline.menus.waves import Wave, wave_of
from helpline.operators.audit import entries
from helpline.records.desk_tables import held_waves
from helpline.records.engine import reading
from helpline.records.tables import callers, carrier_blocks, messages
from helpline.reminders.expected import expected
from helpline.reminders.figures import figures_of
from helpline.reminders.held import HELD, held, set_apart
from helpline.reminders.pause import paused
from helpline.reminders.preview import preview
from helpline.settings import Settings
from tests.conftest import THURSDAY
from tests.desk.people import Desk, Person
from tests.reminders.bench import shipped_prompts
from tests.reminders.people import messages_of, subscribed
from tests.reminders.plans import plan_of, statements_of

LARGEST = 100_000
BEGUN, COMING = "update 2026-11 opening", "update 2026-11 middle"


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page waits for the figures, however busy the machine is."""
    monkeypatch.setattr(counted, "PATIENCE_SECONDS", 60)


def wave(name: str = "opening") -> Wave:
    found = wave_of(shipped_prompts().menus.calendar, "2026-11", name)
    assert found
    return found


def spread_out(engine: Engine, **states: int) -> None:
    messages_of(engine, wave(), **states)


def with_reason(engine: Engine, state: str, reason: str, count: int) -> None:
    with engine.begin() as connection:
        ids = select(messages.c.id).where(messages.c.state == state, messages.c.reason == "").limit(count)
        changed = update(messages).where(messages.c.id.in_(ids)).values(reason=reason)
        connection.execute(changed)


def plain(page: str) -> str:
    """The words of a page, without its marks."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page.partition("<main")[2])).split())


def queues(engine: Engine) -> dict[str, int]:
    with engine.begin() as connection:
        grouped = select(messages.c.queue, func.count()).where(messages.c.state == "planned")
        return dict(map(tuple, connection.execute(grouped.group_by(messages.c.queue))))


def written(desk: Desk) -> list[tuple[str, str, str]]:
    with desk.engine.begin() as connection:
        return [(one.what, one.about, one.detail) for one in entries(connection, 3)]


def does(person: Person, path: str, **fields: str) -> str:
    """What is told after a form was sent."""
    answer = person.browser.send(f"/desk/reminders/{path}", page="/desk/reminders", **fields)
    assert answer.status_code == 303, answer.text
    return plain(person.browser.open(str(answer.location)).text)


def test_a_wave_is_told_by_state_and_reason_in_words(desk: Desk) -> None:
    spread_out(desk.engine, delivered=6, accepted=2, planned=4, undelivered=3, skipped=2, expired=1)
    with_reason(desk.engine, "undelivered", "30003", 2)
    with_reason(desk.engine, "skipped", "done", 2)
    with_reason(desk.engine, "planned", "again 30008", 1)
    page = desk.person(role="reader").browser.open("/desk/reminders").text
    told = plain(page)
    assert "novembre 2026, à l’ouverture" in told
    assert "12 sur 18 terminés" in told
    for count, name in ((6, "arrivés"), (2, "chez Twilio"), (3, "à envoyer"), (3, "non arrivés"), (1, "trop tard")):
        assert f"{count} {name}" in told
    assert "1 non arrivés, nouvel essai prévu" in told
    assert "2 téléphone éteint ou hors réseau (30003)" in told
    assert "1 non arrivé, sans raison donnée" in told
    assert "2 c’est fait" in told
    assert "1 le délai est passé" in told
    assert "1 le réseau n’a pas dit pourquoi (30008)" in told
    assert page.count("<rect") == 7
    assert "style=" not in page
    assert len(page.encode()) < LARGEST


def test_the_next_waves_are_told_with_people_languages_and_cost(desk: Desk) -> None:
    for number in range(5):
        subscribed(desk.engine, number, since=THURSDAY - timedelta(days=30))
    subscribed(desk.engine, 5, since=THURSDAY - timedelta(days=30), language="en")
    subscribed(desk.engine, 6, since=THURSDAY - timedelta(days=30), scope="last")
    subscribed(desk.engine, 7, since=THURSDAY - timedelta(days=30), channel="voice")
    subscribed(desk.engine, 8, since=THURSDAY - timedelta(days=30), done="2026-11")
    told = plain(desk.person(language="en").browser.open("/desk/reminders").text)
    ahead = told.partition("The next waves")[2].partition("Past waves")[0]
    middle = ahead.partition("November 2026, in the middle")[2].partition("Update of November 2026, before the end")[0]
    assert middle.startswith(" Tuesday, 8 December 2026 7 people ·")
    with reading(desk.engine).connect() as connection:
        looked_at = preview(connection, shipped_prompts(), wave("middle"), Settings().sms_price)
    assert f"{looked_at.segments} SMS segments, about €{looked_at.cost:.2f}" in middle
    assert "1 by text in English" in middle
    assert "5 by text in French" in middle
    assert "1 by call in French, not counted in the cost" in middle
    assert "8 people" in ahead.partition("November 2026, before the end")[2]


def test_what_is_expected_is_what_the_preview_says(engine: Engine) -> None:
    earlier = THURSDAY - timedelta(days=30)
    for number in range(12):
        subscribed(engine, number, since=earlier, scope="last" if number % 3 == 0 else "all", language="fr")
    subscribed(engine, 20, since=earlier, done="2026-11", language="en")
    subscribed(engine, 21, since=earlier, done="2026-10", language="en")
    subscribed(engine, 22, since=earlier, ended_at=THURSDAY)
    subscribed(engine, 23, since=earlier, channel="voice")
    with engine.begin() as connection:
        theirs = select(callers.c.fingerprint).order_by(callers.c.id).limit(1)
        connection.execute(insert(carrier_blocks).values(fingerprint=connection.scalar(theirs), since=earlier))
        for name in ("middle", "last", "missed"):
            (found,) = expected(connection, shipped_prompts(), [wave(name)], THURSDAY)
            looked_at = preview(connection, shipped_prompts(), wave(name), Settings().sms_price)
            assert found.texts == looked_at.languages
            assert (found.called, found.people, found.segments) == (
                looked_at.calls,
                looked_at.count,
                looked_at.segments,
            )


def test_a_wave_is_held_and_let_go(desk: Desk) -> None:
    spread_out(desk.engine, planned=5, delivered=2)
    anna = desk.person("Anna")
    told = does(anna, "hold", wave=BEGUN, reason="  un mot\nfaux ")
    assert "C’est retenu." in told
    assert "Retenue par Anna depuis le 3 déc. 2026" in told
    assert "Raison : un mot faux" in told
    assert "5 retenus" in told
    assert "Sauf ceux que l’équipe retient" in told
    assert queues(desk.engine) == {HELD: 5}
    assert written(desk)[0] == ("wave_held", "2026-11 opening", "un mot faux")
    told = does(anna, "let-go", wave=BEGUN)
    assert "La vague repart" in told
    assert "5 à envoyer" in told
    assert queues(desk.engine) == {"bulk": 5}
    assert written(desk)[0] == ("wave_let_go", "2026-11 opening", "")
    does(anna, "let-go", wave=BEGUN)
    assert len([one for one in written(desk) if one[0] == "wave_let_go"]) == 1


def test_a_wave_is_held_before_it_begins(desk: Desk) -> None:
    subscribed(desk.engine, 1, since=THURSDAY - timedelta(days=30))
    anna = desk.person("Anna")
    told = does(anna, "hold", wave=COMING, reason="les dates ont changé")
    assert "Retenue par Anna" in told.partition("novembre 2026, au milieu")[2].partition("avant la fin")[0]


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"wave": BEGUN, "reason": ""}, "Écrivez une raison, sans numéro de téléphone."),
        ({"wave": BEGUN, "reason": "voir 06 39 98 00 01"}, "Écrivez une raison, sans numéro de téléphone."),
        ({"wave": "update 2026-10 missed", "reason": "x"}, "Il n’y a plus rien à retenir dans cette vague."),
        ({"wave": "update 2026-11 nonsense", "reason": "x"}, "Il n’y a plus rien à retenir dans cette vague."),
        ({"wave": "appointment 2026-11 opening", "reason": "x"}, "Il n’y a plus rien à retenir dans cette vague."),
        ({"wave": "", "reason": "x"}, "Il n’y a plus rien à retenir dans cette vague."),
    ],
)
def test_what_cannot_be_held_is_not(desk: Desk, fields: dict[str, str], told: str) -> None:
    assert told in does(desk.person(), "hold", **fields)
    with desk.engine.begin() as connection:
        assert held(connection) == ()


def test_a_held_wave_whose_time_is_over_says_so(desk: Desk) -> None:
    spread_out(desk.engine, planned=5)
    anna = desk.person("Anna")
    told = does(anna, "hold", wave=BEGUN, reason="un mot faux")
    assert "Sans décision avant le 8 déc. 2026, 09:00, ses messages ne partiront plus." in told
    desk.clock.now = wave().not_after + timedelta(minutes=1)
    set_apart(desk.engine, desk.clock.now)
    boris = desk.person("Boris")
    told = plain(boris.browser.open("/desk/reminders").text)
    assert "Son délai est passé pendant l’attente : messages abandonnés, 5." in told
    assert "5 trop tard" in told
    does(boris, "let-go", wave=BEGUN)
    assert queues(desk.engine) == {}


def test_a_held_wave_that_the_calendar_has_no_more_can_still_be_let_go(desk: Desk) -> None:
    with desk.engine.begin() as connection:
        row = {"kind": "update", "occurrence": "2026-05", "wave": "other", "who": "Zoé", "reason": "x"}
        connection.execute(insert(held_waves).values(since=THURSDAY, **row))
    anna = desk.person("Anna")
    assert "Vague retenue : other, 2026-05. Par Zoé" in plain(anna.browser.open("/desk/reminders").text)
    assert "Zoé" not in does(anna, "let-go", wave="update 2026-05 other")


def test_a_reader_sees_and_changes_nothing(desk: Desk) -> None:
    spread_out(desk.engine, planned=5)
    page = desk.person(role="reader").browser.open("/desk/reminders").text
    assert "5</b> à envoyer" in page
    for path in ("hold", "let-go", "pause", "resume", "test"):
        assert f"/desk/reminders/{path}" not in page


def test_appointments_are_told_by_week_and_never_by_person(desk: Desk) -> None:
    caller = subscribed(desk.engine, 1)
    about = {"caller_id": caller, "kind": "appointment", "queue": "replies", "changed_at": THURSDAY}
    with desk.engine.begin() as connection:
        for day, wave_name, state, due in (
            ("2026-12-03T14:30", "eve", "delivered", THURSDAY - timedelta(days=1)),
            ("2026-12-03T14:30", "morning", "delivered", THURSDAY - timedelta(hours=1)),
            ("2026-12-11T09:00", "eve", "planned", THURSDAY + timedelta(days=7)),
        ):
            turn = {"occurrence": day, "wave": wave_name, "state": state, "due_at": due, "not_after": due}
            connection.execute(insert(messages).values(**about, **turn))
    told = plain(desk.person().browser.open("/desk/reminders").text)
    assert "Rendez-vous du 30 nov. au 6 déc. · 2 sur 2 terminés 2 arrivés" in told
    assert "10 déc. · 1 rendez-vous" in told
    assert "14:30" not in told


def test_a_bar_shows_even_one_of_many_and_fills_its_width() -> None:
    parts = bar(figures_of({("delivered", ""): 99_999, ("failed", ""): 1}))
    assert [part.name for part in parts] == ["delivered", "failed"]
    assert parts[1].width > WIDTH / 200
    assert abs(parts[-1].x + parts[-1].width - WIDTH) < 0.1
    assert bar(figures_of({})) == ()


def test_reasons_with_the_same_words_are_told_together() -> None:
    found = figures_of({("skipped", "scope"): 2, ("skipped", "last_only"): 3, ("skipped", "done"): 4})
    (why,) = whys(found, words_in("en"))
    assert why.reasons == (("chose the last reminder only", 5), ("it is done", 4))


def test_it_is_counted_once_a_minute(desk: Desk) -> None:
    spread_out(desk.engine, planned=1)
    kept = counting(desk.engine, shipped_prompts)
    first = kept.at(THURSDAY)
    assert first
    assert kept.at(THURSDAY + timedelta(seconds=59)) is first
    later = kept.at(THURSDAY + timedelta(seconds=60))
    assert later
    assert later.at == THURSDAY + timedelta(seconds=60)


def test_while_it_is_counted_the_page_says_so_and_does_not_wait(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counted, "PATIENCE_SECONDS", 0.01)
    may_end = Event()

    def slowly(*_: object) -> None:
        may_end.wait(60)
        raise OperationalError("SELECT", {}, Exception("statement timeout"))

    monkeypatch.setattr(wave_counts, "counts", slowly)
    page = desk.person().browser.open("/desk/reminders").text
    may_end.set()
    assert "Le calcul des chiffres est en cours" in page
    assert "Mettre tous les envois en pause" in page


def test_messages_are_counted_by_an_index(engine: Engine) -> None:
    messages_of(engine, wave(), delivered=500)
    with statements_of(engine) as asked, reading(engine).connect() as connection:
        counts(connection, shipped_prompts(), THURSDAY)
    with engine.begin() as connection:
        plans = [plan_of(connection, one) for one in asked if "FROM messages" in one[0]]
    assert len(plans) >= 3
    if engine.dialect.name == "sqlite":  # PostgreSQL reads a table as small as this one whole, and is right to
        assert not [plan for plan in plans if "SCAN messages" in plan]


def test_a_database_that_cannot_count_in_time_still_lets_somebody_pause(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_slow(*_: object) -> None:
        raise OperationalError("SELECT", {}, Exception("statement timeout"))

    monkeypatch.setattr(wave_counts, "counts", too_slow)
    anna = desk.person()
    assert "Les chiffres ne sont pas disponibles" in anna.browser.open("/desk/reminders").text
    assert anna.browser.open("/desk/reminders/pause").status_code == 200
    does(anna, "pause", reason="un doute")
    with desk.engine.begin() as connection:
        assert paused(connection)
