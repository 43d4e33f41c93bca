"""Words that STOP, PAS MOI and EFFACER need: a text without any of them is none, which is told at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from helpline.conversation.commands import SHORTEST_MISSPELT, Commands, near_phrase
from helpline.conversation.normalise import squeezed
from helpline.conversation.tongue import Tongue

ENDING = frozenset({"not_me", "erase"})


@dataclass(frozen=True, slots=True)
class Endings:
    """Of each phrase one word: `telling` of those that end something. `slips` are those of one long word, by length."""

    commands: Commands
    telling: frozenset[str]
    slips: dict[int, tuple[str, ...]]

    def may_be_in(self, words: tuple[str, ...]) -> bool:
        """Whether some of `words` may end something: stop reminders, erase what is kept, say "not me"."""
        return self.commands.stopping.may_be_in(words) or any(map(self._may_tell, words))

    def _may_tell(self, word: str) -> bool:
        if word in self.telling or squeezed(word) in self.telling:
            return True
        return len(word) >= SHORTEST_MISSPELT and near_phrase(word, self.slips.get(len(word), ())) != ""


def endings_of(commands: Commands, tongues: Iterable[Tongue]) -> Endings:
    """The words of what ends something, in a hurry too: "pa mwa"."""
    phrases = [phrase for phrase, named in commands.phrases.items() if named.name in ENDING]
    telling = {max(phrase.split(), key=len) for phrase in phrases}
    telling |= set(map(squeezed, telling))
    for tongue in tongues:
        for written, meant in tongue.spelling.items():
            if not telling.isdisjoint(meant) or not telling.isdisjoint(map(squeezed, meant)):
                telling |= set(written.split())
    slips = {
        length: tuple(phrase for phrase in near if commands.phrases[phrase].name in ENDING)
        for length, near in commands.slips.items()
    }
    return Endings(commands, frozenset(telling), slips)
