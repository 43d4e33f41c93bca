"""The date of the server that a script is played against: moved where it has a time machine, and brought back."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Self

from helpline.simulator.line.webhooks import CarrierError, Webhooks

PATH = "/phone/date"


class DatePassed(CarrierError):
    """The server's date cannot be moved there."""


class ServerDate:
    """The time machine of a demo. As a context it brings the date back at the end, whatever happens."""

    def __init__(self, webhooks: Webhooks, before: datetime | None) -> None:
        self._webhooks, self._before, self._found_at = webhooks, before, datetime.now(UTC)
        self._is_moved = False

    @classmethod
    def of(cls, webhooks: Webhooks) -> Self | None:
        """That of a server; None where it has no time machine: it is no demo."""
        status, body = webhooks.get(PATH)
        if status != 200:
            return None
        try:
            told = json.loads(body)
            now = datetime.fromisoformat(told["now"])
            return cls(webhooks, now if told["travelled"] else None)
        except (ValueError, KeyError, TypeError):
            return None

    def travel_to(self, moment: datetime) -> None:
        """Move the date. DatePassed where the server does not go there."""
        self._is_moved = True
        self._post({"to": moment.isoformat()})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        """As it was: the real date, or where somebody had moved it, as much later as the script took."""
        if not self._is_moved:
            return
        if self._before is None:
            self._post({"back": True})
        else:
            self._post({"to": (self._before + (datetime.now(UTC) - self._found_at)).isoformat()})

    def _post(self, told: dict[str, object]) -> None:
        status, body = self._webhooks.post_json(PATH, told)
        if status == 400:
            raise DatePassed(f"The server's date cannot be moved there: {body[:200]}")
        if status != 200:
            raise CarrierError(f"The server did not move its date ({status}): {body[:200]}")
