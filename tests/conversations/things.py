"""What somebody is reminded of that has a date of its own, in memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from helpline.conversation.turn import Item
from helpline.menus.dated import dated_waves, moment_of, over_at, waves_left
from helpline.menus.shapes import Calendar


@dataclass
class Thing:
    """`was_reminded`: a message about it went."""

    kind: str
    occurrence: str
    was_reminded: bool = False


@dataclass
class Things:
    """The things of one caller, by key, in the order in which they were noted."""

    active: dict[str, Thing] = field(default_factory=dict)
    done: list[Item] = field(default_factory=list)
    more: Item | None = None
    calendar: Calendar | None = None
    noted: int = 0

    def add(self, kind: str, occurrence: str) -> None:
        self.noted += 1
        self.active[str(self.noted)] = Thing(kind, occurrence)

    def note(self, kind: str, occurrence: str, now: datetime) -> str:
        """Note a thing, if a reminder of it can still go; how that went."""
        assert self.calendar, "nobody said by which calendar"
        moment, over = moment_of(occurrence), over_at(occurrence)
        assert moment, f"this is no date: {occurrence}"
        assert over, f"this is no date: {occurrence}"
        if over <= now:
            return "past"
        same = [thing for thing in self.active.values() if thing.kind == kind]
        if any(thing.occurrence == occurrence for thing in same):
            return "known"
        if not waves_left(self.calendar, kind, occurrence, now):
            return "too_late"
        if len(same) >= self.calendar.kinds[kind].most:
            return "too_many"
        self.add(kind, occurrence)
        return "saved"

    def items(self) -> tuple[Item, ...]:
        """All of them, the soonest first."""
        by_date = sorted(self.active.items(), key=lambda entry: entry[1].occurrence)
        return tuple(Item(key, thing.kind, thing.occurrence) for key, thing in by_date)

    def due(self, now: datetime) -> tuple[Item, ...]:
        """Those of which a reminder went, and which are not over."""
        return tuple(item for item in self.items() if self.active[item.key].was_reminded and not _is_over(item, now))

    def was_reminded_of(self, item: Item) -> bool:
        return self.active[item.key].was_reminded

    def remind(self, kind: str, occurrence: str) -> None:
        for thing in self.active.values():
            if (thing.kind, thing.occurrence) == (kind, occurrence):
                thing.was_reminded = True

    def goes_on(self, item: Item, now: datetime) -> bool:
        """It is done. Whether a reminder comes all the same; then it is due again once that went."""
        assert self.calendar, "nobody said by which calendar"
        names = {wave.name for wave in self.calendar.kinds[item.kind].waves if wave.also_if_done}
        waves = dated_waves(self.calendar, item.kind, item.occurrence)
        if not any(wave.name in names and wave.begins > now for wave in waves):
            return False
        self.active[item.key].was_reminded = False
        self.more = item
        return True

    def end(self, key: str) -> bool:
        """End one; whether it was there."""
        return self.active.pop(key, None) is not None

    def forget(self) -> None:
        self.active.clear()
        self.done.clear()


def _is_over(item: Item, now: datetime) -> bool:
    over = over_at(item.occurrence)
    return over is None or over <= now
