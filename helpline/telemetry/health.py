"""`GET /healthz`: the process is alive. `GET /readyz`: each part by name, and what it means when one is degraded."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, jsonify

from helpline.authentication import open_to_all
from helpline.telemetry.counters import Counters

Part = dict[str, str]


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
        return jsonify(state="degraded" if degraded else "ok", parts=found, counts_of_this_process=counters.all())

    return routes
