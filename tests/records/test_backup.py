"""`write_backup` and `restore_backup`: nothing lost, nothing half done, and nothing sent by mistake."""

from __future__ import annotations

import gzip
import json
import stat
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, delete, insert, select, update

from helpline.consent.applying import POSITION
from helpline.records.backup import write_backup
from helpline.records.backup_file import Header
from helpline.records.desk_tables import held_waves, operator_links, operator_sessions
from helpline.records.engine import open_records
from helpline.records.errors import RecordsError
from helpline.records.migrate import downgrade, is_current
from helpline.records.restore import restore_backup
from helpline.records.sealing import Seals
from helpline.records.tables import callers, controls, messages
from helpline.reminders.pause import By, Pause, pause, paused, resume
from tests.databases import address
from tests.records.filled import FINGERPRINT_KEY, KEY, NOON, OTHER_KEY, SEALS, everything, fill, number_of, sign_up

LATER = NOON + timedelta(days=2)


def quiet(table: str, done: int, total: int) -> None:
    """Nobody watches."""


def back_up(engine: Engine, path: Path) -> Header:
    return write_backup(engine, path, FINGERPRINT_KEY, NOON, quiet)


def restore(url: str, path: Path, *, replace: bool = False, **other: Any) -> Header:
    keys = {"fingerprint_key": FINGERPRINT_KEY, "number_keys": (KEY,)} | other
    return restore_backup(url, path, now=LATER, progress=quiet, replace=replace, **keys)


@pytest.fixture
def saved(engine: Engine, tmp_path: Path) -> Path:
    """A backup of a helpline with three callers, which then went on."""
    fill(engine)
    back_up(engine, tmp_path / "saved.gz")
    with engine.begin() as connection:
        sign_up(connection, 77)
    return tmp_path / "saved.gz"


