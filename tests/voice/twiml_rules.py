"""What an answer to a call must fulfil: what the carrier takes, and the manners of this helpline beside it."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from helpline.simulator.twiml.reading import Fault, read_call
from helpline.simulator.twiml.rules import SSML

VERBS = {"Gather", "Say", "Play", "Pause", "Redirect", "Hangup"}


def faults_of(text: str) -> list[str]:
    """What Twilio would not take, or would do otherwise than we mean."""
    found = [verb.words for verb in read_call(text) if isinstance(verb, Fault)]
    root = ElementTree.fromstring(text)
    for element in root.iter():
        found += _element(element)
    verbs = [verb.tag for verb in root]
    for index, name in enumerate(verbs):
        if name == "Gather" and verbs[index + 1 :] != ["Redirect"]:
            found.append("a Gather that silence does not lead on from")
    if not verbs or verbs[-1] not in ("Redirect", "Hangup"):
        found.append("ends without words")
    return found


def _element(element: ElementTree.Element) -> list[str]:
    match element.tag:
        case "Gather":
            return _gather(element)
        case "Say":
            return _say(element)
        case "Redirect" | "Play" if not re.fullmatch(r"(https?://[^/]+)?/[\w./%&-]+(#[\w=&,]+)?", element.text or ""):
            return [f"{element.tag} leads to {element.text!r}"]
        case name if name not in {"Response", *VERBS, *SSML}:
            return [f"{name} is a verb that we do not use"]
    return []


def _gather(gather: ElementTree.Element) -> list[str]:
    found = []
    digits = gather.get("numDigits")
    if gather.get("finishOnKey") != ("" if digits == "1" else "#"):
        found.append("the key # would be swallowed, or not end the digits of a date")
    if gather.get("input") not in ("dtmf", "dtmf speech"):
        found.append(f"input {gather.get('input')!r}")
    if gather.get("method") != "POST" or digits not in ("1", "4", "6"):
        found.append("not one key, or the digits of a date, by POST")
    if not 7 <= int(gather.get("timeout", "5")) <= 10:
        found.append(f"waits {gather.get('timeout')} s")
    if not len(gather):
        found.append("a Gather that says nothing")
    return found


def _say(say: ElementTree.Element) -> list[str]:
    found = []
    if not say.get("language") or not say.get("voice"):
        found.append("a Say without voice or language")
    inside = (say.text or "") + "".join(ElementTree.tostring(part, encoding="unicode") for part in say)
    if left := re.findall(r"\{[a-z_]*\}|\$\{", inside):
        found.append(f"placeholders {left}")
    return found
