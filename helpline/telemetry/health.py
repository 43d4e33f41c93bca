"""`GET /healthz`: the process is alive. `GET /readyz`: each part by name, and what it means when one is degraded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from threading import Lock, Thread

import structlog
from flask import Blueprint, Request, Response, jsonify, request

from helpline.authentication import open_to_all
from helpline.telemetry.counters import Counters

Part = Mapping[str, str | int]

MANY = frozenset({"at", "requests"})  # too many: these are for the desk and /metrics
# What is wrong with us or with who asks; nothing of it tells what callers did.
FOR_ALL = frozenset({"store_down", "status_lost", "call_words_lost", "signature_refused", "body_refused"})
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


def _few(counts: Mapping[str, int], may_read: bool) -> dict[str, int]:
    """What helps to see that something is odd. Who may not read the figures learns only of trouble."""

    def is_told(name: str) -> bool:
        return name not in MANY if may_read else name in FOR_ALL

    return {name: count for name, count in counts.items() if is_told(name.partition("{")[0])}


def health_routes(
    parts: dict[str, Callable[[], Part]], counters: Counters, may_read: Callable[[Request], bool]
) -> Blueprint:
    """`parts` are asked one by one; each says {"state": "ok" or "degraded", "means": ...}.

    `may_read` tells who may read the figures: the others are not told what callers did.
    """
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
        counts = _few(counters.all(), may_read(request))
        return jsonify(state="degraded" if degraded else "ok", parts=found, counts_of_this_process=counts)

    return routes
