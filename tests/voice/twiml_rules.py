"""What Twilio accepts as the answer to a call, as far as we use it (twilio.com/docs/voice/twiml, November 2026)."""

from __future__ import annotations

import re
from urllib.parse import quote
from xml.etree import ElementTree

VERBS = {
    "Gather": {
        "action",
        "finishOnKey",
        "hints",
        "input",
        "language",
        "method",
        "numDigits",
        "speechTimeout",
        "timeout",
    },
    "Say": {"language", "voice"},
    "Play": set(),
    "Pause": {"length"},
    "Redirect": {"method"},
    "Hangup": set(),
}
IN_GATHER = {"Say", "Play", "Pause"}
SSML = {
    "break": {"strength", "time"},
    "emphasis": {"level"},
    "lang": {"xml:lang"},
    "p": set(),
    "phoneme": {"alphabet", "ph"},
    "prosody": {"pitch", "rate", "volume"},
    "s": set(),
    "say-as": {"interpret-as", "role"},
    "sub": {"alias"},
    "w": {"role"},
}
LARGEST = 64 * 1024
SAY_CHARACTERS, SAY_ENCODED = 3000, 4500
MOST_HINTS, LONGEST_HINT = 500, 100


def faults_of(text: str) -> list[str]:
    """What Twilio would not take, or would do otherwise than we mean."""
    found = []
    if len(text.encode()) >= LARGEST:
        found.append(f"{len(text.encode())} bytes")
    root = ElementTree.fromstring(text)
    if root.tag != "Response":
        found.append(f"begins with {root.tag}")
    for verb in root:
        found += _verb(verb, set(VERBS))
    verbs = [verb.tag for verb in root]
    for index, name in enumerate(verbs):
        if name == "Gather" and verbs[index + 1 :] != ["Redirect"]:
            found.append("a Gather that silence does not lead on from")
        if name in ("Redirect", "Hangup") and index < len(verbs) - 1:
            found.append(f"verbs after {name}")
    if not verbs or verbs[-1] not in ("Redirect", "Hangup"):
        found.append("ends without words")
    return found


def _verb(verb: ElementTree.Element, allowed: set[str]) -> list[str]:
    if verb.tag not in allowed:
        return [f"{verb.tag} is not allowed here"]
    found = [f"{verb.tag} has no {name}" for name in verb.attrib.keys() - VERBS[verb.tag]]
    if (verb.tail or "").strip() or (verb.tag == "Gather" and (verb.text or "").strip()):
        found.append("loose words")
    match verb.tag:
        case "Gather":
            found += _gather(verb)
            for inside in verb:
                found += _verb(inside, IN_GATHER)
            if not len(verb):
                found.append("a Gather that says nothing")
        case "Say":
            found += _say(verb)
        case "Redirect" | "Play":
            if not re.fullmatch(r"(https?://[^/]+)?/[\w./%&-]+", verb.text or ""):
                found.append(f"{verb.tag} leads to {verb.text!r}")
    return found


def _gather(gather: ElementTree.Element) -> list[str]:
    found = []
    if gather.get("finishOnKey") != "":
        found.append("the key # would be swallowed")
    if gather.get("input") not in ("dtmf", "dtmf speech"):
        found.append(f"input {gather.get('input')!r}")
    if gather.get("method") != "POST" or gather.get("numDigits") != "1":
        found.append("not one key by POST")
    if not 7 <= int(gather.get("timeout", "5")) <= 10:
        found.append(f"waits {gather.get('timeout')} s")
    hints = [hint.strip() for hint in gather.get("hints", "").split(",")]
    if len(hints) > MOST_HINTS or max(map(len, hints)) > LONGEST_HINT:
        found.append("too many or too long hints")
    return found


def _say(say: ElementTree.Element) -> list[str]:
    found = []
    inside = (say.text or "") + "".join(ElementTree.tostring(part, encoding="unicode") for part in say)
    if len(inside) > SAY_CHARACTERS:
        found.append(f"a Say of {len(inside)} characters")
    if len(quote(inside)) > SAY_ENCODED:
        found.append(f"a Say of {len(quote(inside))} characters once encoded")
    if not "".join(say.itertext()).strip():
        found.append("a Say without words")
    if not say.get("language") or not say.get("voice"):
        found.append("a Say without voice or language")
    for part in say.iter():
        if part is say:
            continue
        if part.tag not in SSML:
            found.append(f"{part.tag} is no SSML")
        elif extra := part.attrib.keys() - SSML[part.tag]:
            found.append(f"{part.tag} has no {extra}")
    if left := re.findall(r"\{[a-z_]*\}|\$\{", inside):
        found.append(f"placeholders {left}")
    return found
