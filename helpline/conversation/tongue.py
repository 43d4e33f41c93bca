"""The words of one language, ready to be recognised in what people write in a hurry."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from helpline.conversation.guesses import Guess, guesses_among
from helpline.conversation.normalise import squeezed, words_in, words_of
from helpline.conversation.sounds import sound_of
from helpline.menus.shapes import Language

LONGEST_UNIT = 5  # words
BY_EAR = 40  # words of a very long text in which terms written by ear are looked for
SHORTEST_STEM = 4


@dataclass(frozen=True, slots=True)
class Tongue:
    """One language: `spelling` and `units` rewrite runs of words, `guesses` finds what one word means.

    A unit is a term of several words that means one thing: "mot de passe" is read as `mot_de_passe`.
    """

    code: str
    filler: frozenset[str]
    small: frozenset[str]
    polite: frozenset[str]
    spelling: Mapping[str, tuple[str, ...]]
    units: Mapping[str, str]
    heard_units: Mapping[str, str]
    unit_lengths: Mapping[str, tuple[int, int]]
    root: Callable[[str], str]
    guesses: Callable[[str], tuple[Guess, ...]]
    vocabulary: frozenset[str]

    def read(self, words: tuple[str, ...]) -> tuple[str, ...]:
        """`words` with hurried spellings written out and terms of several words joined."""
        return self._join(self.written_out(words))

    def says_nothing(self, words: Iterable[str]) -> bool:
        """Whether `words` are filler and small words only."""
        return all(word in self.filler or word in self.small for word in words)

    def written_out(self, words: tuple[str, ...]) -> tuple[str, ...]:
        """`words` with hurried spellings written out: "g fait" is "j ai fait"."""
        read: list[str] = []
        at = 0
        while at < len(words):
            for end in range(min(len(words), at + 3), at, -1):
                meant = self.spelling.get(" ".join(words[at:end]))
                if meant is not None:
                    read += meant
                    at = end
                    break
            else:
                short = self.spelling.get(squeezed(words[at])) if words[at] not in self.vocabulary else None
                read += short or (words[at],)
                at += 1
        return tuple(read)

    def _join(self, words: tuple[str, ...]) -> tuple[str, ...]:
        read: list[str] = []
        at = 0
        while at < len(words):
            shortest, longest = self.unit_lengths.get(words[at][0], (0, 0))
            for end in range(min(len(words), at + LONGEST_UNIT) if longest else at, at, -1):
                unit = self._unit(words[at:end], shortest, longest, at < BY_EAR)
                if unit:
                    read.append(unit)
                    at = end
                    break
            else:
                read.append(words[at])
                at += 1
        return tuple(read)

    def _unit(self, words: tuple[str, ...], shortest: int, longest: int, by_ear: bool) -> str:
        joined = "".join(words)
        if not shortest <= len(joined) <= longest:
            return ""
        unit = self.units.get(joined, "")
        if unit or not by_ear or (len(words) == 1 and joined in self.vocabulary):
            return unit
        if all(word in self.vocabulary for word in words) and len(words) > 1:
            return ""
        return self.heard_units.get(sound_of(joined), "")


def tongue_of(language: Language, phrases: Iterable[tuple[str, ...]], known: frozenset[str] = frozenset()) -> Tongue:
    """The tongue of `language`, whose vocabulary is the words of `phrases`.

    `known` are words that are spelt as they should be: they are never taken for a misspelling.
    """
    filler, small = words_in(language.filler), words_in(language.small_words)
    polite = words_in(language.word_lists["polite"])
    spelling: dict[str, tuple[str, ...]] = {}
    for written, meant in language.spelling.items():
        for one in written.split(","):
            if words_of(one):
                spelling[" ".join(words_of(one))] = words_of(meant)
    units = dict(_units(language, filler))
    endings = sorted(words_in(language.word_lists["endings"]), key=len, reverse=True)
    families: dict[str, str] = {}
    for entry in language.word_lists["related"]:
        members = ["_".join(words_of(part)) for part in entry.split()]
        families |= {member: f"~{members[0]}" for member in members if member}

    @lru_cache(maxsize=20000)
    def root(word: str) -> str:
        known = families.get(word)
        if known:
            return known
        for ending in endings:
            if word.endswith(ending) and len(word) - len(ending) >= SHORTEST_STEM:
                stem = word[: -len(ending)]
                return families.get(stem, stem)
        return word

    reader = Tongue(
        code=language.code,
        filler=filler,
        small=small,
        polite=polite,
        spelling=spelling,
        units=units,
        heard_units={sound_of(joined): unit for joined, unit in units.items() if len(joined) > 6},
        unit_lengths=_lengths(units),
        root=root,
        guesses=lambda word: (),
        vocabulary=filler | small,
    )
    words = {word for phrase in phrases for word in reader.read(phrase)} | families.keys()
    vocabulary = frozenset(word for word in words if len(word) > 1)
    guesses = guesses_among(vocabulary, filler | small | known, root)
    return replace(reader, guesses=guesses, vocabulary=vocabulary | filler | small)


def _units(language: Language, filler: frozenset[str]) -> Iterable[tuple[str, str]]:
    """Every way to join the words of each unit: with and without the small words between them."""
    for entry in language.word_lists["units"]:
        words = words_of(entry)
        unit = "_".join(words)
        yield "".join(words), unit
        lean = [word for word in words if word not in filler]
        if len(lean) > 1:
            yield "".join(lean), unit
            yield "".join(word + "s" for word in lean), unit


def _lengths(units: Iterable[str]) -> dict[str, tuple[int, int]]:
    """For each first letter how short and how long a run of words may be to be a unit, with a slip or two in it."""
    lengths: dict[str, tuple[int, int]] = {}
    for joined in units:
        shortest, longest = lengths.get(joined[0], (len(joined), 0))
        lengths[joined[0]] = (min(shortest, max(5, len(joined) - 3)), max(longest, len(joined) + 3))
    return lengths
