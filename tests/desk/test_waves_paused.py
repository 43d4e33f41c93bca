"""Pausing everything at the desk, and sending again."""

from __future__ import annotations

import pytest
from sqlalchemy import insert

from helpline.records.restore import RECONCILE
from helpline.records.tables import controls
from helpline.reminders.pause import pause, paused
from tests.conftest import THURSDAY
from tests.desk.people import Desk
from tests.desk.test_waves import does, patient, plain, spread_out, written

__all__ = ["patient"]


def test_all_is_paused_and_resumed_with_a_reason(desk: Desk) -> None:
    spread_out(desk.engine, planned=5)
    anna = desk.person("Anna")
    page = plain(anna.browser.open("/desk/reminders/pause").text)
    assert "5 personnes pour « Actualisation novembre 2026, à l’ouverture », à envoyer avant le 8 déc. 2026" in page
    told = does(anna, "pause", reason="un doute")
    assert "Tous les envois sont en pause depuis le 3 déc. 2026" in told
    assert "Raison : un doute" in told
    with desk.engine.begin() as connection:
        found = paused(connection)
    assert found
    assert (found.by, found.reason) == ("operator", "un doute")
    assert written(desk)[0] == ("sending_paused", "", "un doute")
    assert "Les envois sont déjà en pause." in does(anna, "pause", reason="encore")
    assert "Les envois reprennent." in does(anna, "resume")
    with desk.engine.begin() as connection:
        assert paused(connection) is None
    assert written(desk)[0] == ("sending_resumed", "", "un doute")
    does(anna, "resume")
    assert [one[0] for one in written(desk)].count("sending_resumed") == 1


@pytest.mark.parametrize("reason", ["", "appeler le 06 39 98 00 01"])
def test_a_pause_has_a_reason_without_a_number(desk: Desk, reason: str) -> None:
    answer = desk.person().browser.send("/desk/reminders/pause", reason=reason)
    assert answer.status_code == 400
    assert "Écrivez une raison, sans numéro de téléphone." in answer.text
    with desk.engine.begin() as connection:
        assert paused(connection) is None


def test_the_pause_of_a_restore_ends_by_itself_only(desk: Desk) -> None:
    with desk.engine.begin() as connection:
        pause(connection, "restore", "restored", desk.clock.now)
    anna = desk.person()
    page = anna.browser.open("/desk/reminders").text
    assert "une sauvegarde a été remise en place" in page
    assert "/desk/reminders/resume" not in page
    does(anna, "resume")
    with desk.engine.begin() as connection:
        assert paused(connection)


def test_after_a_restore_an_operators_pause_leaves_the_word_to_it(desk: Desk) -> None:
    with desk.engine.begin() as connection:
        connection.execute(insert(controls).values(name=RECONCILE, value=THURSDAY.isoformat(), changed_at=THURSDAY))
        pause(connection, "operator", "un doute", desk.clock.now)
    does(desk.person(), "resume")
    with desk.engine.begin() as connection:
        found = paused(connection)
    assert found
    assert found.by == "restore"
