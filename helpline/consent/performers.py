"""What the conversation asks of consent, by the name of the effect. A caller gets an answer whatever goes wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import structlog

from helpline.consent.answering import done, keep, refused, start
from helpline.consent.consent import Consent
from helpline.consent.looking_up import look_up, show_data
from helpline.consent.once import effect_key
from helpline.consent.proof import sid_of
from helpline.consent.signing_up import first_step, second_step
from helpline.consent.withdrawal import Reason, Withdrawal
from helpline.consent.withdrawing import withdraw
from helpline.conversation.turn import Context, Effect, Outcome, Perform

Act = Callable[[Consent, Effect, Context], str]

log = structlog.get_logger(__name__)


def performers(consent: Consent) -> dict[str, Perform]:
    """Every effect by its name, with the outcome that stands for a failure."""
    return {name: partial(_answered, act, failed, consent) for name, (act, failed) in _ACTS.items()}


def _answered(act: Act, failed: str, consent: Consent, effect: Effect, context: Context) -> Outcome:
    try:
        outcome = act(consent, effect, context)
    except Exception as error:
        # Only its name: the texts of SQL's errors hold what was asked for. A COMMIT whose answer did not come in time
        # may have been done all the same. That is right: the caller did ask for it, and nothing is done twice, since
        # whatever comes again under the effect's key, such as the carrier's repeat, gets the outcome that was stored.
        log.error("effect failed", effect=effect.name, key=context.key, error=type(error).__name__)
        outcome = failed
    else:
        log.info("effect", effect=effect.name, key=context.key, outcome=outcome)
    return Outcome(outcome)


def _stop(consent: Consent, effect: Effect, context: Context) -> str:
    if not context.number:  # by text there is nobody whom we write to; a withheld call may be anybody's
        return "stopped" if context.channel == "sms" else "not_saved"
    return _withdrawn(consent, effect, context, "stop")


def _not_me(consent: Consent, effect: Effect, context: Context) -> str:
    return _withdrawn(consent, effect, context, "not_me") if context.number else "nothing"


def _erase(consent: Consent, effect: Effect, context: Context) -> str:
    return _withdrawn(consent, effect, context, "erase") if context.number else "no_number"


def _withdrawn(consent: Consent, effect: Effect, context: Context, reason: Reason) -> str:
    withdrawal = Withdrawal(
        fingerprint=consent.fingerprint(context.number),
        reason=reason,
        at=context.now,
        channel=context.channel,
        language=effect.language,
        heard=effect.heard,
        sid=sid_of(context),
        key=effect_key(effect, context),
        erases=reason == "erase",
        tell=context.channel == "voice",
    )
    return withdraw(consent, withdrawal, context.now)


_ACTS: Mapping[str, tuple[Act, str]] = {
    "look_up_reminders": (look_up, "not_known"),
    "subscribe_all": (partial(first_step, scope="all"), "not_saved"),
    "subscribe_last": (partial(first_step, scope="last"), "not_saved"),
    "confirm_all": (partial(second_step, scope="all"), "not_saved"),
    "confirm_last": (partial(second_step, scope="last"), "not_saved"),
    "stop": (_stop, "not_saved"),
    "not_me": (_not_me, "not_saved"),
    "refuse": (refused, "not_saved"),
    "done": (done, "not_saved"),
    "start": (start, "started"),
    "show_data": (show_data, "not_known"),
    "erase": (_erase, "not_saved"),
    "keep": (keep, "not_saved"),
}
