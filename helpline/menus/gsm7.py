"""The alphabet of text messages: what fits, what it costs, where a long text is cut into parts.

3GPP TS 23.038 (GSM 7 bit default alphabet and its extension table); part sizes as Twilio bills them.
"""

from __future__ import annotations

import unicodedata

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = frozenset("^{}\\[~]|€\f")
_LETTERS = BASIC | EXTENSION

ONE_PART, EACH_PART = 160, 153
ONE_PART_UCS2, EACH_PART_UCS2 = 70, 67
TWO_SEGMENTS = 2 * EACH_PART

_REPLACED = {
    "œ": "oe",
    "Œ": "OE",
    "« ": '"',
    "«\u00a0": '"',
    "«\u202f": '"',
    "«": '"',
    " »": '"',
    "\u00a0»": '"',
    "\u202f»": '"',
    "»": '"',
    "“": '"',
    "”": '"',
    "„": '"',
    "’": "'",
    "‘": "'",
    "ʼ": "'",
    "`": "'",
    "…": "...",
    "–": "-",
    "—": "-",
    "‑": "-",
    "−": "-",
    "•": "-",
    "\u00a0": " ",
    "\u202f": " ",
    "\u2009": " ",
    "\t": " ",
}


def is_gsm7(text: str) -> bool:
    return _LETTERS.issuperset(text)


def to_gsm7(text: str) -> str:
    """The text in letters of GSM-7: ê becomes e, ç c, œ oe, ’ '; é è à ù stay. What has no likeness becomes '?'."""
    if is_gsm7(text):
        return text
    for found, put in _REPLACED.items():
        text = text.replace(found, put)
    text = unicodedata.normalize("NFC", text)
    return "".join(letter if letter in _LETTERS else _nearest(letter) for letter in text)


def _nearest(letter: str) -> str:
    plain = "".join(part for part in unicodedata.normalize("NFKD", letter) if not unicodedata.combining(part))
    return plain if plain and is_gsm7(plain) else "?"


def lost_accents(text: str) -> tuple[str, ...]:
    """The words of a text that lose an accent or a letter in GSM-7, as they were written."""
    if is_gsm7(text):
        return ()
    words = (word.strip(".,;:!?()\"'«»\u00a0 ") for word in text.replace("’", "'").split())
    return tuple(dict.fromkeys(word for word in words if any(_loses(letter) for letter in word)))


def _loses(letter: str) -> bool:
    return letter not in _LETTERS and letter.isalpha()


def unseen(text: str) -> tuple[str, ...]:
    """The letters of a text that have no likeness in GSM-7 and would arrive as '?'."""
    letters = unicodedata.normalize("NFC", text)
    return tuple(letter for letter in dict.fromkeys(letters) if letter not in _LETTERS and to_gsm7(letter) == "?")


def septets(text: str) -> int:
    """What a text of GSM-7 letters takes: one septet a letter, two for the extension table."""
    return len(text) + sum(map(text.count, EXTENSION))


def parts(text: str) -> list[str]:
    """The parts in which a phone receives a text; joined they give it back.

    A pair of escape septets and a surrogate pair are never split.
    """
    gsm = is_gsm7(text)
    single, each = (ONE_PART, EACH_PART) if gsm else (ONE_PART_UCS2, EACH_PART_UCS2)
    sizes = [_size(letter, gsm) for letter in text]
    if sum(sizes) <= single:
        return [text]
    found: list[str] = []
    start = used = 0
    for index, size in enumerate(sizes):
        if used + size > each:
            found.append(text[start:index])
            start, used = index, 0
        used += size
    found.append(text[start:])
    return found


def _size(letter: str, gsm: bool) -> int:
    if gsm:
        return 2 if letter in EXTENSION else 1
    return 2 if ord(letter) > 0xFFFF else 1


def segments(text: str) -> int:
    """How many segments a text is sent and billed as."""
    return len(parts(text))
