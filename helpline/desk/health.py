"""How each part does, as something to say: pure, from what the parts tell to names of words and what fills them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from helpline.call_requests.waiting import Standing as Asked
from helpline.reminders.consequences import NOTHING_GOES_OUT
from helpline.reminders.health import Standing
from helpline.reminders.held import Held
from helpline.reminders.pause import Pause
from helpline.reminders.spending import PROBLEMS, Spending
from helpline.reminders.watch import HELD_BACK, no_tick
from helpline.telemetry.alerts import Open

Level = Literal["well", "waits", "fails"]

# What the carrier's refusal means, by its code or HTTP status (`carrier/errors.py`, the codes for an operator).
WHY_REFUSED: Mapping[str, frozenset[str]] = {
    "no_credit": frozenset({"20005", "10001", "90010", "30002", "402"}),
    "no_access": frozenset({"20003", "20403", "20404", "401", "403", "404", "407"}),
    "wrong_sender": frozenset({"21603", "21606", "21659", "21660", "21661"}),
    "wrong_service": frozenset({"21701", "21703", "21705"}),
    "used_up": frozenset({"60728", "63038"}),
    "no_words": frozenset({"words"}),
    "no_number_key": frozenset({"number_key"}),
}
# Problems that an alert told, by name, and the words for them. Those below are said by what stands in the database.
_KNOWN: Mapping[str, str] = {"failed jobs": "failed_jobs"}
_FEW_ARRIVE = "arrived "
NOBODY_ASKED = Asked(0, timedelta(0))
_SAID_APART = PROBLEMS | {"no tick", "paused by carrier", "paused by restore", "overdue", "nobody calls"}


@dataclass(frozen=True, slots=True)
class Told:
    """One thing on Today: "health.<name>" says what is, "health.<name>_do" what to do, unless it is well.

    `detail` is what the helpline itself wrote, in English.
    """

    level: Level
    name: str
    values: Mapping[str, object] = field(default_factory=dict)
    why: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What the parts say of themselves. `asked`: who asked to be called; `held`: waves that an operator holds back.

    `spending`: what went of the day's budget.
    """

    redis_is_up: bool
    refused_prompts: tuple[str, ...]
    standing: Standing
    now: datetime
    asked: Asked = NOBODY_ASKED
    held: tuple[Held, ...] = ()
    spending: Spending | None = None


def told(found: Found) -> list[Told]:
    """Everything, what fails first."""
    everything = [*_reminders(found), *_callers(found), *_prompts(found), *_asked(found), *_held(found)]
    everything += _spent(found.spending) if found.spending else ()
    everything.append(Told("well", "database"))
    order: tuple[Level, ...] = ("fails", "waits", "well")
    return sorted(everything, key=lambda one: order.index(one.level))


def _callers(found: Found) -> Iterator[Told]:
    yield Told("well", "callers") if found.redis_is_up else Told("fails", "redis")


def _held(found: Found) -> Iterator[Told]:
    for wave in found.held:
        yield Told("waits", "wave_held", {"since": wave.since, "reason": wave.reason or "–"})


def _asked(found: Found) -> Iterator[Told]:
    count, waits = found.asked.waiting, found.asked.longest
    if count:
        yield Told("waits", "one_waits" if count == 1 else "people_wait", {"count": count, "waits": waits})


def _spent(spent: Spending) -> Iterator[Told]:
    figures = {"went": spent.went, "budget": spent.budget}
    if spent.is_over:
        yield Told("fails", "budget_spent", figures | {"waiting": spent.waiting})
        if spent.too_late:
            yield Told("fails", "budget_too_late", {"count": spent.too_late})
    elif spent.is_nearly_over:
        yield Told("waits", "budget_low", figures)
    if spent.asked_is_over and not spent.is_over:
        yield Told("waits", "budget_asked", figures)
    if spent.is_flooded:
        yield Told("waits", "many_answers", {"count": spent.answers})


def _prompts(found: Found) -> Iterator[Told]:
    if found.refused_prompts:
        yield Told("waits", "prompts_refused", detail="\n".join(found.refused_prompts))
    else:
        yield Told("well", "prompts")


def _reminders(found: Found) -> Iterator[Told]:
    sending = found.standing.sending
    problems = [problem for problem in found.standing.problems if not _is_said_apart(problem, sending.pause)]
    silent = no_tick(found.standing.last_tick, found.now)
    if silent and found.redis_is_up:  # without Redis the clock stands still, however well it runs
        yield Told("fails", "no_clock")
    if sending.pause:
        yield _paused(sending.pause)
    elif sending.is_late:
        yield Told("fails", "late", {"minutes": int(sending.overdue.total_seconds()) // 60})
    elif found.redis_is_up and not silent:
        yield Told("well", "reminders")
    for problem in problems:
        name = "few_arrive" if problem.name.startswith(_FEW_ARRIVE) else _KNOWN.get(problem.name, "problem")
        yield Told("fails", name, detail=problem.words)


def _is_said_apart(problem: Open, pause: Pause | None) -> bool:
    is_of_pause = pause is not None and problem.words.startswith(NOTHING_GOES_OUT)
    return is_of_pause or problem.name in _SAID_APART or problem.name.startswith(HELD_BACK)


def _paused(pause: Pause) -> Told:
    match pause.by:
        case "operator":
            return Told("waits", "paused_by_operator", {"since": pause.since, "reason": pause.reason or "–"})
        case "restore":
            return Told("waits", "paused_by_restore", {"since": pause.since})
        case "carrier":
            known = (why for why, codes in WHY_REFUSED.items() if pause.reason in codes)
            return Told(
                "fails", "paused_by_carrier", {"since": pause.since, "code": pause.reason}, next(known, "other")
            )
