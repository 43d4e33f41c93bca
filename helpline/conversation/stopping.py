"""STOP, however it is sent: alone, politely, with the number that a text of ours names, signed with a name.

Whoever is not heard goes on getting reminders. Words that may also begin a question ("arrêt", "fin", "end") need a
number that can only be a phone's beside them; those that mean nothing else ("stop") bear any number, and names.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import OSA

from helpline.conversation.normalise import LONGEST, normalise, phrases_in, squeezed, words_in
from helpline.conversation.sent_numbers import SentNumber, take_numbers
from helpline.menus.shapes import Language

STOP = "stop"
# Lists that stand below "everywhere" in languages.yaml.
ONLY_STOP, BEFORE_NUMBERS, INTRODUCTIONS = "only_stop", "before_numbers", "before_names"
LONGEST_STOP = 12  # words, politeness among them and numbers left out
LONG_STOP = 9  # letters of a word of stopping in which one slip is allowed
MOST_NAMES = 4  # words that nobody knows
SHORTEST_NAME = 2
TO_THE_LETTER = 1.0  # how surely a word means one that the line knows
_LETTERS = re.compile(r"[^\W\d_]+")
_ENDINGS = ".!?…"
_DIGIT = re.compile("[0-9]")


def _lean(words: tuple[str, ...], articles: Collection[str]) -> str:
    """`words` without the articles inside and without plurals: "annuler les rappels" is "annuler rappel"."""
    return " ".join(
        word.removesuffix("s") if len(word) > 3 else word
        for at, word in enumerate(words)
        if not at or word not in articles
    )


def written_as_names(text: str) -> frozenset[str]:
    """The words of `text` that are written with a capital and small letters behind it, and not since a sentence begins.

    Where one begins, two of them are a name: "Stop. Sophie Martin" is signed, "Stop. Bloqué" is not.
    """
    text = text[:LONGEST]
    words = list(_LETTERS.finditer(text))
    names: set[str] = set()
    for at, word in enumerate(words):
        is_followed = at + 1 < len(words) and words[at + 1][0].istitle()
        if word[0].istitle() and (is_followed or not _begins_sentence(text[: word.start()])):
            names.add(normalise(word[0]))
    return frozenset(names)


def _begins_sentence(before: str) -> bool:
    """Whether a sentence begins behind the text `before`. None does behind "M."."""
    ended = before.rstrip()
    words = ended.rstrip(_ENDINGS + " ")
    return not ended or "\n" in before[len(ended) :] or (words != ended and words[-2:].isalpha())


@dataclass(frozen=True, slots=True)
class Stopping:
    """The words of stopping of every language, what may stand around them, before a name, and before a number.

    `leading` are the small words that stand before what is to stop, and before a number.
    """

    phrases: frozenset[str]
    lean: Mapping[str, str]
    articles: frozenset[str]
    followers: frozenset[str]
    before: frozenset[str]
    polite: frozenset[str]
    only_stop: frozenset[str]
    beside_names: frozenset[str]
    introductions: frozenset[str]
    before_numbers: frozenset[str]
    leading: frozenset[str]
    longest: int  # words of a phrase
    spelt: tuple[frozenset[str], ...]  # the letters of each phrase, the fewest first
    long: tuple[str, ...]  # phrases of one long word
    may_tell: Callable[[str], bool]  # whether one word may be that of a phrase

    def may_be_in(self, words: tuple[str, ...]) -> bool:
        """Whether some of `words`, in this order and without numbers, may be a phrase of stopping."""
        if any(map(self.may_tell, words)):
            return True
        letters = {word for word in words if len(word) == 1}
        return len(letters) >= len(self.spelt[0]) and any(map(letters.issuperset, self.spelt))  # "s t o p"

    def phrase_in(self, text: str, words: tuple[str, ...], means: Callable[[str], float]) -> str:
        """The phrase of stopping that `text` is, whose words are `words`; empty if it says anything else.

        `means` tells how surely a word is one that the line knows: TO_THE_LETTER, less if misspelt, 0 if it is none.
        """
        if len(words) > 2 * LONGEST_STOP:
            return self._stop_alone(tuple(dict.fromkeys(words)))  # "stop stop stop ..."
        if not _DIGIT.search("".join(words)) and not self.may_be_in(words):
            return ""
        rest, numbers = take_numbers(words, self.before_numbers, self.phrases)
        if not self.may_be_in(rest):
            return ""
        return self._stop_beside(rest, numbers) or self._signed(text, rest, numbers, means)

    def plain_phrase(self, words: tuple[str, ...]) -> str:
        """The phrase of stopping that `words` are, if it can mean nothing else; politeness around it aside."""
        plainly = self._only_stops(words) or len(self._telling(words)) > 1
        return self._stop_alone(words) if plainly else ""

    def _stop_beside(self, rest: tuple[str, ...], numbers: Sequence[SentNumber]) -> str:
        """The phrase of stopping that `rest` is, if it means the same beside `numbers`."""
        phrase = self._stop_alone(rest)
        plainly = self._only_stops(rest) or len(self._telling(rest)) > 1
        return phrase if all(number.is_borne(plainly, self.articles) for number in numbers) else ""

    def _stop_alone(self, words: tuple[str, ...]) -> str:
        """The phrase of stopping that `words` are, alone or among politeness and other words of stopping."""
        if len(words) > LONGEST_STOP:
            words = tuple(dict.fromkeys(words))
        if not words or len(words) > LONGEST_STOP:
            return ""
        if all(len(word) == 1 for word in words) and "".join(words) in self.phrases:
            return "".join(words)
        if " ".join(words) in self.phrases:
            return " ".join(words)
        nearly = self._nearly_stop(words[0]) if len(words) == 1 else ""
        return self.lean.get(_lean(words, self.articles)) or nearly or self._stop_among(words)

    def _stop_among(self, words: tuple[str, ...]) -> str:
        said = [squeezed(word) for word in words]
        at, found = 0, ""
        while at < len(words):
            for end in range(min(len(words), at + self.longest), at, -1):
                phrase = " ".join(words[at:end])
                if phrase in self.phrases:
                    found = found or phrase
                    break
                if end == at + 1 and len(said[at]) >= 4 and said[at] in self.phrases:
                    found = found or said[at]
                    break
                if phrase in (self.followers if found else self.before):
                    break
            else:
                return ""
            at = end
        return found

    def _nearly_stop(self, word: str) -> str:
        return _nearest(word, self.long)

    def _signed(
        self, text: str, rest: tuple[str, ...], numbers: Sequence[SentNumber], means: Callable[[str], float]
    ) -> str:
        """The phrase of stopping that `rest` begins with, if nothing but names follows: "STOP Jean Dupont"."""
        start = next((at for at, word in enumerate(rest) if word not in self.polite), len(rest))
        if not self._only_stops(rest[start : start + 1]) or not all(each.is_borne(True, ()) for each in numbers):
            return ""
        has_phone = any(number.is_phone for number in numbers)
        is_signed = self._are_names(rest[start + 1 :], written_as_names(text), has_phone, means)
        return self._stop_alone(rest[: start + 1]) if is_signed else ""

    def _are_names(
        self, words: tuple[str, ...], as_names: Collection[str], has_phone: bool, means: Callable[[str], float]
    ) -> bool:
        """Whether `words` are names, with politeness around them. `as_names` are those that are written as names.

        A word that only looks like one that the line knows ("Martin", "matin") is a name if it is written as one, or
        beside the sender's phone number. Behind "je suis" each must be written so: "je suis saoulé" is no name.
        """
        names, introduced, at = 0, False, 0
        while at < len(words):
            introduction = 0 if names else self._introduction(words[at:])
            if introduction:
                introduced, at = True, at + introduction
                continue
            word, written_so = words[at], words[at] in as_names
            if len(word) >= SHORTEST_NAME and word.isalpha():
                meaning = means(word)
                is_name = (not meaning and not introduced) or (meaning < TO_THE_LETTER and (has_phone or written_so))
            else:
                is_name = False
            if is_name:
                names += 1
            elif word not in (self.followers if names else self.beside_names) and not (len(word) == 1 and written_so):
                return False
            at += 1
        return 0 < names <= MOST_NAMES

    def _introduction(self, words: tuple[str, ...]) -> int:
        """How many of the first words tell that a name follows: "je suis", "my name is"."""
        return max((end for end in range(1, 5) if " ".join(words[:end]) in self.introductions), default=0)

    def _only_stops(self, words: tuple[str, ...]) -> bool:
        return any(word in self.only_stop or squeezed(word) in self.only_stop for word in words)

    def _telling(self, words: tuple[str, ...]) -> list[str]:
        return [word for word in words if word not in self.polite and word not in self.articles]


def stopping_of(
    languages: Sequence[Language], everywhere: Mapping[str, tuple[str, ...]], courtesies: Collection[str]
) -> Stopping:
    """The words of stopping of every language together. `courtesies` are words of yes, no and thanks."""
    of_languages = [entry for each in languages for entry in each.commands[STOP]]
    phrases = frozenset(phrases_in([*everywhere.get(STOP, ()), *of_languages]))
    polite = words_in(one for each in languages for one in each.word_lists["polite"])
    articles = words_in(one for each in languages for one in each.word_lists["articles"])
    followers = polite.union(phrases_in(one for each in languages for one in each.stop_followers))
    small = words_in(one for each in languages for one in each.small_words)
    before_numbers = words_in(everywhere.get(BEFORE_NUMBERS, ()))
    lean = {_lean(tuple(phrase.split()), articles): phrase for phrase in sorted(phrases, reverse=True)}
    common = small | articles | polite
    telling = {max(each.split(), key=lambda word: (word not in common, len(word))) for each in (*phrases, *lean)}
    long = tuple(phrase for phrase in phrases if " " not in phrase and len(phrase) >= LONG_STOP)

    @lru_cache(maxsize=8192)
    def may_tell(word: str) -> bool:
        return not telling.isdisjoint((word, word.removesuffix("s"), squeezed(word))) or bool(_nearest(word, long))

    return Stopping(
        phrases,
        lean,
        articles,
        followers,
        polite.union(courtesies, (phrase for phrase in followers if " " in phrase)),
        polite,
        words_in(everywhere.get(ONLY_STOP, ())),
        polite | (followers - small - articles),
        frozenset(phrases_in(everywhere.get(INTRODUCTIONS, ()))),
        before_numbers,
        before_numbers | articles,
        max((len(phrase.split()) for phrase in phrases), default=1),
        tuple(sorted({frozenset(phrase) for phrase in (*phrases, STOP)}, key=len)),
        long,
        may_tell,
    )


def _nearest(word: str, long: Sequence[str]) -> str:
    """The long word of stopping that `word` is, with one slip in it."""
    if len(word) < LONG_STOP:
        return ""
    return min((phrase for phrase in long if OSA.distance(word, phrase, score_cutoff=1) <= 1), default="")
