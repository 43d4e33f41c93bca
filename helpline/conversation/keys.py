"""A key of the phone, however it is written: "2", "２", "n°2", "tapez 2", "deux", "le deuxième"."""

from __future__ import annotations

import re

from helpline.conversation.commands import Commands
from helpline.conversation.normalise import LONGEST
from helpline.conversation.sounds import sound_of

MOST_WORDS = 8  # of a message that names a key and nothing else
_SIGNS = {"＊": "*", "＃": "#"}
_LONE_SIGN = re.compile(r"[\s.,;:!?()'\"\-]*([*#＊＃])[\s.,;:!?()'\"\-\ufe0f\u20e3]*")


def keys_in(text: str, words: tuple[str, ...], commands: Commands, spoken: bool = False) -> tuple[str, ...]:
    """The keys that the whole message is; nothing if it is more or other than keys."""
    sign = _LONE_SIGN.fullmatch(text[:LONGEST])
    if sign:
        return (_SIGNS.get(sign[1], sign[1]),)
    if not words or len(words) > MOST_WORDS:
        return ()
    named = commands.key_names.get(" ".join(words))
    if named:
        return (named,)
    rest = [word for word in words if word not in commands.key_words and word not in commands.polite]
    said = [_key(word, commands, spoken) for word in rest]
    if said == ["0", "0"] or rest == ["00"]:
        return ("0", "0")
    return (said[0],) if len(said) == 1 and said[0] else ()


def is_digit_itself(words: tuple[str, ...]) -> bool:
    """Whether a digit stands in the message, not only the name of one."""
    return any(len(word) == 1 and word.isdecimal() for word in words)


def _key(word: str, commands: Commands, spoken: bool) -> str:
    """The key that one word is; an empty string if it is none."""
    if len(word) == 1 and word.isdecimal():
        return word
    named = commands.key_names.get(word, "")
    if named or not spoken:
        return named
    return next((key for name, key in commands.key_names.items() if sound_of(name) == sound_of(word)), "")
