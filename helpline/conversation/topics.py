"""Which topics a text is about: every keyword phrase is weighed against its words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import log

from helpline.conversation.normalise import words_of
from helpline.conversation.tongue import FUZZY_WORDS, Tongue, tongue_of
from helpline.menus.shapes import Language, Node

OTHER_FORM = 0.94  # a word of the same family, not the same word
LABEL = 0.9  # a label weighs a little less than a keyword
COMPANY = 0.3  # what words beside the best phrase add
LONGER = 0.1  # what each further word adds to a phrase that is wholly there
PART = 0.8  # what a phrase weighs of which a part is there
EXACT = 0.5  # what is added to a phrase that is the whole text
COMMON = 0.25  # the weight of a word that every topic has; a word of one topic only has 1
SMALL = 0.4  # what a small word ("pas", "plus") weighs against another
UNKNOWN_WORD = 0.5  # what a word that no keyword holds weighs against a topic


@dataclass(frozen=True, slots=True)
class Phrase:
    """One keyword of a node: its telling words, each with its root and weight."""

    node: str
    words: tuple[tuple[str, str, float], ...]
    total: float
    worth: float


@dataclass(frozen=True, slots=True)
class Weighed:
    """How strongly a text speaks of each node, by which share it was understood, and which nodes it names wholly."""

    scores: Mapping[str, float]
    explained: float
    named: frozenset[str]


NOTHING = Weighed({}, 0.0, frozenset())


@dataclass(frozen=True, slots=True)
class Topics:
    """The phrases of one language, found by the roots of their words."""

    tongue: Tongue
    phrases: tuple[Phrase, ...]
    by_root: Mapping[str, tuple[int, ...]]
    weights: Mapping[str, float]
    company: Mapping[str, Mapping[str, float]]

    def weigh(self, words: tuple[str, ...]) -> Weighed:
        """How strongly `words` speak of each node."""
        read = self.tongue.read(words)[:FUZZY_WORDS]
        heard, missed = self._heard(read)
        if not heard:
            return NOTHING
        matched: dict[int, float] = {}
        counts: Counter[int] = Counter()
        for root, (word, likeness) in heard.items():
            for number in self.by_root.get(root, ()):
                for own, own_root, weight in self.phrases[number].words:
                    if own_root == root:
                        matched[number] = matched.get(number, 0.0) + weight * likeness * (
                            1.0 if own == word else OTHER_FORM
                        )
                        counts[number] += 1
                        break
        scores: dict[str, float] = {}
        best: dict[str, int] = {}
        said = len(heard) + missed
        for number, found in matched.items():
            phrase = self.phrases[number]
            share = found / phrase.total
            if counts[number] < len(phrase.words):
                score = found * phrase.worth * PART * share
            else:
                score = found * phrase.worth * (1.0 + LONGER * (counts[number] - 1))
                if said == counts[number] and share > 0.999:
                    score += EXACT
            if score > scores.get(phrase.node, 0.0):
                scores[phrase.node] = score
                best[phrase.node] = number
        for node in scores:
            near = self.company[node]
            own_roots = {root for _, root, _ in self.phrases[best[node]].words}
            scores[node] += COMPANY * sum(
                self.weights[root] * likeness * near.get(root, 0.0)
                for root, (_, likeness) in heard.items()
                if root not in own_roots
            )
        explained = sum(self.weights[root] * likeness for root, (_, likeness) in heard.items())
        named = frozenset(node for node, number in best.items() if counts[number] == len(self.phrases[number].words))
        return Weighed(scores, explained / (explained + UNKNOWN_WORD * missed), named)

    def _heard(self, read: tuple[str, ...]) -> tuple[dict[str, tuple[str, float]], int]:
        """The roots that the words may mean, and how many telling words mean nothing to us."""
        heard: dict[str, tuple[str, float]] = {}
        missed = 0
        for word in read:
            guesses = [guess for guess in self.tongue.guesses(word) if self.tongue.root(guess.word) in self.weights]
            if not guesses:
                missed += len(word) > 2 and word not in self.tongue.filler and word not in self.tongue.small
            for guess in guesses:
                root = self.tongue.root(guess.word)
                if guess.likeness > heard.get(root, ("", 0.0))[1]:
                    heard[root] = (guess.word, guess.likeness)
        return heard, missed


def topics_of(language: Language, nodes: Iterable[Node]) -> Topics:
    """The topics of `nodes` as people name them in `language`."""
    named: list[tuple[str, tuple[str, ...], float]] = []
    for node in nodes:
        wording = node.wordings.get(language.code)
        if wording is None or not wording.keywords:
            continue  # An answer, not a place that people ask for.
        named += [(node.id, words_of(keyword), 1.0) for keyword in wording.keywords]
        named.append((node.id, words_of(wording.label), LABEL))
    tongue = tongue_of(language, [words for _, words, _ in named])
    telling: list[tuple[str, tuple[str, ...], float]] = []
    for node_id, words, worth in named:
        read = tongue.read(words)
        kept = tuple(dict.fromkeys(word for word in read if word not in tongue.filler)) or tuple(dict.fromkeys(read))
        if kept:
            telling.append((node_id, kept, worth))
    holders: dict[str, Counter[str]] = {}
    for node_id, words, _ in telling:
        for root in {tongue.root(word) for word in words}:
            holders.setdefault(root, Counter())[node_id] += 1
    count = max(2, len({node_id for node_id, _, _ in telling}))
    weights = {
        root: (COMMON + (1 - COMMON) * log(1 + count / len(nodes_of)) / log(1 + count))
        * (SMALL if root in tongue.small else 1.0)
        for root, nodes_of in holders.items()
    }
    phrases = tuple(_phrase(tongue, weights, *entry) for entry in telling)
    by_root: dict[str, list[int]] = {}
    for number, phrase in enumerate(phrases):
        for root in {root for _, root, _ in phrase.words}:
            by_root.setdefault(root, []).append(number)
    company: dict[str, dict[str, float]] = {}
    for root, nodes_of in holders.items():
        most = max(nodes_of.values())
        for node_id, times in nodes_of.items():
            company.setdefault(node_id, {})[root] = times / most
    return Topics(tongue, phrases, {root: tuple(found) for root, found in by_root.items()}, weights, company)


def _phrase(
    tongue: Tongue, weights: Mapping[str, float], node_id: str, words: tuple[str, ...], worth: float
) -> Phrase:
    parts = tuple((word, tongue.root(word), weights[tongue.root(word)]) for word in words)
    return Phrase(node_id, parts, sum(weight for _, _, weight in parts), worth)
