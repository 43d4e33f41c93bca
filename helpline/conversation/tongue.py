"""The words of one language, ready to be recognised in what people write in a hurry."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from helpline.conversation.guesses import Guess, guesses_among
from helpline.conversation.normalise import squeezed, words_in, words_of
from helpline.conversation.sounds import sound_of
from helpline.menus.shapes import Language

LONGEST_UNIT, LONGEST_SPELLING = 5, 3  # words
LONG_TEXT = 100  # words; whoever writes more asks for no one place, and is heard with less patience
BY_EAR = 40  # words in which terms written by ear are looked for, if the text is not longer than that
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
    spelling_lengths: Mapping[str, int]
    units: Mapping[str, str]
    heard_units: Mapping[str, str]
    unit_lengths: Mapping[str, tuple[int, int]]
    unit_beginnings: frozenset[str]
    related: frozenset[str]
    root: Callable[[str], str]
    guesses: Callable[[str], tuple[Guess, ...]]
    roots: Callable[[str], frozenset[str]]  # of a word and of what it may mean
    vocabulary: frozenset[str]

    def read(self, words: tuple[str, ...]) -> tuple[str, ...]:
        """`words` with hurried spellings written out and terms of several words joined."""
        return self._join(self.written_out(words))

    def says_nothing(self, words: Iterable[str]) -> bool:
        """Whether `words` are filler and small words only."""
        return all(word in self.filler or word in self.small for word in words)

    def written_out(self, words: tuple[str, ...]) -> tuple[str, ...]:
        """`words` with hurried spellings written out: "g fait" is "j ai fait"."""
        if self.spelling_lengths.keys().isdisjoint(words) and (
            self.vocabulary.issuperset(words) or not any(map(self._is_misspelt, words))
        ):
            return words
        read: list[str] = []
        at = 0
        while at < len(words):
            word = words[at]
            for end in range(min(len(words), at + self.spelling_lengths.get(word, 0)), at, -1):
                meant = self.spelling.get(" ".join(words[at:end]))
                if meant is not None:
                    read += meant
                    at = end
                    break
            else:
                short = self.spelling.get(squeezed(word)) if word not in self.vocabulary else None
                if short:
                    read += short
                else:
                    read.append(word)
                at += 1
        return tuple(read)

    def knowing(self, phrases: Iterable[tuple[str, ...]], known: frozenset[str] = frozenset()) -> Tongue:
        """The same language with the words of `phrases` as its vocabulary.

        `known` are words that are spelt as they should be: they are never taken for a misspelling.
        """
        base = self.filler | self.small
        reader = replace(self, vocabulary=base)
        words = {word for phrase in phrases for word in reader.read(phrase)} | self.related
        vocabulary = frozenset(word for word in words if len(word) > 1)
        guesses, root = guesses_among(vocabulary, base | known, self.root), self.root

        @lru_cache(maxsize=20000)
        def roots(word: str) -> frozenset[str]:
            return frozenset({root(word)} | {root(guess.word) for guess in guesses(word)})

        return replace(reader, guesses=guesses, roots=roots, vocabulary=vocabulary | base)

    def _is_misspelt(self, word: str) -> bool:
        return word not in self.vocabulary and squeezed(word) in self.spelling

    def _join(self, words: tuple[str, ...]) -> tuple[str, ...]:
        if self.unit_beginnings.isdisjoint(words) and self.vocabulary.issuperset(words):
            return words
        read: list[str] = []
        at, most = 0, BY_EAR if len(words) <= LONG_TEXT else 0
        while at < len(words):
            by_ear = at < most and not self.vocabulary.issuperset(words[at : at + LONGEST_UNIT])
            if by_ear and words[at][0] in self.unit_lengths:
                unit, end = self._unit_by_ear(words, at)
            elif words[at] in self.unit_beginnings:
                unit, end = self._unit_written(words, at)
            else:
                unit, end = "", at + 1
            read.append(unit or words[at])
            at = end
        return tuple(read)

    def _unit_written(self, words: tuple[str, ...], at: int) -> tuple[str, int]:
        """The longest unit that begins at a word and is spelt as it should be, and where the next word stands."""
        shortest, _ = self.unit_lengths[words[at][0]]
        found, joined = ("", at + 1), ""
        for end in range(at, min(len(words), at + LONGEST_UNIT)):
            joined += words[end]
            if joined not in self.unit_beginnings:
                break
            if len(joined) >= shortest and joined in self.units:
                found = self.units[joined], end + 1
        return found

    def _unit_by_ear(self, words: tuple[str, ...], at: int) -> tuple[str, int]:
        """The longest unit that begins at a word, slips or not, and where the next word stands."""
        shortest, longest = self.unit_lengths[words[at][0]]
        end = min(len(words), at + LONGEST_UNIT)
        size = sum(map(len, words[at:end]))
        while size >= shortest and end > at:
            unit = self._unit(words[at:end]) if size <= longest else ""
            if unit:
                return unit, end
            end -= 1
            size -= len(words[end])
        return "", at + 1

    def _unit(self, words: tuple[str, ...]) -> str:
        joined = "".join(words)
        unit = self.units.get(joined, "")
        if unit or (len(words) == 1 and joined in self.vocabulary):
            return unit
        if len(words) > 1 and self.vocabulary.issuperset(words):
            return ""
        return self.heard_units.get(sound_of(joined), "")


def tongue_of(language: Language) -> Tongue:
    """The tongue of `language` before it knows what its words are about: its vocabulary is small words only."""
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

    any_ending = tuple(endings)

    @lru_cache(maxsize=20000)
    def root(word: str) -> str:
        known = families.get(word)
        if known or not word.endswith(any_ending):
            return known or word
        for ending in endings:
            if word.endswith(ending) and len(word) - len(ending) >= SHORTEST_STEM:
                stem = word[: -len(ending)]
                return families.get(stem, stem)
        return word

    return Tongue(
        code=language.code,
        filler=filler,
        small=small,
        polite=polite,
        spelling=spelling,
        spelling_lengths=_most_words(spelling),
        units=units,
        heard_units={sound_of(joined): unit for joined, unit in units.items() if len(joined) > 6},
        unit_lengths=_lengths(units),
        unit_beginnings=frozenset(unit[:end] for unit in units for end in range(1, len(unit) + 1)),
        related=frozenset(families),
        root=root,
        guesses=lambda word: (),
        roots=lambda word: frozenset({root(word)}),
        vocabulary=filler | small,
    )


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


def _most_words(spelling: Iterable[str]) -> dict[str, int]:
    """For each first word of a hurried spelling how many words it has at most."""
    most: dict[str, int] = {}
    for written in spelling:
        words = written.split()
        most[words[0]] = max(min(len(words), LONGEST_SPELLING), most.get(words[0], 0))
    return most


def _lengths(units: Iterable[str]) -> dict[str, tuple[int, int]]:
    """For each first letter how short and how long a run of words may be to be a unit, with a slip or two in it."""
    lengths: dict[str, tuple[int, int]] = {}
    for joined in units:
        shortest, longest = lengths.get(joined[0], (len(joined), 0))
        lengths[joined[0]] = (min(shortest, max(5, len(joined) - 3)), max(longest, len(joined) + 3))
    return lengths
