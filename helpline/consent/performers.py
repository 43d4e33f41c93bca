"""What the conversation asks of consent, by the name of the effect. A caller gets an answer whatever goes wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import structlog

from helpline.consent.answering import done, done_item, keep, refused, start
from helpline.consent.consent import Consent
from helpline.consent.dated import end_item, note
from helpline.consent.looking_up import look_up, show_data
from helpline.consent.once import effect_key
from helpline.consent.proof import sid_of
from helpline.consent.reach import takes_texts
from helpline.consent.signing_up import first_step, second_step
from helpline.consent.withdrawal import Reason, Withdrawal
from helpline.consent.withdrawing import withdraw
from helpline.conversation.turn import Context, Effect, Outcome, Perform

Act = Callable[[Consent, Effect, Context], str | Outcome]

log = structlog.get_logger(__name__)


def performers(consent: Consent) -> dict[str, Perform]:
    """Every effect by its name, with the outcome that stands for a failure."""
    return {name: partial(_answered, act, failed, consent) for name, (act, failed) in _ACTS.items()}


def _answered(act: Act, failed: str, consent: Consent, effect: Effect, context: Context) -> Outcome:
    try:
        found = act(consent, effect, context)
        outcome = found if isinstance(found, Outcome) else Outcome(found)
    except Exception as error:
        # Only its name: the texts of SQL's errors hold what was asked for. A COMMIT whose answer did not come in time
        # may have been done all the same. That is right: the caller did ask for it, and nothing is done twice, since
        # whatever comes again under the effect's key, such as the carrier's repeat, gets the outcome that was stored.
        log.error("effect failed", effect=effect.name, key=context.key, error=type(error).__name__)
        outcome = Outcome(failed)
    else:
        log.info("effect", effect=effect.name, key=context.key, outcome=outcome.name)
    return outcome


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
        tell=context.channel == "voice" and takes_texts(context.number),
    )
    return withdraw(consent, withdrawal, context.now)


_ACTS: Mapping[str, tuple[Act, str]] = {
    "look_up_reminders": (look_up, "not_known"),
    "subscribe_all": (partial(first_step, scope="all"), "not_saved"),
    "subscribe_last": (partial(first_step, scope="last"), "not_saved"),
    "confirm_all": (partial(second_step, scope="all"), "not_saved"),
    "confirm_last": (partial(second_step, scope="last"), "not_saved"),
    "subscribe_call_all": (partial(first_step, scope="all", by_call=True), "not_saved"),
    "subscribe_call_last": (partial(first_step, scope="last", by_call=True), "not_saved"),
    "confirm_call_all": (partial(second_step, scope="all", by_call=True), "not_saved"),
    "confirm_call_last": (partial(second_step, scope="last", by_call=True), "not_saved"),
    "note": (note, "not_saved"),
    "end_item": (end_item, "not_saved"),
    "stop": (_stop, "not_saved"),
    "not_me": (_not_me, "not_saved"),
    "refuse": (refused, "not_saved"),
    "done": (done, "not_saved"),
    "done_item": (done_item, "not_saved"),
    "start": (start, "started"),
    "show_data": (show_data, "not_known"),
    "erase": (_erase, "not_saved"),
    "keep": (keep, "not_saved"),
}
