"""Words that STOP, PAS MOI and EFFACER need: a text without any of them is none, which is told at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache

from helpline.conversation.commands import CAREFUL, SHORTEST_MISSPELT, Commands, near_phrase
from helpline.conversation.normalise import squeezed
from helpline.conversation.tongue import Tongue

ENDING = frozenset({"not_me", "erase"})


@dataclass(frozen=True, slots=True)
class Endings:
    """Words of phrases that end something: `may_tell` is true of what may be the most telling word of one.

    `may_be_careful` is true of the same of phrases that are heard to the letter only, as tongues write them out.
    """

    commands: Commands
    may_tell: Callable[[str], bool]
    may_be_careful: Callable[[str], bool]

    def may_be_in(self, words: tuple[str, ...]) -> bool:
        """Whether some of `words` may end something: stop reminders, erase what is kept, say "not me"."""
        return any(map(self.may_tell, words)) or self.commands.stopping.may_be_in(words)


def endings_of(commands: Commands, tongues: Sequence[Tongue]) -> Endings:
    """The words of what ends something, in a hurry too: "pa mwa"."""
    return Endings(commands, _telling(commands, tongues, ENDING), _telling(commands, tongues, CAREFUL))


def _telling(commands: Commands, tongues: Sequence[Tongue], names: Collection[str]) -> Callable[[str], bool]:
    """Whether a word, perhaps in a hurry or with a slip, is the one word that was chosen of a phrase of `names`."""
    common = commands.polite.union(commands.filler, *(tongue.small for tongue in tongues))

    def most(phrase: str) -> str:
        words = phrase.split()
        return max(reversed(words), key=lambda word: (word not in common, len(word)))

    telling = {most(phrase) for phrase, named in commands.phrases.items() if named.name in names}
    telling |= set(map(squeezed, telling))
    for tongue in tongues:
        for written, meant in tongue.spelling.items():
            if not telling.isdisjoint(meant) or not telling.isdisjoint(map(squeezed, meant)):
                telling.add(most(written))
    slips = {
        length: tuple(phrase for phrase in near if commands.phrases[phrase].name in names)
        for length, near in commands.slips.items()
    }

    @lru_cache(maxsize=8192)
    def may_tell(word: str) -> bool:
        if word in telling or squeezed(word) in telling:
            return True
        return len(word) >= SHORTEST_MISSPELT and near_phrase(word, slips.get(len(word), ())) != ""

    return may_tell
