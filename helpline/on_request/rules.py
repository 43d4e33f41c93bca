"""What on_request goes by, as one value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from helpline.consent.consent import Consent
from helpline.consent.daily_budget import NO_LIMIT
from helpline.menus.prompts import Prompts
from helpline.telemetry.counters import Counters


def no_language(fingerprint: str) -> str:
    """Nothing is remembered of anybody."""
    return ""


@dataclass(frozen=True, slots=True)
class Rules:
    """`countries`: whose numbers are written to and called. `own_numbers`: ours, which are never.

    `calls_back`: whether anybody is; `calls_a_day`: how many calls for all of them; `messages_a_day`: how
    many messages go out in all. `language_of` tells the remembered
    language of a fingerprint, quickly or not at all.
    """

    consent: Consent
    prompts: Callable[[], Prompts]
    countries: frozenset[str]
    own_numbers: frozenset[str] = field(repr=False)
    calls_back: bool
    calls_a_day: int
    messages_a_day: int = NO_LIMIT
    language_of: Callable[[str], str] = no_language
    counters: Counters = field(default_factory=Counters)
