"""What may stand in the answer to a call (twilio.com/docs/voice/twiml, November 2026)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

ANY = re.compile(r".*", re.DOTALL)
WHOLE = re.compile(r"[0-9]{1,6}")
AT_LEAST_ONE = re.compile(r"0{0,3}[1-9][0-9]{0,5}")
METHOD = re.compile(r"GET|POST")
TRUTH = re.compile(r"true|false")
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"

Attributes = dict[str, re.Pattern[str]]


@dataclass(frozen=True, slots=True)
class Rule:
    """What one verb or noun takes: its attributes with their values, what may stand in it, and whether words may."""

    attributes: Attributes
    inside: frozenset[str] = frozenset()
    words: bool = False


def _any(names: str) -> Attributes:
    return dict.fromkeys(names.split(), ANY)


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SSML_TAGS = _names("break emphasis lang p phoneme prosody s say-as sub w")
NOUNS = _names("Application Client Conference Number Queue Sim Sip WhatsApp")
# Verbs that the carrier knows and the simulator does not lead.
OTHER_VERBS = _names("Connect Echo Enqueue Leave Pay Prompt Queue Record Refer Sms Start Stop")

VERBS: Mapping[str, Rule] = {
    "Say": Rule(_any("voice language") | {"loop": WHOLE}, inside=_SSML_TAGS, words=True),
    "Play": Rule({"loop": WHOLE, "digits": re.compile(r"[0-9wWA-D*#]+")}, words=True),
    "Pause": Rule({"length": AT_LEAST_ONE}),
    "Gather": Rule(
        _any("action partialResultCallback language hints speechModel")
        | {
            "input": re.compile(r"dtmf|speech|dtmf speech|speech dtmf"),
            "method": METHOD,
            "timeout": re.compile(rf"auto|{AT_LEAST_ONE.pattern}"),
            "speechTimeout": re.compile(rf"auto|{AT_LEAST_ONE.pattern}"),
            "maxSpeechTime": AT_LEAST_ONE,
            "profanityFilter": TRUTH,
            "finishOnKey": re.compile(r"[0-9*#]*"),
            "numDigits": AT_LEAST_ONE,
            "partialResultCallbackMethod": METHOD,
            "bargeIn": TRUTH,
            "debug": TRUTH,
            "actionOnEmptyResult": TRUTH,
            "enhanced": TRUTH,
        },
        inside=frozenset({"Say", "Play", "Pause"}),
    ),
    "Redirect": Rule({"method": METHOD}, words=True),
    "Dial": Rule(
        _any(
            "action callerId recordingStatusCallback recordingStatusCallbackEvent recordingConfigurationId referUrl "
            "events ringTone passports"
        )
        | {
            "method": METHOD,
            "timeout": AT_LEAST_ONE,
            "hangupOnStar": TRUTH,
            "timeLimit": AT_LEAST_ONE,
            "record": re.compile(r"true|false|do-not-record|record-from-(?:answer|ringing)(?:-dual)?"),
            "trim": re.compile(r"trim-silence|do-not-trim"),
            "recordingStatusCallbackMethod": METHOD,
            "answerOnBridge": TRUTH,
            "recordingTrack": re.compile(r"both|inbound|outbound"),
            "sequential": TRUTH,
            "referMethod": METHOD,
        },
        inside=NOUNS,
        words=True,
    ),
    "Hangup": Rule({}, inside=frozenset({"Parameter"})),
    "Reject": Rule({"reason": re.compile(r"rejected|busy")}, inside=frozenset({"Parameter"})),
}
_NUMBER = Rule(
    _any(
        "sendDigits url phoneNumber statusCallbackEvent statusCallback byoc machineDetection amdStatusCallback "
        "machineDetectionTimeout machineDetectionSpeechThreshold machineDetectionSpeechEndThreshold "
        "machineDetectionSilenceTimeout"
    )
    | {"method": METHOD, "statusCallbackMethod": METHOD, "amdStatusCallbackMethod": METHOD},
    words=True,
)

_RATE = re.compile(r"x-slow|slow|medium|fast|x-fast|default|[0-9]+%")
SSML: Mapping[str, Attributes] = {
    "break": {"strength": re.compile(r"none|x-weak|weak|medium|strong|x-strong"), "time": re.compile(r"[0-9.]+m?s")},
    "emphasis": {"level": re.compile(r"strong|moderate|reduced")},
    "lang": {XML_LANG: ANY},
    "p": {},
    "phoneme": _any("alphabet ph"),
    "prosody": {"volume": ANY, "rate": _RATE, "pitch": ANY},
    "s": {},
    "say-as": _any("interpret-as role format"),
    "sub": _any("alias"),
    "w": _any("role"),
}


def rule_of_noun(name: str) -> Rule | None:
    """What a noun within a Dial takes; None where only its name is known here."""
    return _NUMBER if name == "Number" else None
