"""Web workers that die now and then are started again; many deaths at once are told as what they are."""

from __future__ import annotations

import time

from helpline.server.respawns import MOST, WITHIN, Respawns


def test_a_worker_that_dies_soon_after_its_start_is_no_sign_that_none_can_start() -> None:
    respawns, now = Respawns(), time.monotonic()
    for ago in (3.0, 2.0, 1.0):
        respawns.clear()  # as the web server does before each round
        respawns[0] = now - ago
    assert respawns.get(0, 0) == 0


def test_workers_that_die_at_once_again_and_again_are() -> None:
    respawns, now = Respawns(), time.monotonic()
    for _ in range(MOST):
        respawns.clear()
        respawns[1] = now
    assert respawns.get(1, 0) == now
    assert respawns.get(0, 0) == 0


def test_deaths_of_a_while_ago_are_forgotten() -> None:
    respawns, now = Respawns(), time.monotonic()
    for _ in range(MOST):
        respawns[0] = now - WITHIN - 1
    respawns[0] = now
    assert respawns.get(0, 0) == 0
