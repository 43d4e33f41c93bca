"""How the carrier takes a post, whatever it asks for: slowly, late, with a refusal, or without an answer at all."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping

from helpline.simulator.carrier.behaviour import Behaviour
from helpline.simulator.carrier.http import Answer
from helpline.simulator.carrier.messages_shapes import error

GARBAGE = Answer(200, b"<html>Bad gateway</html>", "text/html")

Refusal = tuple[int, str]


class Intake:
    """Takes posts of one kind, and counts them under names that begin with `counted`."""

    def __init__(self, chance: Callable[[], float], counts: Counter[str], counted: str = "") -> None:
        self._chance, self._counts, self._counted = chance, counts, counted
        self._at_once = 0

    async def take(
        self,
        now: Behaviour,
        form: Mapping[str, str],
        refused: Callable[[], Refusal | None],
        accept: Callable[[], Answer],
    ) -> Answer | None:
        """The answer to a post; None breaks off the connection. Once `accept` was called, it is taken for good."""
        self._count("posts")
        self._at_once += 1
        most = f"{self._counted}most_at_once"
        self._counts[most] = max(self._counts[most], self._at_once)
        try:
            return await self._answered(now, form, refused, accept)
        finally:
            self._at_once -= 1

    async def _answered(
        self,
        now: Behaviour,
        form: Mapping[str, str],
        refused: Callable[[], Refusal | None],
        accept: Callable[[], Answer],
    ) -> Answer | None:
        await asyncio.sleep(now.delay / 2)
        if refusal := refused():
            self._count("refused")
            await asyncio.sleep(now.delay / 2)
            return error(*refusal)
        failure = next((rule for rule in now.fail if rule.befalls(form["To"], self._chance)), None)
        if failure and not failure.accepted:
            self._count(f"failed_{failure.code}")
            await asyncio.sleep(now.delay / 2)
            return error(failure.code)
        if self._chance() < now.late:
            self._count("late")
            await asyncio.sleep(now.late_seconds)
        answer = accept()
        self._count("accepted")
        await asyncio.sleep(now.delay / 2)
        if failure:
            self._count(f"failed_{failure.code}")
            return error(failure.code)
        if self._chance() < now.drop:
            self._count("dropped")
            return None
        if self._chance() < now.garbage:
            self._count("garbage")
            return GARBAGE
        return answer

    def _count(self, what: str) -> None:
        self._counts[f"{self._counted}{what}"] += 1
