"""A text that we sent by ourselves is the last message of its caller: the next digit answers it.

The worker tells it after the carrier took the text. A caller who wrote meanwhile keeps the newer session. Redis may be
away: then the digit is answered like any other without a session, so nothing waits for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from helpline.conversation import session
from helpline.conversation.moves import interrupted
from helpline.conversation.session import Place
from helpline.conversation.turn import Context
from helpline.prompts_folder import PromptsFolder
from helpline.sms.store import CallerStore, StoreDown
from helpline.telemetry.counters import Counters

MOST_TRIES = 3  # a caller who writes at that very moment makes us read again

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Sent:
    """A text that went out: to whom, in which language, which page it was, when, and what thing it was about."""

    fingerprint: str
    language: str
    place: Place
    at: datetime
    form: tuple[tuple[str, str], ...] = ()


class Reminded:
    """Makes pages that were sent the last message of their callers."""

    def __init__(self, folder: PromptsFolder, store: CallerStore, counters: Counters) -> None:
        self._folder, self._store, self._counters = folder, store, counters

    def remember(self, fingerprint: str, language: str, place: Place, at: datetime) -> None:
        """One text. Never fails: a store that is down is logged and counted."""
        self.remember_each([Sent(fingerprint, language, place, at)])

    def remember_each(self, sent: Sequence[Sent]) -> int:
        """Many texts, in two round trips. Of how many callers it is now the last message."""
        waiting = {each.fingerprint: each for each in sorted(sent, key=lambda each: each.at)}
        written = 0
        try:
            for _ in range(MOST_TRIES):
                if not waiting:
                    break
                changes, waiting = self._changes(waiting)
                if changes:
                    replaced = self._store.replace_callers(changes)
                    written += len(replaced)
                    waiting = {name: each for name, each in waiting.items() if name not in replaced}
        except StoreDown as error:
            log.warning("sent pages are not the last message", reason=str(error), texts=len(sent), written=written)
            self._counters.count("store_down", channel="reminders")
        return written

    def _changes(self, waiting: dict[str, Sent]) -> tuple[list[tuple[str, str, str]], dict[str, Sent]]:
        """What to write of each caller, and the callers of whom it is to be written."""
        prompts = self._folder.current().prompts
        changes: list[tuple[str, str, str]] = []
        for each, kept in zip(waiting.values(), self._store.callers(list(waiting)), strict=True):
            written, _, guard = kept.partition("|")
            before = session.decode(written)
            if before.at > each.at.timestamp() or each.place.node not in prompts.menus.nodes:
                continue
            after = interrupted(prompts, before, each.place, each.language, Context("sms", each.at), each.form)
            changes.append((each.fingerprint, kept, f"{session.encode(after)}|{guard}"))
        return changes, {name: waiting[name] for name, _, _ in changes}
