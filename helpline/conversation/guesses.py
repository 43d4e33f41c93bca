"""What a written word may mean: itself, another form of it, the same sound, a slip of the finger."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

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
        self._by_half: dict[tuple[int, str], list[str]] = {}  # the first half of a length, the last of one below 0
        for word in words:
            if len(word) >= 4:
                for letter in set(word[:2]):
                    self._by_length.setdefault((len(word), letter), []).append(word)
                length, half = len(word), len(word) // 2
                self._by_half.setdefault((length, word[:half]), []).append(word)
                self._by_half.setdefault((-length, word[half + 1 :]), []).append(word)
        self._near = lru_cache(maxsize=4096)(self._candidates)

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
        once = self._one_slip_away(word)
        if once:
            return tuple(Guess(candidate, ONE_SLIP) for candidate in once[:MOST_GUESSES])
        if allowed < 2:
            return ()
        near = self._near(len(word), word[:2])
        found = process.extract(word, near, scorer=OSA.distance, score_cutoff=2, limit=MOST_GUESSES)
        return tuple(Guess(candidate, TWO_SLIPS) for candidate, _, _ in found if len(candidate) >= 8)

    def _one_slip_away(self, word: str) -> list[str]:
        """The words that one slip makes of `word`: it leaves their first half or their last half as it is."""
        size = len(word)
        found: set[str] = set()
        for length in (size - 1, size, size + 1):
            first, last = length // 2, (length - 1) // 2
            found.update(self._by_half.get((length, word[:first]), ()))
            found.update(self._by_half.get((-length, word[size - last :]), ()))
        near = [each for each in found if OSA.distance(word, each, score_cutoff=1) == 1 and _begins_alike(word, each)]
        return sorted(near, key=lambda each: (len(each), word[0] not in each[:2], each))

    def _candidates(self, size: int, beginning: str) -> tuple[str, ...]:
        """The words that may be near one of this length, the first two letters of which are `beginning`."""
        lengths = range(size - 2, size + 3)
        near = (self._by_length.get((length, letter), ()) for length in lengths for letter in beginning)
        return tuple(dict.fromkeys(chain.from_iterable(near)))


def _grouped(words: Iterable[str], key: Callable[[str], str]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for word in words:
        groups.setdefault(key(word), []).append(word)
    return groups


def _begins_alike(word: str, other: str) -> bool:
    return word[0] in other[:2] or word[1] in other[:2]


def _without_elision(word: str) -> str:
    """ "lactualisation" without its "l", "quinscription" without its "qu"; empty where nothing is stuck on."""
    if word.startswith("qu") and len(word) > 5:
        return word[2:]
    return word[1:] if len(word) > 4 and word[0] in "ldjmsntc" else ""


def _weaker(guesses: tuple[Guess, ...], factor: float) -> tuple[Guess, ...]:
    return tuple(Guess(guess.word, guess.likeness * factor) for guess in guesses)
