"""What the carrier's error codes ask of us (https://www.twilio.com/docs/api/errors, read in November 2026)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

# block: the person told the carrier STOP; nothing may go to the number until it texts START
# end: nobody can be reached by text at this number
# suppress: the carrier lets nothing through to this number, as with block, but the person said nothing
# retry_later: the phone or its network is away: the same text may go once more, later
# back_off: too much at once: slower, and the same text again
# operator: nothing can go out until the operator puts something right
# drop: this one message goes no more, and the operator hears of it
Act = Literal["block", "end", "suppress", "retry_later", "back_off", "operator", "drop"]

_CODES: Mapping[Act, tuple[int, ...]] = {
    "block": (21610,),
    # not a number, not a mobile, a landline, a short code, unknown to the networks, a landline after all
    "end": (21211, 21614, 21635, 21265, 30005, 30006),
    "suppress": (30004,),
    # unreachable, unknown reason, waited longer than its ValidityPeriod
    "retry_later": (30003, 30008, 30036),
    # requests, the queue of our number, the queue of a service, congestion, messages a second
    "back_off": (20429, 21611, 30001, 30017, 14107, 63017),
    "operator": (
        *(20003, 20403, 20404),  # credentials, an account that may not, an account that is not there
        *(20005, 10001, 90010, 30002),  # not active, suspended: in most cases no credit
        *(21603, 21606, 21659, 21660, 21661),  # SMS_SENDER is not ours, or cannot send texts to this country
        *(21701, 21703, 21705),  # the messaging service is not there, or has no number
        *(60728, 63038),  # the account's messages of this hour or day are used up
    ),
    # a country that is not switched on, no way from our number to theirs, a trial account, taken for spam, unregistered
    "drop": (21408, 21612, 21608, 30007, 30034),
}
_ACTS: Mapping[int, Act] = {code: act for act, codes in _CODES.items() for code in codes}
_OPERATORS_STATUSES = frozenset({401, 402, 403, 404, 407})


def act_on(code: int, http: int = 400) -> Act:
    """What to do about an error code, or about the HTTP status where the code is not known."""
    known = _ACTS.get(code)
    if known:
        return known
    if http == 429:
        return "back_off"
    if http in _OPERATORS_STATUSES or 300 <= http < 400:  # 3xx: not the carrier's address
        return "operator"
    return "drop"


def act_on_report(code: int) -> Act:
    """The same where the code comes in a report on a text that was taken: what is not known may have been chance."""
    return _ACTS.get(code, "retry_later")
