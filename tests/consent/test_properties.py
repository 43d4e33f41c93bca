"""Whatever people do, in whatever order: who is written to has agreed, and nobody who objects is."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, select

from helpline.consent.applying import apply_journal
from helpline.consent.consent import Consent
from helpline.consent.items import active_items
from helpline.consent.kinds import NOT_DATED
from helpline.consent.retention import retention
from helpline.consent.withdrawing import blocked_by_carrier, ended_by_carrier
from helpline.menus.windows import PARIS
from helpline.records.engine import open_records
from helpline.records.messages import move
from helpline.records.tables import callers, consents, messages, metadata, objections, subscriptions
from helpline.reminders.claiming import claim
from helpline.reminders.planning import plan
from helpline.reminders.queues import QUEUES
from tests.consent.people import KEY, THURSDAY, Person, consent_on, rows
from tests.menus.dated_kinds import DATED
from tests.reminders.bench import shipped_prompts

EFFECTS = (
    "look_up_reminders",
    "subscribe_all",
    "subscribe_last",
    "confirm_all",
    "confirm_last",
    "refuse",
    "stop",
    "not_me",
    "done",
    "start",
    "show_data",
    "erase",
    "keep",
    "subscribe_call_all",
    "confirm_call_all",
    "note appointment",
    "note paper",
    "end_item",
    "done_item",
)
OTHERS = ("plan", "send", "journal", "nightly", "blocked", "ended", "repeat", "stop while down", "erase while down")

STEPS = st.tuples(
    st.sampled_from(EFFECTS * 2 + OTHERS),
    st.sampled_from(["+33639980001", "+33639980002"]),
    st.sampled_from(["sms", "voice"]),
    st.sampled_from([0, 1, 61, 7 * 3600, 24 * 3600, 3 * 24 * 3600, 340 * 24 * 3600]),
)


class World:
    """Two people, one database, and all that happens."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.consent = consent_on(engine, folder)
        self.away = replace(self.consent, engine=open_records(f"sqlite:///{folder}/no/folder.db", 0.1))
        self.now = THURSDAY
        self.last: Callable[[], object] = lambda: None
        self.agreed: set[str] = set()
        self.went: set[tuple[int, str, str, str]] = set()

    def step(self, name: str, number: str, channel: str, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)
        person = Person(self.consent, number, channel, now=self.now)  # type: ignore[arg-type]
        key = f"SM{secrets.token_hex(16)}.1"
        acts: dict[str, Callable[[], object]] = {
            "plan": lambda: plan(self.consent.engine, DATED, self.now),
            "send": self.send,
            "journal": lambda: apply_journal(self.consent.engine, self.consent.journal, self.now),
            "nightly": lambda: self.nightly(self.consent),
            "blocked": lambda: blocked_by_carrier(self.consent.engine, person.fingerprint, self.now),
            "ended": lambda: ended_by_carrier(self.consent.engine, person.fingerprint, "21211", self.now),
            "stop while down": lambda: replace(person, consent=self.away).does("stop", key=key),
            "erase while down": lambda: replace(person, consent=self.away).does("erase", key=key),
            "repeat": lambda: self.last(),
        }
        effect, _, kind = name.partition(" ")
        about, item = self.thing(kind), self.item_of(person)
        act = acts.get(name) or (lambda: person.does(effect, key=key, about=about, item=item))
        act()
        if name in EFFECTS:
            self.last = lambda: replace(person, now=self.now).does(effect, key=key, about=about, item=item)
        if name.startswith(("subscribe", "confirm", "note")):
            self.agreed.add(person.fingerprint)

    def thing(self, kind: str) -> tuple[str, str]:
        """In three days, or in a hundred: those of two days in a row are different ones."""
        day = self.now.astimezone(PARIS).date()
        return (
            ("paper", f"{day + timedelta(100)}") if kind == "paper" else ("appointment", f"{day + timedelta(3)}T14:30")
        )

    def item_of(self, person: Person) -> str:
        """The last of the things that somebody has."""
        row = person.row()
        with self.consent.engine.begin() as connection:
            found = active_items(connection, row.id) if row else ()
        return found[-1].key if found else ""

    def send(self) -> None:
        """What is due goes, each thing's reminder once."""
        with self.consent.engine.begin() as connection:
            claimed = [claim(connection, shipped_prompts(), KEY, queue, self.now, 1000)[0] for queue in QUEUES]
            for message in (each for some in claimed for each in some):
                mine = messages.c.id == message.id
                row = connection.execute(select(messages).where(mine)).one()
                key = (row.caller_id, row.kind, row.occurrence, row.wave)
                assert key not in self.went
                self.went.add(key)
                move(connection, "delivered", self.now, mine)

    def nightly(self, consent: Consent) -> None:
        retention(consent.engine, consent.seals, (), self.now, DATED, consent.journal, page=1)
        rest = {(row.caller_id, row.kind, row.occurrence) for row in rows(consent.engine, subscriptions)}
        self.went = {key for key in self.went if key[1] in NOT_DATED or key[:3] in rest}

    def hold(self) -> None:
        """What must be true at any time."""
        going_on = rows(self.consent.engine, subscriptions, subscriptions.c.ended_at.is_(None))
        active = {row.caller_id for row in going_on}
        things = {(row.caller_id, row.kind, row.occurrence) for row in going_on}
        objecting = {row.fingerprint for row in rows(self.consent.engine, objections)}
        proofs = rows(self.consent.engine, consents, consents.c.event.in_(["given", "ended"]))
        newest = {(row.fingerprint, row.kind): row.event for row in proofs}
        who = {row.id: row.fingerprint for row in rows(self.consent.engine, callers)}
        for thing in going_on:
            assert newest.get((who[thing.caller_id], thing.kind)) == "given"
        for caller in rows(self.consent.engine, callers):
            if caller.id in active:
                assert caller.fingerprint in self.agreed
                assert caller.fingerprint not in objecting
                assert caller.number is not None
            if (caller.id, "update", "") not in things:
                assert newest.get((caller.fingerprint, "update")) in (None, "ended")
        for message in rows(self.consent.engine, messages, messages.c.state == "planned"):
            assert message.caller_id in active or message.kind == "stopped"
            if message.kind not in NOT_DATED:
                assert (message.caller_id, message.kind, message.occurrence) in things
        assert {row.fingerprint for row in proofs} <= self.agreed


