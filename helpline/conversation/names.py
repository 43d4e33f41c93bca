"""Keywords to the letter: a text that is one names its place for certain, and nothing needs to be weighed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from helpline.conversation.tongue import LONG_TEXT, Tongue

FIRST_WORDS, LAST_WORDS = 40, 15  # as much of a long text is read
FIRST_OF_MANY, LAST_OF_MANY = 25, 10  # and of a very long one
LONGEST_KEYWORD = 8  # words that are looked for inside a longer text
SHORTEST_JOINED = 6  # letters of a keyword that is also heard without its blanks


@dataclass(frozen=True, slots=True)
class Names:
    """The nodes of one language by their keywords: as they are read, without blanks, and without filler words."""

    tongue: Tongue
    whole: Mapping[tuple[str, ...], str]
    joined: Mapping[str, str]
    lean: Mapping[tuple[str, ...], str]
    around: frozenset[str]  # what may stand around a keyword

    def node_of(self, words: tuple[str, ...]) -> str:
        """The node of which `words` are a keyword, politeness and slips aside; empty if of none."""
        return self.node_read(self.tongue.read(ends_of(words)))

    def node_read(self, read: tuple[str, ...]) -> str:
        """The same of words as the tongue reads them, the middle of a very long text left out."""
        node = self._node_called(read)
        if node:
            return node
        if self.tongue.vocabulary.issuperset(read):
            return ""
        meant = tuple(map(self._meant, read))
        return self._node_called(meant) if meant != read else ""

    def _node_called(self, said: tuple[str, ...]) -> str:
        bare = _bare(said, self.around)
        node = self.whole.get(said) or self.whole.get(bare) or self.joined.get(_one_word(bare))
        return node or self.lean.get(self._without_filler(said), "")

    def keyword_in(self, words: tuple[str, ...], node: str) -> str:
        """The longest keyword of a node that stands in `words`, slips aside; empty if none does."""
        read = self.tongue.read(ends_of(words))
        for said in (read, tuple(self._meant(word) for word in read)):
            for size in range(min(len(said), LONGEST_KEYWORD), 0, -1):
                for at in range(len(said) - size + 1):
                    if self.whole.get(said[at : at + size]) == node:
                        return " ".join(said[at : at + size]).replace("_", " ")
        return ""

    def hold(self, words: tuple[str, ...]) -> bool:
        """Whether `words` are a keyword without any politeness or slip."""
        return self.tongue.read(words) in self.whole

    def _meant(self, word: str) -> str:
        """The word of the vocabulary that a written one can only mean."""
        guesses = self.tongue.guesses(word)
        return guesses[0].word if len(guesses) == 1 else word

    def _without_filler(self, words: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(word for word in words if word not in self.tongue.filler)


def names_of(tongue: Tongue, keywords: Iterable[tuple[str, tuple[str, ...]]]) -> Names:
    """The names that keywords (node id, words as `tongue` reads them) give; of two nodes with one the first counts."""
    whole: dict[tuple[str, ...], str] = {}
    for node_id, words in keywords:
        whole.setdefault(words, node_id)
    joined = {_one_word(words): node_id for words, node_id in whole.items() if _one_word(words)}
    return Names(tongue, whole, joined, _lean(whole, tongue.filler), tongue.polite | tongue.filler)


def ends_of(words: tuple[str, ...]) -> tuple[str, ...]:
    """The beginning and the end of a very long text, where people say what they want."""
    if len(words) <= FIRST_WORDS + LAST_WORDS:
        return words
    if len(words) <= LONG_TEXT:
        return words[:FIRST_WORDS] + words[-LAST_WORDS:]
    return words[:FIRST_OF_MANY] + words[-LAST_OF_MANY:]


def _lean(whole: Mapping[tuple[str, ...], str], filler: frozenset[str]) -> dict[tuple[str, ...], str]:
    """The keywords without their filler words, where those still mean one node only."""
    found: dict[tuple[str, ...], set[str]] = {}
    for words, node_id in whole.items():
        found.setdefault(tuple(word for word in words if word not in filler), set()).add(node_id)
    return {words: next(iter(nodes)) for words, nodes in found.items() if words and len(nodes) == 1}


def _one_word(words: tuple[str, ...]) -> str:
    """`words` written without blanks, if that is long enough to mean only one thing."""
    joined = "".join(words).replace("_", "")
    return joined if len(joined) >= SHORTEST_JOINED else ""


def _bare(words: tuple[str, ...], polite: frozenset[str]) -> tuple[str, ...]:
    """`words` without the politeness around them."""
    first, end = 0, len(words)
    while first < end and words[first] in polite:
        first += 1
    while end > first and words[end - 1] in polite:
        end -= 1
    return words[first:end]
