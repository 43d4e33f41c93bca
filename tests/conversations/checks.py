"""What every answer must fulfil, whatever it says: a carrier must be able to send or speak it."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree

from helpline.menus import gsm7
from helpline.simulator.twiml.reading import Fault, read_call

LONGEST_URL = 2_000
_PLACEHOLDER = re.compile(r"\{[a-z_]+\}")


def check_text(message: str) -> None:
    """One text message: GSM-7, two segments at most, every placeholder filled."""
    assert gsm7.to_gsm7(message) == message, f"not GSM-7: {message!r}"
    assert gsm7.septets(message) <= gsm7.TWO_SEGMENTS, f"{gsm7.septets(message)} septets: {message!r}"
    assert message.strip(), "an empty message"
    assert not _PLACEHOLDER.search(message), f"a placeholder is left: {message!r}"


def check_call_turn(twiml: str) -> ElementTree.Element:
    """One turn of a call: TwiML that Twilio takes, with a way on after each Gather."""
    faults = [verb.words for verb in read_call(twiml) if isinstance(verb, Fault)]
    assert not faults, f"{faults}: {twiml}"
    root = ElementTree.fromstring(twiml)
    verbs = [element.tag for element in root]
    assert verbs[-1] in ("Redirect", "Hangup", "Dial"), f"the call just stops: {twiml}"
    for dial in root.iter("Dial"):
        assert len(dial.attrib["action"]) < LONGEST_URL
    for gather in root.iter("Gather"):
        assert len(gather.attrib["action"]) < LONGEST_URL
        ends_with = "#" if gather.attrib["numDigits"] != "1" else ""  # a date of fewer digits is ended by #
        assert gather.attrib["finishOnKey"] == ends_with, "the key # would not arrive"
    words = "".join(root.itertext())
    assert words.strip() or root.find(".//Play") is not None, "nothing is said"
    assert not _PLACEHOLDER.search(words), f"a placeholder is left: {words!r}"
    return root
