"""Whom somebody has looked up, under a random reference in their session: no address tells a number or a fingerprint.

A reference serves that browser for a quarter of an hour, and ends with the session. The number itself is not kept.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import session

from helpline.operators.keys import Keys

KEPT_FOR = timedelta(minutes=15)
_MOST = 5  # people at once: a cookie has little room
_PEOPLE, _FRESH = "people", "person_noted"  # fields of the session


@dataclass(frozen=True, slots=True)
class LookedUp:
    """Somebody. `masked` is what a page shows of the number; `takes_texts`: whether a text can tell them something."""

    reference: str
    fingerprint: str
    masked: str
    takes_texts: bool


def remember(keys: Keys, fingerprint: str, masked: str, takes_texts: bool, now: datetime) -> str:
    """Keep somebody in this session; the reference. That they were looked up is noted already."""
    reference = secrets.token_urlsafe(9)
    sealed = keys.seal(json.dumps([fingerprint, masked, takes_texts, int(now.timestamp())]))
    known = [*session.get(_PEOPLE, {}).items(), (reference, sealed)]
    session[_PEOPLE] = dict(known[-_MOST:])
    mark_noted(reference)
    return reference


def find(keys: Keys, reference: str, now: datetime) -> LookedUp | None:
    """Who that is; None where the reference is over, or another session's."""
    opened = keys.open(session.get(_PEOPLE, {}).get(reference, ""))
    if not opened:
        return None
    fingerprint, masked, takes_texts, at = json.loads(opened)
    if not 0 <= now.timestamp() - at < KEPT_FOR.total_seconds():
        return None
    return LookedUp(reference, fingerprint, masked, takes_texts)


def mark_noted(reference: str) -> None:
    """The next look at this page belongs to what the audit trail says already."""
    session[_FRESH] = reference


def was_noted(reference: str) -> bool:
    """Whether the audit trail knows of this look at the page. Only of the first one it does."""
    if session.get(_FRESH) != reference:
        return False
    session.pop(_FRESH)
    return True
