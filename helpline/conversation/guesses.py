"""What a written word may mean: itself, another form of it, the same sound, a slip of the finger."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from helpline.conversation.normalise import squeezed
from helpline.conversation.sounds import sound_of

SAME_FORM, SAME_SOUND, ONE_SLIP, TWO_SLIPS = 0.95, 0.88, 0.82, 0.72  # how likely each kind of guess is
STUCK_ON = 0.97  # what it loses where "l'" or "qu'" was written without its apostrophe
SLIP_TOO = 0.95  # what it loses more where the rest has a slip as well
MOST_GUESSES = 4
LONGEST_WORD = 40  # letters that are looked at


@dataclass(frozen=True, slots=True)
class Guess:
    """A word of the vocabulary that a written word may mean, and how likely."""

    word: str
    likeness: float


def guesses_among(
    vocabulary: frozenset[str], known: frozenset[str], root: Callable[[str], str]
) -> Callable[[str], tuple[Guess, ...]]:
    """A function from a written word to the words of `vocabulary` that it may mean.

    `known` are words that are spelt as they should be: they are guessed only as themselves.
    """
    guesser = _Guesser(vocabulary, known, root)
    return lru_cache(maxsize=20000)(guesser.guesses)


class _Guesser:
    """The words of a vocabulary by their sound, their root and their letters."""

    def __init__(self, vocabulary: frozenset[str], known: frozenset[str], root: Callable[[str], str]) -> None:
        self._vocabulary, self._known, self._root = vocabulary, known, root
        words = sorted(vocabulary)
        self._by_sound = _grouped(words, sound_of)
        self._by_letters = _grouped(words, squeezed)
        self._by_root = _grouped(words, root)
        self._by_length: dict[tuple[int, str], list[str]] = {}
        for word in words:
            if len(word) >= 4:
                for letter in set(word[:2]):
                    self._by_length.setdefault((len(word), letter), []).append(word)

    def guesses(self, word: str) -> tuple[Guess, ...]:
        """What `word` may mean: what is surest, or nothing."""
        word = word[:LONGEST_WORD]
        found = self._alike(word)
        if found or word in self._known:
            return found
        rest = _without_elision(word)
        return (
            _weaker(self._alike(rest), STUCK_ON) or self._with_slips(word) or _weaker(self._with_slips(rest), SLIP_TOO)
        )

    def _alike(self, word: str) -> tuple[Guess, ...]:
        """The word itself, a form of it, or one that sounds the same."""
        if word in self._vocabulary:
            return (Guess(word, 1.0),)
        if word in self._known:
            return ()
        forms = self._forms(word) if len(word) >= 4 else []
        if forms:
            return tuple(Guess(form, SAME_FORM) for form in forms[:MOST_GUESSES])
        sound = sound_of(word)
        alike = self._by_sound.get(sound, []) if len(word) >= 3 and len(sound) >= 3 else []
        return tuple(Guess(other, SAME_SOUND) for other in alike[:MOST_GUESSES])

    def _forms(self, word: str) -> list[str]:
        """The words of the same root, or else of the same letters but for doubled ones."""
        same_root = self._by_root.get(word) or self._by_root.get(self._root(word))
        return same_root or self._by_letters.get(squeezed(word), [])

    def _with_slips(self, word: str) -> tuple[Guess, ...]:
        """The nearest words: one slip away, or two where the word is long."""
        allowed = 2 if len(word) >= 8 else 1 if len(word) >= 5 else 0
        if not allowed:
            return ()
        near = dict.fromkeys(
            candidate
            for length in range(len(word) - allowed, len(word) + allowed + 1)
            for letter in dict.fromkeys(word[:2])
            for candidate in self._by_length.get((length, letter), ())
        )
        found = process.extract(word, near.keys(), scorer=OSA.distance, score_cutoff=allowed, limit=MOST_GUESSES)
        best = min((distance for _, distance, _ in found), default=0)
        return tuple(
            Guess(candidate, ONE_SLIP if distance < 2 else TWO_SLIPS)
            for candidate, distance, _ in found
            if distance == best and (distance < 2 or len(candidate) >= 8)
        )


def _grouped(words: Iterable[str], key: Callable[[str], str]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for word in words:
        groups.setdefault(key(word), []).append(word)
    return groups


def _without_elision(word: str) -> str:
    """ "lactualisation" without its "l", "quinscription" without its "qu"; empty where nothing is stuck on."""
    if word.startswith("qu") and len(word) > 5:
        return word[2:]
    return word[1:] if len(word) > 4 and word[0] in "ldjmsntc" else ""


def _weaker(guesses: tuple[Guess, ...], factor: float) -> tuple[Guess, ...]:
    return tuple(Guess(guess.word, guess.likeness * factor) for guess in guesses)