@pytest.mark.parametrize("to", ["sqlite", "postgresql"])
def test_everything_comes_back_on_either_kind_of_database(
    engine: Engine, to: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    fill(engine, people=1100)
    before = everything(engine)
    header = back_up(engine, tmp_path / "all.gz")
    assert header.rows == {table: len(rows) for table, rows in before.items()}
    url = request.getfixturevalue(f"{to}_url").replace("helpline.db", "restored.db")
    restore(url, tmp_path / "all.gz")
    restored = open_records(url)
    after = everything(restored)
    assert is_current(url)
    assert {**before, "controls": []} == {**after, "controls": []}
    assert len(before["callers"]) == 1100
    with restored.begin() as connection:  # and life goes on: new rows get new ids
        assert sign_up(connection, 9999) > max(row[0] for row in before["callers"])
    restored.dispose()


def test_operators_come_back_but_sign_in_again(engine: Engine, tmp_path: Path) -> None:
    fill(engine)
    with engine.begin() as connection:
        session = {"token_hash": "b" * 64, "operator_id": 1, "began_at": NOON, "seen_at": NOON}
        connection.execute(insert(operator_sessions).values(session))
        link = {"operator_id": 1, "token_hash": "c" * 64, "totp_sealed": "x", "expires_at": LATER}
        connection.execute(insert(operator_links).values(link))
    back_up(engine, tmp_path / "all.gz")
    restore(address(engine), tmp_path / "all.gz", replace=True)
    held = everything(engine)
    assert [len(held[name]) for name in ("operators", "recovery_codes", "audit")] == [1, 2, 1]
    assert [len(held[name]) for name in ("operator_sessions", "operator_links")] == [0, 0]


def test_numbers_stay_sealed_in_the_file_and_open_after_a_restore(engine: Engine, saved: Path) -> None:
    content = gzip.decompress(saved.read_bytes()).decode()
    assert not any(number_of(place)[1:] in content for place in range(3))
    assert KEY not in content
    assert FINGERPRINT_KEY.decode() not in content
    restore(address(engine), saved, replace=True)
    with engine.begin() as connection:
        sealed = connection.scalars(select(callers.c.number).order_by(callers.c.id)).all()
    assert [SEALS.open(number) for number in sealed if number] == [number_of(place) for place in range(3)]


def test_a_restored_helpline_is_paused_and_knows_since_when_it_knows_nothing(engine: Engine, saved: Path) -> None:
    restore(address(engine), saved, replace=True)
    with engine.begin() as connection:
        found = paused(connection)
        rows = dict(connection.execute(select(controls.c.name, controls.c.value)).all())
    assert found is not None
    assert (found.by, found.reason, found.since) == ("restore", "restored", LATER)
    assert rows["reconcile_since"] == "2026-11-02T12:00:00+00:00"
    assert rows["last_alert"] == '{"code": 30003}'


def test_the_journal_of_withdrawals_is_gone_over_from_its_beginning_after_a_restore(
    engine: Engine, saved: Path
) -> None:
    restore(address(engine), saved, replace=True)
    with engine.begin() as connection:
        names = connection.scalars(select(controls.c.name)).all()
    assert POSITION not in names
    assert sorted(names) == ["last_alert", "paused", "reconcile_since"]


def test_a_helpline_that_had_not_caught_up_yet_still_has_all_of_it_to_catch_up(engine: Engine, tmp_path: Path) -> None:
    earlier = (NOON - timedelta(days=9)).isoformat()
    with engine.begin() as connection:
        connection.execute(insert(controls).values(name="reconcile_since", value=earlier, changed_at=NOON))
        connection.execute(insert(controls).values(name="paused", value='{"by": "restore"}', changed_at=NOON))
    back_up(engine, tmp_path / "again.gz")
    restore(address(engine), tmp_path / "again.gz")
    with engine.begin() as connection:
        rows = dict(connection.execute(select(controls.c.name, controls.c.value)).all())
    assert rows["reconcile_since"] == earlier
    assert json.loads(rows["paused"])["by"] == "restore"


def paused_by(engine: Engine, by: By, reason: str, at: datetime) -> None:
    with engine.begin() as connection:
        resume(connection)
        assert pause(connection, by, reason, at)


def pause_of(engine: Engine) -> Pause | None:
    with engine.begin() as connection:
        return paused(connection)


def test_an_operators_pause_outlasts_the_database_that_is_replaced(engine: Engine, saved: Path) -> None:
    paused_by(engine, "operator", "a wrong word", NOON)
    restore(address(engine), saved, replace=True)
    assert pause_of(engine) == Pause("operator", "a wrong word", NOON, NOON)


def test_an_operators_pause_that_the_backup_holds_comes_back_with_it(engine: Engine, tmp_path: Path) -> None:
    """Whether it was ended since nobody can tell any more."""
    paused_by(engine, "operator", "a wrong word", NOON)
    back_up(engine, tmp_path / "paused.gz")
    with engine.begin() as connection:
        resume(connection)
    restore(address(engine), tmp_path / "paused.gz")
    assert pause_of(engine) == Pause("operator", "a wrong word", NOON, NOON)


def test_of_two_pauses_of_operators_the_one_that_holds_now_stays(engine: Engine, tmp_path: Path) -> None:
    paused_by(engine, "operator", "of the backup", NOON)
    back_up(engine, tmp_path / "paused.gz")
    paused_by(engine, "operator", "of now", LATER)
    restore(address(engine), tmp_path / "paused.gz")
    assert pause_of(engine) == Pause("operator", "of now", LATER, LATER)


def test_a_held_wave_outlasts_the_database_that_is_replaced(engine: Engine, saved: Path) -> None:
    new = {"kind": "update", "occurrence": "2099-01", "wave": "last", "since": LATER, "who": "Léa", "reason": "why"}
    with engine.begin() as connection:
        (in_both,) = connection.execute(select(held_waves)).all()
        connection.execute(update(held_waves).values(who="Somebody else"))
        connection.execute(insert(held_waves).values(new))
    engine.dispose()
    restore(address(engine), saved, replace=True)
    with engine.begin() as connection:
        found = connection.execute(select(held_waves).order_by(held_waves.c.since)).all()
    assert found == [in_both, tuple(new.values())]


@pytest.mark.parametrize("by", ["carrier", "restore"])
def test_no_other_pause_outlasts_a_restore(engine: Engine, tmp_path: Path, by: By) -> None:
    paused_by(engine, by, "20003", NOON)
    back_up(engine, tmp_path / "paused.gz")
    restore(address(engine), tmp_path / "paused.gz")
    assert pause_of(engine) == Pause("restore", "restored", LATER, LATER)


def test_a_restore_that_fails_leaves_the_pause_as_it_was(engine: Engine, saved: Path) -> None:
    paused_by(engine, "operator", "a wrong word", NOON)

    def fails(table: str, done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        restore_backup(address(engine), saved, FINGERPRINT_KEY, (KEY,), LATER, fails, replace=True)
    assert pause_of(engine) == Pause("operator", "a wrong word", NOON, NOON)
    with engine.begin() as connection:
        assert not connection.scalar(select(controls.c.value).where(controls.c.name == "reconcile_since"))


def test_a_database_without_tables_has_no_operators_pause(engine: Engine, saved: Path) -> None:
    engine.dispose()
    downgrade(address(engine), "base")
    restore(address(engine), saved)
    found = pause_of(engine)
    assert found
    assert found.by == "restore"


def test_after_a_restore_no_id_is_given_that_a_row_had_which_is_lost(engine: Engine, saved: Path) -> None:
    """Not even after a second restore of the same backup: the carrier still speaks of messages by their ids."""
    given: list[int] = []
    for again in range(2):
        restore_backup(
            address(engine), saved, FINGERPRINT_KEY, (KEY,), LATER + timedelta(hours=again), quiet, replace=True
        )
        with engine.begin() as connection:
            given += [sign_up(connection, place) for place in (77, 78)]
            assert min(connection.scalars(select(messages.c.id).order_by(messages.c.id.desc()).limit(2))) > 10**9
    assert len(set(given)) == 4
    assert given == sorted(given)


def test_a_database_with_callers_is_replaced_only_when_that_is_said(engine: Engine, saved: Path) -> None:
    before = everything(engine)
    with pytest.raises(RecordsError, match=r"4 callers.*(.|\n)*--replace"):
        restore(address(engine), saved)
    assert everything(engine) == before
    restore(address(engine), saved, replace=True)
    assert len(everything(engine)["callers"]) == 3


def test_a_helpline_that_was_only_just_started_counts_as_empty(engine: Engine, saved: Path) -> None:
    with engine.begin() as connection:
        connection.execute(delete(callers))
        for table in ("consents", "consent_texts", "objections", "carrier_blocks", "effects", "call_requests"):
            connection.execute(delete(callers.metadata.tables[table]))
    assert everything(engine)["planned_waves"]
    assert everything(engine)["controls"]
    restore(address(engine), saved)
    assert len(everything(engine)["callers"]) == 3


def test_a_withdrawal_alone_is_enough_to_count_as_not_empty(engine: Engine, saved: Path) -> None:
    with engine.begin() as connection:
        connection.execute(delete(callers))
        connection.execute(delete(callers.metadata.tables["consents"]))
    with pytest.raises(RecordsError, match="1 objections"):
        restore(address(engine), saved)


def test_a_backup_of_another_fingerprint_key_is_refused(engine: Engine, saved: Path) -> None:
    before = everything(engine)
    with pytest.raises(RecordsError, match="another FINGERPRINT_KEY") as caught:
        restore(address(engine), saved, replace=True, fingerprint_key=b"x" * 64)
    assert FINGERPRINT_KEY.decode() not in str(caught.value)
    assert everything(engine) == before


def test_a_backup_whose_numbers_nobody_could_open_is_refused(engine: Engine, saved: Path) -> None:
    before = everything(engine)
    with pytest.raises(RecordsError, match="NUMBER_KEYS does not open") as caught:
        restore(address(engine), saved, replace=True, number_keys=(OTHER_KEY,))
    assert SEALS.mark in str(caught.value)
    assert everything(engine) == before
    restore(address(engine), saved, replace=True, number_keys=(OTHER_KEY, KEY))


def test_only_keys_that_seal_something_are_asked_for(engine: Engine, tmp_path: Path) -> None:
    fill(engine, seals=Seals([OTHER_KEY]))
    with engine.begin() as connection:
        connection.execute(update(callers).values(number=None, number_key=None))
    assert back_up(engine, tmp_path / "none.gz").number_keys == []


def test_a_backup_is_for_its_owner_only(saved: Path) -> None:
    assert stat.S_IMODE(saved.stat().st_mode) == 0o600


def test_a_backup_takes_the_place_of_an_older_one_when_it_is_whole(engine: Engine, saved: Path, tmp_path: Path) -> None:
    first = saved.read_bytes()

    def fails(table: str, done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_backup(engine, saved, FINGERPRINT_KEY, NOON, fails)
    assert saved.read_bytes() == first
    assert not list(tmp_path.glob(".*"))
    assert back_up(engine, saved).rows["callers"] == 4
    assert saved.read_bytes() != first


def test_a_folder_that_is_not_there_is_named(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(RecordsError, match=r"none/b.gz cannot be written: No such file"):
        back_up(engine, tmp_path / "none" / "b.gz")


def test_a_database_that_was_never_migrated_is_not_backed_up(engine: Engine, tmp_path: Path) -> None:
    downgrade(address(engine), "base")
    with pytest.raises(RecordsError, match="First run: helpline migrate"):
        back_up(engine, tmp_path / "b.gz")
    assert not (tmp_path / "b.gz").exists()
