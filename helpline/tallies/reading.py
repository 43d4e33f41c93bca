"""The tallies of all processes, read: by day, in all, and where callers give up. Quick, whatever else is kept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from helpline.records.desk_tables import people_helped, tallies

Labels = tuple[tuple[str, str], ...]  # (("channel", "sms"), ("heard", "key"))
AT, PEOPLE = "at", "people"


@dataclass(frozen=True, slots=True)
class Counted:
    """How often something happened: on a day, or in all (`day` is None)."""

    day: date | None
    name: str
    labels: Labels
    count: int

    def label(self, name: str) -> str:
        """One of the labels; nothing where it has none of that name."""
        return dict(self.labels).get(name, "")


class Left(NamedTuple):
    """How many came to a place, and how many went on from there."""

    node: str
    channel: str
    shown: int
    went_on: int

    @property
    def gave_up(self) -> int:
        return self.shown - self.went_on


def by_day(connection: Connection, names: Iterable[str], since: date) -> list[Counted]:
    """What was counted under these names on each day in France from `since` on, the first day first."""
    columns = (tallies.c.day, tallies.c.name, tallies.c.labels, tallies.c.count)
    found = select(*columns).where(tallies.c.day >= since.isoformat(), tallies.c.name.in_(list(names)))
    rows = connection.execute(found.order_by(*columns[:3]))
    return [Counted(date.fromisoformat(day), name, labels_of(labels), count) for day, name, labels, count in rows]


def totals(
    connection: Connection, names: Iterable[str], since: date | None = None, before: date | None = None
) -> list[Counted]:
    """What was ever counted under these names, by all processes together: such a number never falls.

    Or of it what was counted from a day on, or before a day.
    """
    columns = (tallies.c.name, tallies.c.labels)
    found = select(*columns, func.sum(tallies.c.count)).where(tallies.c.name.in_(list(names)))
    if since:
        found = found.where(tallies.c.day >= since.isoformat())
    if before:
        found = found.where(tallies.c.day < before.isoformat())
    rows = connection.execute(found.group_by(*columns).order_by(*columns))
    return [Counted(None, name, labels_of(labels), int(count)) for name, labels, count in rows]


def people_by_day(connection: Connection, since: date) -> dict[date, int]:
    """How many people were helped on each day from `since` on: those of today so far, by their marks."""
    found = {counted.day: counted.count for counted in by_day(connection, [PEOPLE], since) if counted.day}
    marked = select(people_helped.c.day, func.count()).where(people_helped.c.day >= since.isoformat())
    for day, count in connection.execute(marked.group_by(people_helped.c.day)):
        at = date.fromisoformat(day)
        found[at] = found.get(at, 0) + count
    return found


def gave_up(connection: Connection, since: date) -> list[Left]:
    """Where callers give up, from that day on: by place and channel, where most did first.

    `shown` counts how often somebody came to a place at which something was still open: a menu, a question, a topic
    whose last page was not reached yet. `went_on` counts how often somebody wrote, said or pressed what led away from
    it. The rest wrote or pressed nothing more, or only what did not lead on: they hung up, were silent until the call
    ended, or wrote again more than half an hour later, which begins anew.

    Hearing a page again, a word that was not understood and a repeated request change neither number. Goodbyes and the
    last page of a topic are no place to give up: what there was to say has been said. Nor are reminders, which nobody
    has to answer. A call or text from shortly before midnight may be counted on both days.
    """
    columns = (tallies.c.labels, func.sum(tallies.c.count))
    found = select(*columns).where(tallies.c.day >= since.isoformat(), tallies.c.name == AT)
    counts: dict[tuple[str, str], dict[str, int]] = {}
    for labels, count in connection.execute(found.group_by(tallies.c.labels)):
        named = dict(labels_of(labels))
        counts.setdefault((named.get("node", ""), named.get("channel", "")), {})[named.get("did", "")] = int(count)
    left = [
        Left(node, channel, shown, min(shown, did.get("answered", 0)))
        for (node, channel), did in counts.items()
        if (shown := did.get("shown", 0))
    ]
    return sorted(left, key=lambda each: (-each.gave_up, each.node, each.channel))


def labels_of(text: str) -> Labels:
    """The labels as they stand in the table: "channel=sms,heard=key"."""
    pairs = (part.partition("=") for part in text.split(",") if part)
    return tuple((name, value) for name, equals, value in pairs if equals)
