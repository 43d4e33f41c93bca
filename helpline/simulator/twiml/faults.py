"""What the carrier would complain about in the answer to a call, in plain words. The call goes on all the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import quote
from xml.etree import ElementTree

from helpline.simulator.twiml import voices
from helpline.simulator.twiml.rules import NOUNS, OTHER_VERBS, SSML, VERBS, XML_LANG, Attributes, rule_of_noun

LONGEST_SAY_ENCODED = 4500
MOST_HINTS, LONGEST_HINT = 500, 100

Element = ElementTree.Element


def faults_of(response: Element) -> list[str]:
    """Every fault of an answer, from its first verb to its last."""
    found = list(_loose_words(response, "Response"))
    verbs = list(response)
    if not verbs:
        found.append("The answer holds no verb: the call ends without a word.")
    for verb in verbs:
        found += _verb(verb)
    found += _order(verbs)
    return list(dict.fromkeys(found))


def ends_here(verb: Element) -> bool:
    """Whether no verb after this one is ever reached."""
    match verb.tag:
        case "Hangup" | "Redirect" | "Reject":
            return True
        case "Dial":
            return bool(verb.get("action"))
        case "Gather":
            return verb.get("actionOnEmptyResult") == "true"
        case _:
            return False


def is_too_long(say: Element) -> bool:
    """Whether a Say holds more than the carrier takes."""
    return bool(list(_too_long(say)))


def _verb(verb: Element) -> Iterator[str]:
    rule = VERBS.get(verb.tag)
    if rule is None:
        yield _unknown(verb.tag)
        return
    yield from _attributes(verb, rule.attributes)
    yield from _nested(verb)
    if verb.get("method") == "GET":
        yield f"<{verb.tag}> asks by GET, and the helpline is asked by POST only: this phone posts all the same."
    match verb.tag:
        case "Say":
            yield from _say(verb)
        case "Play" if not _words(verb) and not verb.get("digits"):
            yield "<Play> names no recording."
        case "Play" if verb.get("digits"):
            yield "<Play digits> sends tones, which this phone does not play: passed over."
        case "Redirect" if not _words(verb):
            yield "<Redirect> says not where to: the same answer is asked for again."
        case "Gather":
            yield from _gather(verb)
        case "Dial":
            yield from _dial(verb)


def _unknown(name: str) -> str:
    if name in OTHER_VERBS:
        return f"The answer holds <{name}>, which this phone cannot do: passed over."
    proper = next((known for known in VERBS if known.lower() == name.lower()), "")
    meant = f" (it is written <{proper}>)" if proper else ""
    return f"The answer holds <{name}>, which the carrier does not know{meant}: passed over."


def _attributes(element: Element, known: Attributes) -> Iterator[str]:
    for name, value in element.attrib.items():
        shown = "xml:lang" if name == XML_LANG else name
        if name not in known:
            yield f"<{element.tag}> has no attribute '{shown}': it is ignored."
        elif not known[name].fullmatch(value):
            yield f'<{element.tag} {shown}="{value}">: the carrier does not take this value.'


def _nested(verb: Element) -> Iterator[str]:
    rule = VERBS[verb.tag]
    for inner in verb:
        if inner.tag not in rule.inside:
            yield f"<{inner.tag}> may not stand in <{verb.tag}>: passed over."
        elif verb.tag == "Gather":
            yield from _verb(inner)
        elif inner.tag in NOUNS and (noun := rule_of_noun(inner.tag)):
            yield from _attributes(inner, noun.attributes)
    if not rule.words:
        yield from _loose_words(verb, verb.tag)


def _loose_words(element: Element, name: str) -> Iterator[str]:
    for text in (element.text, *(inner.tail for inner in element)):
        if words := (text or "").strip():
            yield f"The words {words[:40]!r} stand loose in <{name}>: nobody hears them."


def _say(say: Element) -> Iterator[str]:
    if not _words(say):
        yield "<Say> holds no words."
    voice, language = say.get("voice", ""), say.get("language", "")
    if voice and not voices.languages_of(voice):
        yield f"The carrier has no voice '{voice}': it speaks with its default voice."
    elif voice and language and not voices.speaks(voice, language):
        spoken = " or ".join(sorted(voices.languages_of(voice)))
        yield f"The voice {voice} speaks {spoken}, not {language}: the carrier may refuse to say it."
    elif language and not voices.is_spoken(language):
        yield f"No voice of the carrier speaks '{language}': only a recording can."
    yield from _too_long(say)
    for part in say.iter():
        if part is not say and part.tag in SSML:
            yield from _attributes(part, SSML[part.tag])
        for inner in part if part is not say else ():
            if inner.tag not in SSML:
                yield f"<{inner.tag}> may not stand in <{part.tag}>: the carrier may refuse to say it."


def _too_long(say: Element) -> Iterator[str]:
    inside = (say.text or "") + "".join(ElementTree.tostring(part, encoding="unicode") for part in say)
    encoded, of_google = len(quote(inside)), say.get("voice", "").startswith("Google.")
    if of_google and len(inside.encode()) > voices.GOOGLE_BYTES:
        yield f"<Say> holds {len(inside.encode())} bytes, and this voice takes {voices.GOOGLE_BYTES}: it is not said."
    elif not of_google and len(inside) > voices.POLLY_CHARACTERS:
        yield f"<Say> holds {len(inside)} characters, and the carrier takes {voices.POLLY_CHARACTERS}: it is not said."
    elif encoded > LONGEST_SAY_ENCODED:
        yield (
            f"<Say> holds {encoded} characters once encoded for a URL, and the carrier takes {LONGEST_SAY_ENCODED}: "
            "it is not said."
        )


def _gather(gather: Element) -> Iterator[str]:
    language, speech = gather.get("language", "en-US"), "speech" in gather.get("input", "dtmf")
    if speech and not voices.is_understood(language):
        yield f"<Gather> listens for '{language}', which the carrier does not recognise."
    hints = [hint.strip() for hint in gather.get("hints", "").split(",")]
    if len(hints) > MOST_HINTS:
        yield f"<Gather> gives {len(hints)} hints, and the carrier takes {MOST_HINTS}."
    if longest := max((len(hint) for hint in hints), default=0) > LONGEST_HINT and max(hints, key=len):
        yield f"<Gather> gives a hint of more than {LONGEST_HINT} characters: {longest[:40]!r}."


def _dial(dial: Element) -> Iterator[str]:
    others = [inner.tag for inner in dial if inner.tag in NOUNS and inner.tag != "Number"]
    if others:
        yield f"<Dial> calls a {others[0]}, which this phone cannot do: it rings as a number would."
    elif not dialled_number(dial):
        yield "<Dial> names no number: nobody is called."
    elif not is_number(dialled_number(dial)):
        yield f"<Dial> names '{dialled_number(dial)}', which is no phone number: nobody is called."


def dialled_number(dial: Element) -> str:
    """Who is called: what stands in the Dial, or in its first noun."""
    nouns = [inner for inner in dial if inner.tag in NOUNS]
    return " ".join((nouns[0] if nouns else dial).itertext()).strip()


def is_number(text: str) -> bool:
    """Whether the carrier can call it: digits as people write them, with or without a +."""
    digits = text.removeprefix("+").translate({ord(mark): None for mark in " -().\u00a0"})
    return digits.isascii() and digits.isdigit() and 3 <= len(digits) <= 15


def _order(verbs: Sequence[Element]) -> Iterator[str]:
    """Faults of what stands after what."""
    for index, verb in enumerate(verbs):
        after = verbs[index + 1 :]
        if verb.tag == "Gather" and not ends_here(verb):
            yield from _silence(verb, after)
        if verb.tag == "Reject" and index:
            yield "<Reject> is not the first verb: the call is answered, paid for, and then ended."
        if ends_here(verb) and after:
            first = f"<{verb.tag} action>" if verb.tag == "Dial" else f"<{verb.tag}>"
            yield f"<{after[0].tag}> stands after {first} and is never reached."
            return


def _silence(gather: Element, after: Sequence[Element]) -> Iterator[str]:
    if not after and not any(inner.tag in ("Say", "Play") for inner in gather):
        yield "<Gather> says nothing, and nothing stands after it: the caller hears silence, then the call ends."
    elif not any(verb.tag == "Redirect" for verb in after):
        yield "No <Redirect> stands after <Gather>: who stays silent is not asked again."


def _words(element: Element) -> str:
    return "".join(element.itertext()).strip()
