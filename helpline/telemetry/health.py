"""`GET /healthz`: the process is alive. `GET /readyz`: each part by name, and what it means when one is degraded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from threading import Lock, Thread

import structlog
from flask import Blueprint, Response, jsonify

from helpline.authentication import open_to_all
from helpline.telemetry.counters import Counters

Part = Mapping[str, str | int]

MANY = frozenset({"at", "requests"})  # too many, and nobody's business
PATIENCE = 0.5  # seconds that a part may take: who asks often must not be kept waiting

log = structlog.get_logger(__name__)


class Quickly:
    """Asks a part that may not answer, and waits a moment only. While it is not answered it is not asked again."""

    def __init__(self, ask: Callable[[], Part], otherwise: Part, patience: float = PATIENCE) -> None:
        self._ask, self._otherwise, self._patience = ask, otherwise, patience
        self._lock = Lock()
        self._asking: Thread | None = None
        self._found: Part = otherwise

    def __call__(self) -> Part:
        """What the part says of itself; `otherwise` if it cannot, or not in time."""
        with self._lock:
            if self._asking is None or not self._asking.is_alive():
                self._asking = Thread(target=self._answer, name="health", daemon=True)
                self._asking.start()
            asking = self._asking
        asking.join(self._patience)
        return self._otherwise if asking.is_alive() else self._found

    def _answer(self) -> None:
        try:
            self._found = self._ask()
        except Exception as error:
            log.warning("a part does not answer", error=type(error).__name__)
            self._found = self._otherwise


def _few(counts: Mapping[str, int]) -> dict[str, int]:
    """What helps to see that something is odd; the rest is for the desk and /metrics."""
    return {name: count for name, count in counts.items() if name.partition("{")[0] not in MANY}


def health_routes(parts: dict[str, Callable[[], Part]], counters: Counters) -> Blueprint:
    """`parts` are asked one by one; each says {"state": "ok" or "degraded", "means": ...}."""
    routes = Blueprint("health", __name__)

    @routes.get("/healthz")
    @open_to_all
    def alive() -> Response:
        return Response("ok\n", content_type="text/plain; charset=utf-8")

    @routes.get("/readyz")
    @open_to_all
    def ready() -> Response:
        found = {name: ask() for name, ask in parts.items()}
        degraded = any(part["state"] != "ok" for part in found.values())
        return jsonify(state="degraded" if degraded else "ok", parts=found, counts_of_this_process=_few(counters.all()))

    return routes
