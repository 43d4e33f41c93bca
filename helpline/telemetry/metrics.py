"""`GET /metrics`: figures for Prometheus, for whoever has the token, or for a program on this machine."""

from __future__ import annotations

import hmac
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from ipaddress import ip_address
from typing import Literal
from urllib.parse import urlsplit

from flask import Blueprint, Request, Response, request

from helpline.authentication import METRICS, View, let_in
from helpline.telemetry.counters import Counters

Labels = Mapping[str, str]

_FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Via")


@dataclass(frozen=True, slots=True)
class Sample:
    """One number, and what it is of."""

    value: float
    labels: Labels = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Measure:
    """What is measured, under a name without `_total`. A counter never falls."""

    name: str
    kind: Literal["counter", "gauge"]
    told: str
    samples: tuple[Sample, ...]


@dataclass(frozen=True, slots=True)
class Times:
    """How long something took: of each series how many took at most so long, and the sum of all, in seconds."""

    name: str
    told: str
    series: tuple[tuple[Labels, Mapping[float, int], float], ...]


@dataclass(frozen=True, slots=True)
class MayRead:
    """Who may read the figures: whoever sends `token`; where it is empty, programs on this machine.

    Without `for_this_machine` not even they: a web server in front that says nothing of itself would seem to be one.
    """

    token: str = field(default="", repr=False)
    for_this_machine: bool = True

    def __call__(self, asked: Request) -> bool:
        return _knows(self.token, asked) if self.token else self.for_this_machine and _is_from_here(asked)


def metrics_routes(may_read: MayRead, measures: Callable[[], Iterable[Measure | Times]]) -> Blueprint:
    """The figures, for who may read them."""
    routes = Blueprint("metrics", __name__)

    @routes.get("/metrics")
    @_to_be_let_in(may_read)
    def metrics() -> Response:
        from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4 as PLAIN  # a tenth of a second

        return Response(as_text(measures()), content_type=PLAIN, headers={"Cache-Control": "no-store"})

    return routes


def counting_requests(counters: Counters) -> Callable[[Response], Response]:
    """Counts each answer by its route and status. What was asked for that is no route of ours is not told apart."""

    def count(answer: Response) -> Response:
        rule = request.url_rule
        counters.count("requests", route=rule.rule if rule else "none", status=str(answer.status_code))
        return answer

    return count


def as_text(measures: Iterable[Measure | Times]) -> bytes:
    """As Prometheus reads it."""
    from prometheus_client import CollectorRegistry, Metric, generate_latest

    class Measured:
        def collect(self) -> Iterable[Metric]:
            for measure in measures:
                kind = measure.kind if isinstance(measure, Measure) else "histogram"
                metric = Metric(measure.name, measure.told, kind)
                for suffix, labels, value in _lines(measure):
                    metric.add_sample(measure.name + suffix, dict(labels), value)
                yield metric

    registry = CollectorRegistry(auto_describe=False)
    registry.register(Measured())
    return generate_latest(registry)


def _lines(measure: Measure | Times) -> Iterable[tuple[str, Labels, float]]:
    if isinstance(measure, Measure):
        suffix = "_total" if measure.kind == "counter" else ""
        yield from ((suffix, sample.labels, sample.value) for sample in measure.samples)
        return
    for labels, counts, total in measure.series:
        so_far = 0
        for up_to, count in sorted(counts.items()):
            so_far += count
            yield "_bucket", {**labels, "le": "+Inf" if math.isinf(up_to) else f"{up_to:g}"}, so_far
        yield "_count", labels, so_far
        yield "_sum", labels, total


def _to_be_let_in(may_read: MayRead) -> Callable[[View], View]:
    def for_whom(view: View) -> View:
        @wraps(view)
        def checked(**arguments: str) -> Response:
            if may_read(request):
                return view(**arguments)
            if may_read.token:
                return Response(status=401, headers={"WWW-Authenticate": 'Bearer realm="metrics"'})
            return Response(status=403)

        return let_in(checked, METRICS)

    return for_whom


def _knows(token: str, asked: Request) -> bool:
    kind, _, given = asked.headers.get("Authorization", "").partition(" ")
    # Compared whatever it is, so that the time which that takes tells nothing.
    is_same = hmac.compare_digest(given.strip().encode(), token.encode())
    return is_same and kind.casefold() == "bearer"


def _is_from_here(asked: Request) -> bool:
    """Whether a program on this machine asks by itself. A web server in front says for whom it does."""
    if any(name in asked.headers for name in _FORWARDED):
        return False
    try:
        host = urlsplit(f"//{asked.host}").hostname or ""
    except ValueError:
        return False
    # A web server in front that says nothing of the kind still hands on which address was asked for.
    return _is_loopback(asked.remote_addr or "") and (host == "localhost" or _is_loopback(host))


def _is_loopback(address: str) -> bool:
    try:
        found = ip_address(address)
    except ValueError:
        return False
    return (getattr(found, "ipv4_mapped", None) or found).is_loopback