@pytest.fixture(scope="module")
def sqlite_copy(sqlite_with_tables: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Engine]:
    """Makes empty databases quickly."""

    def make() -> Engine:
        path = tmp_path_factory.mktemp("world") / "helpline.db"
        shutil.copyfile(sqlite_with_tables, path)
        return open_records(f"sqlite:///{path}")

    return make


@given(steps=st.lists(STEPS, max_size=25))
@settings(max_examples=80)
def test_nobody_is_written_to_who_has_not_agreed_or_has_ended_it(
    sqlite_copy: Callable[[], Engine], steps: list[tuple[str, str, str, int]]
) -> None:
    engine = sqlite_copy()
    world = World(engine, Path(str(engine.url.database)).parent)
    for step in steps:
        world.step(*step)
        world.hold()
    apply_journal(engine, world.consent.journal, world.now)
    world.hold()
    engine.dispose()


@given(steps=st.lists(STEPS, min_size=5, max_size=25))
@settings(max_examples=25)
def test_the_same_on_postgresql(
    postgresql_engine: Engine, tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, str, str, int]]
) -> None:
    with postgresql_engine.begin() as connection:
        for table in (callers, *reversed(metadata.sorted_tables)):  # proofs stay as long as their callers
            connection.execute(delete(table))
    world = World(postgresql_engine, tmp_path_factory.mktemp("world"))
    for step in steps:
        world.step(*step)
        world.hold()


@given(
    steps=st.lists(STEPS, max_size=12),
    at=st.integers(min_value=0, max_value=12),
    effect=st.sampled_from(["stop", "erase"]),
)
@settings(max_examples=40)
def test_after_a_stop_whether_the_database_was_there_or_not_nothing_is_planned_until_both_steps(
    sqlite_copy: Callable[[], Engine], steps: list[tuple[str, str, str, int]], at: int, effect: str
) -> None:
    engine = sqlite_copy()
    world = World(engine, Path(str(engine.url.database)).parent)
    number = "+33639980001"
    for step in steps[:at]:
        world.step(*step)
    world.step(f"{effect} while down", number, "sms", 1)
    for name, who, channel, seconds in steps[at:]:
        if who != number or not name.startswith(("subscribe", "confirm", "note", "repeat")):
            world.step(name, who, channel, seconds)
    apply_journal(engine, world.consent.journal, world.now)
    plan(engine, DATED, world.now)
    person = Person(world.consent, number)
    assert person.scope == ""
    assert person.has() == []
    if person.row():
        ours = messages.c.caller_id == person.row().id
        assert rows(engine, messages, ours, messages.c.state == "planned", messages.c.kind != "stopped") == []
    engine.dispose()
