"""What the rest of the helpline asks of this folder. A caller gets an answer whatever goes wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial

import structlog

from helpline.consent.reach import may_call
from helpline.conversation.turn import Context, Effect, Outcome, Perform
from helpline.on_request.call_asked import call_back, call_back_missed, call_off
from helpline.on_request.page_asked import send_page
from helpline.on_request.rules import Rules

RINGS = 6  # seconds: so long a call rings before it is answered, for who wants to be called back
FAILED = "not_saved"

Act = Callable[[Rules, Effect, Context], str]
_ACTS: Mapping[str, Act] = {"send_page": send_page, "call_back": call_back}

log = structlog.get_logger(__name__)


class OnRequest:
    """`performers` by the name of the effect; `rings_first`, `missed` and `answered` for calls that come in."""

    def __init__(self, rules: Rules, now: Callable[[], datetime]) -> None:
        self._rules, self._now = rules, now
        self.performers: dict[str, Perform] = {name: partial(_answered, act, rules) for name, act in _ACTS.items()}

    def rings_first(self, number: str) -> int:
        """For how many seconds a call rings before it is answered; 0 where nobody could be called back.

        The carrier does not pick up while the first thing that it is told to do is a <Pause>, so whoever hangs up has
        paid nothing (twilio.com/docs/voice/twiml/pause, November 2026).
        """
        rules = self._rules
        callable_back = rules.calls_back and number and number not in rules.own_numbers
        return RINGS if callable_back and may_call(number, rules.countries) else 0

    def missed(self, sid: str, number: str, status: str) -> bool:
        """Somebody hung up while it rang: they are called back, once for each call. Never raises.

        Whether that is settled; if not, it is to be reported again.
        """
        if not self._rules.calls_back:
            return True
        try:
            outcome = call_back_missed(self._rules, sid, number, self._now())
        except Exception as error:  # only its name: the texts of SQL's errors hold what was asked for
            log.error("missed call not written down", key=sid, error=type(error).__name__)
            outcome = FAILED
        self._rules.counters.count("missed_calls", outcome=outcome)
        log.info("missed call", key=sid, status=status, outcome=outcome)
        return outcome != FAILED

    def answered(self, sid: str, number: str, status: str) -> None:
        """A call that was answered is over: whatever call back was still planned is called off. Never raises."""
        try:
            call_off(self._rules, sid, number, self._now())
        except Exception as error:
            log.error("call back not called off", key=sid, status=status, error=type(error).__name__)


def _answered(act: Act, rules: Rules, effect: Effect, context: Context) -> Outcome:
    try:
        outcome = act(rules, effect, context)
    except Exception as error:
        # As in `consent/performers.py`: what may have been done all the same was asked for, and is not done twice.
        log.error("effect failed", effect=effect.name, key=context.key, error=type(error).__name__)
        outcome = FAILED
    else:
        log.info("effect", effect=effect.name, key=context.key, outcome=outcome)
    return Outcome(outcome)
