"""What the carrier's error codes ask of us (https://www.twilio.com/docs/api/errors, read in November 2026).

Those of calls are the codes 10004, 10005, 13223 to 13227, 21201 to 21219 and 32205 of that list. A call that was
taken and did not get through is told by its status in most cases (busy, no-answer, failed), without a code.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

# block: the person told the carrier STOP; nothing may go to the number until it texts START
# end: nobody can be reached by text at this number
# suppress: the carrier lets nothing through to this number, as with block, but the person said nothing
# retry_later: the phone or its network is away: the same text may go once more, later
# back_off: too much at once: slower, and the same text again
# operator: nothing can go out until the operator puts something right
# no_calls: no call can be made until the operator puts something right; texts go on
# drop: this one message goes no more, and the operator hears of it
Act = Literal["block", "end", "suppress", "retry_later", "back_off", "operator", "no_calls", "drop"]

_CODES: Mapping[Act, tuple[int, ...]] = {
    "block": (21610,),
    "end": (
        *(21211, 21614, 21635, 21265),  # not a number, not a mobile, a landline, a short code
        *(30005, 30006),  # unknown to the networks, a landline after all
        *(13223, 21202, 21217),  # calls: not written as a number, a premium number, not a valid number
    ),
    "suppress": (30004,),
    # unreachable, unknown reason, waited longer than its ValidityPeriod; calls: not valid, or its network is out
    "retry_later": (30003, 30008, 30036, 13224),
    # requests, the queue of our number, the queue of a service, congestion, messages a second, calls at once
    "back_off": (20429, 21611, 30001, 30017, 14107, 63017, 10004),
    "operator": (
        *(20003, 20403, 20404),  # credentials, an account that may not, an account that is not there
        *(20005, 10001, 90010, 30002),  # not active, suspended: in most cases no credit
        *(21603, 21606, 21659, 21660, 21661),  # SMS_SENDER is not ours, or cannot send texts to this country
        *(21701, 21703, 21705),  # the messaging service is not there, or has no number
        *(60728, 63038),  # the account's messages of this hour or day are used up
    ),
    "no_calls": (
        *(21210, 21212, 21213),  # VOICE_NUMBER is not ours, or not a number
        *(10005, 21203),  # the account may make no calls, or none abroad, which its own country may be
        21205,  # PUBLIC_URL is none that the carrier reaches
    ),
    "drop": (
        # a country that is not switched on, no way from our number to theirs, a trial account, taken for spam,
        # unregistered
        *(21408, 21612, 21608, 30007, 30034),
        *(21215, 13227, 32205),  # calls: a country, or a part of one, that is not switched on
        *(21214, 21219),  # calls: cannot be reached, which may pass; a trial account
        *(21216, 13225),  # calls: the carrier blocks the number, in most cases for fear of fraud
    ),
}
# Of those of the operator: what stops calls as well as texts.
_OF_ACCOUNT = frozenset({20003, 20403, 20404, 20005, 10001, 90010})
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


def is_about_account(code: int) -> bool:
    """Whether what is wrong stops calls as well as texts: credentials, credit, an address that is not the carrier's."""
    return code in _OF_ACCOUNT or code in _OPERATORS_STATUSES or 300 <= code < 400


def act_on_report(code: int) -> Act:
    """The same where the code comes in a report on a text that was taken: what is not known may have been chance."""
    return _ACTS.get(code, "retry_later")
