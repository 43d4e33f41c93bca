"""Names of operators, as they are written and as they are recognised."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 40
WRONG = f"A name has 1 to {LONGEST} letters, digits, spaces, points, apostrophes or hyphens, and begins with a letter."


def name_written(text: str) -> str:
    """The name with single spaces. ValueError if it is none."""
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if not re.fullmatch(r"[^\W\d_][\w .'’-]*", name) or not 0 < len(name) <= LONGEST or not name_key(name):
        raise ValueError(WRONG)
    return name


def name_key(text: str) -> str:
    """What names are held against each other by: whoever types anna in capitals is still Anna."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())[:LONGEST]
