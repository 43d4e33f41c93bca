"""An appointment, a paper that ends, and a training that starts, for tests that reckon with their waves."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from helpline.menus.shapes import DatedKind, DatedWave
from tests.menus.calendars import USUAL

APPOINTMENT = DatedKind(
    "appointment",
    "moment",
    5,
    (DatedWave("eve", 1), DatedWave("morning", 0, leaves=timedelta(minutes=90))),
)
PAPER = DatedKind("paper", "day", 5, (DatedWave("first", 120), DatedWave("second", 75), DatedWave("last", 15)))
TRAINING = DatedKind("training", "day", 2, (DatedWave("week", 7, "next"), DatedWave("start", 0, also_if_done=True)))
KINDS = {kind.name: kind for kind in (APPOINTMENT, PAPER, TRAINING)}
DATED = replace(USUAL, kinds=KINDS)
