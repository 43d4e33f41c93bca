"""Lists of the API: what is asked for, newest first, page by page (twilio.com/docs/usage/twilios-response)."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Protocol, TypeVar
from urllib.parse import urlencode

USUAL_PAGE, LARGEST_PAGE = 50, 1000


class Listed(Protocol):
    """What can be listed. `at` is its date: seconds since 1970."""

    @property
    def to(self) -> str: ...
    @property
    def sender(self) -> str: ...
    @property
    def at(self) -> float: ...


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for; what is empty does not matter."""

    to: str = ""
    sender: str = ""
    since: float = float("-inf")
    until: float = float("inf")

    def fits(self, listed: Listed) -> bool:
        return (
            self.since <= listed.at < self.until
            and (not self.to or listed.to == self.to)
            and (not self.sender or listed.sender == self.sender)
        )


def newest(
    everything: Sequence[T], places: Sequence[int], fits: Callable[[T], bool], before: int | None, size: int
) -> tuple[list[T], int | None]:
    """The newest `size` that fit among those at `places`, older than place `before`; and the place to go on from."""
    end = len(places) if before is None else bisect_left(places, before)
    found: list[int] = []
    for index in range(end - 1, -1, -1):
        if not fits(everything[places[index]]):
            continue
        if len(found) == size:
            return [everything[place] for place in found], found[-1]
        found.append(places[index])
    return [everything[place] for place in found], None


def wanted(query: Mapping[str, str], dated: str) -> Wanted:
    """What a list is asked for, by the date of that name. A date alone means the whole day (UTC).

    ValueError for a date that is none.
    """
    since, until = float("-inf"), float("inf")
    if dated in query:
        since, until = _span(query[dated])
    if f"{dated}>" in query:  # "DateSent>=...": at that time or later
        since = max(since, _span(query[f"{dated}>"])[0])
    if f"{dated}<" in query:
        until = min(until, _span(query[f"{dated}<"])[1])
    return Wanted(query.get("To", ""), query.get("From", ""), since, until)


def page_asked(query: Mapping[str, str]) -> tuple[int, int | None]:
    """How many a page is to hold, and the place that it begins before. ValueError where these are no numbers."""
    size = min(LARGEST_PAGE, max(1, int(query.get("PageSize", USUAL_PAGE))))
    token = query.get("PageToken", "")
    return size, int(token.removeprefix("PA")) if token else None


def page(
    path: str, query: Mapping[str, str], name: str, shown: list[dict[str, Any]], size: int, go_on: int | None
) -> dict[str, Any]:
    """A page of the list. `go_on` is the place that the next page begins before."""
    number = int(query.get("Page", "0"))
    kept = {name: value for name, value in query.items() if name not in ("Page", "PageToken", "PageSize")}

    def uri(page_number: int, token: str) -> str:
        token_given = {"PageToken": token} if token else {}
        return f"{path}?{urlencode({**kept, 'PageSize': size, 'Page': page_number, **token_given})}"

    return {
        "first_page_uri": uri(0, ""),
        "end": number * size + max(0, len(shown) - 1),
        name: shown,
        "next_page_uri": None if go_on is None else uri(number + 1, f"PA{go_on}"),
        "page": number,
        "page_size": size,
        "previous_page_uri": None,
        "start": number * size,
        "uri": uri(number, query.get("PageToken", "")),
    }


def _span(text: str) -> tuple[float, float]:
    """The first moment that a date or a time names, and the first one after it. Times are whole seconds."""
    if len(text) == len("2026-12-10"):
        begins = datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC)
        return begins.timestamp(), (begins + timedelta(days=1)).timestamp()
    moment = datetime.fromisoformat(text)
    begins = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return begins.timestamp(), begins.timestamp() + 1
