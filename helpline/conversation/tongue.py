"""The words of one language, ready to be recognised in what people write in a hurry."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from helpline.conversation.normalise import squeezed, words_of
from helpline.conversation.sounds import sound_of
from helpline.menus.shapes import Language

LONGEST_UNIT = 5  # words
BY_EAR = 40  # words of a very long text in which terms written by ear are looked for
SHORTEST_STEM = 4


@dataclass(frozen=True, slots=True)
class Guess:
    """A word of the vocabulary that a written word may mean, and how likely."""

    word: str
    likeness: float


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
        return self._join(self._write_out(words))

    def says_nothing(self, words: Iterable[str]) -> bool:
        """Whether `words` are filler and small words only."""
        return all(word in self.filler or word in self.small for word in words)

    def _write_out(self, words: tuple[str, ...]) -> tuple[str, ...]:
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
    filler = frozenset(word for entry in language.filler for word in words_of(entry))
    small = frozenset(word for entry in language.small_words for word in words_of(entry))
    polite = frozenset(word for entry in language.commands.get("polite", ()) for word in words_of(entry))
    spelling: dict[str, tuple[str, ...]] = {}
    for written, meant in language.spelling.items():
        for one in written.split(","):
            if words_of(one):
                spelling[" ".join(words_of(one))] = words_of(meant)
    units = dict(_units(language, filler))
    heard_units = {sound_of(joined): unit for joined, unit in units.items() if len(joined) > 6}
    unit_lengths = _lengths(units)
    endings = sorted({word for entry in language.commands.get("endings", ()) for word in words_of(entry)}, key=len)
    families: dict[str, str] = {}
    for entry in language.commands.get("related", ()):
        members = ["_".join(words_of(part)) for part in entry.split()]
        families |= {member: f"~{members[0]}" for member in members if member}

    @lru_cache(maxsize=20000)
    def root(word: str) -> str:
        known = families.get(word)
        if known:
            return known
        for ending in reversed(endings):
            if word.endswith(ending) and len(word) - len(ending) >= SHORTEST_STEM:
                stem = word[: -len(ending)]
                return families.get(stem, stem)
        return word

    draft = Tongue(
        language.code,
        filler,
        small,
        polite,
        spelling,
        units,
        heard_units,
        unit_lengths,
        root,
        lambda word: (),
        frozenset(filler | small),
    )
    vocabulary = {word for phrase in phrases for word in draft.read(phrase)} | set(families)
    vocabulary -= {word for word in vocabulary if len(word) < 2}
    finder = _finder(vocabulary, filler | small | known, root)
    return Tongue(
        language.code,
        filler,
        small,
        polite,
        spelling,
        units,
        heard_units,
        unit_lengths,
        root,
        finder,
        frozenset(vocabulary | filler | small),
    )


def _units(language: Language, filler: frozenset[str]) -> Iterable[tuple[str, str]]:
    """Every way to join the words of each unit: with and without the small words between them."""
    for entry in language.commands.get("units", ()):
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


def _finder(
    vocabulary: set[str], known: frozenset[str], root: Callable[[str], str]
) -> Callable[[str], tuple[Guess, ...]]:
    """A function from a written word to the words of the vocabulary that it may be."""
    sounds: dict[str, set[str]] = {}
    lean: dict[str, set[str]] = {}
    roots: dict[str, set[str]] = {}
    pools: dict[tuple[int, str], list[str]] = {}
    for word in sorted(vocabulary):
        sounds.setdefault(sound_of(word), set()).add(word)
        lean.setdefault(squeezed(word), set()).add(word)
        roots.setdefault(root(word), set()).add(word)
        if len(word) >= 4:
            for letter in set(word[:2]):
                pools.setdefault((len(word), letter), []).append(word)

    def close(word: str) -> tuple[Guess, ...]:
        allowed = 2 if len(word) >= 8 else 1 if len(word) >= 5 else 0
        if not allowed:
            return ()
        near = {
            candidate: None
            for length in range(len(word) - allowed, len(word) + allowed + 1)
            for letter in dict.fromkeys(word[:2])
            for candidate in pools.get((length, letter), ())
        }
        found = process.extract(word, near.keys(), scorer=OSA.distance, score_cutoff=allowed, limit=4)
        if not found:
            return ()
        best = min(distance for _, distance, _ in found)
        return tuple(
            Guess(candidate, 0.92 - 0.1 * distance)
            for candidate, distance, _ in found
            if distance == best and (distance < 2 or len(candidate) >= 8)
        )

    def alone(word: str) -> tuple[Guess, ...]:
        if word in vocabulary:
            return (Guess(word, 1.0),)
        if word in known:
            return ()
        if len(word) >= 4:
            if word in roots or root(word) in roots:
                return tuple(Guess(other, 0.95) for other in sorted(roots.get(word, roots.get(root(word), set()))))[:4]
            if squeezed(word) in lean:
                return tuple(Guess(other, 0.95) for other in sorted(lean[squeezed(word)]))[:4]
        if len(word) >= 3 and len(sound_of(word)) >= 3 and sound_of(word) in sounds:
            return tuple(Guess(other, 0.88) for other in sorted(sounds[sound_of(word)]))[:4]
        return ()

    @lru_cache(maxsize=20000)
    def guesses(word: str) -> tuple[Guess, ...]:
        word = word[:40]
        found = alone(word)
        if found or word in known:
            return found
        if word.startswith("qu") and len(word) > 5:
            rest = word[2:]
        else:
            rest = word[1:] if len(word) > 4 and word[0] in "ldjmsntc" else ""
        if rest:
            found = tuple(Guess(guess.word, guess.likeness * 0.97) for guess in alone(rest))
            if found:
                return found
        found = close(word)
        if found:
            return found
        return tuple(Guess(guess.word, guess.likeness * 0.95) for guess in close(rest))

    return guesses
