"""The keywords and labels of one language, weighed once so that a text can be weighed against them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from math import log

from helpline.conversation.names import names_of
from helpline.conversation.normalise import words_in, words_of
from helpline.conversation.tongue import Tongue, tongue_of
from helpline.conversation.topics import OTHER_FORM, Holding, Numbers, Phrase, Topics
from helpline.menus.shapes import Language, Node

KEYWORD, LABEL = 1.0, 0.9  # a label weighs a little less than a keyword
LEAST_WORTH = 0.8  # whatever a phrase loses
SPARE = 0.05  # what a phrase loses for each small word that it holds and that is not compared
COMMON = 0.25  # the weight of a word that every topic has; a word of one topic only has 1
SMALL = 0.4  # what a small word ("pas", "plus") weighs against another
_AS_GOOD = 1e-9  # by which part two scores may differ that are the same but for rounding
NEGATION = 0.8  # the same of a word that says no: "pas payé" is not "payé"


def topics_of(language: Language, nodes: Iterable[Node]) -> Topics:
    """The topics of `nodes` as people name them in `language`."""
    written = list(_written(language, nodes))
    tongue = tongue_of(language).knowing(words for _, words, _ in written)
    read = [(node, tongue.read(words), worth) for node, words, worth in written]
    drafts = list(_drafts(tongue, read))
    claims = _claims(tongue, drafts)
    negations = words_in(language.word_lists["negations"])
    organisations = frozenset(tongue.root("_".join(words_of(entry))) for entry in language.word_lists["organisations"])
    rarity = _rarity(claims, len({draft.node for draft in drafts}))
    small = tongue.small | organisations
    weights = {
        root: rare * (NEGATION if root in negations else SMALL if root in small else 1.0)
        for root, rare in rarity.items()
    }
    small_phrases = _small_phrases(tongue, read)
    phrases = tuple(_phrase(tongue, weights, draft) for draft in drafts)

    @lru_cache(maxsize=20000)
    def meanings(word: str) -> tuple[tuple[str, str, float], ...]:
        rooted = ((tongue.root(guess.word), guess.word, guess.likeness) for guess in tongue.guesses(word))
        return tuple(meaning for meaning in rooted if meaning[0] in weights)

    return Topics(
        tongue=tongue,
        names=names_of(tongue, [(node, words) for node, words, worth in read if worth == KEYWORD]),
        phrases=phrases,
        holding=_holding_in(tongue, phrases, weights),
        meanings=meanings,
        weights=weights,
        company=_company(claims),
        small_phrases=small_phrases,
        small_beginnings=frozenset(words[0] for words in small_phrases),
        negations=negations,
    )


def _written(language: Language, nodes: Iterable[Node]) -> Iterator[tuple[str, tuple[str, ...], float]]:
    """Each keyword and label: its node, its words, and what it is worth."""
    for node in nodes:
        wording = node.wordings.get(language.code)
        if wording is None or not wording.keywords:
            continue  # An answer, not a place that people ask for.
        for keyword in wording.keywords:
            yield node.id, words_of(keyword), KEYWORD
        yield node.id, words_of(wording.label), LABEL


@dataclass(frozen=True, slots=True)
class _Draft:
    """A phrase before its words have weights."""

    node: str
    words: tuple[str, ...]
    worth: float
    full: tuple[str, ...]


def _drafts(tongue: Tongue, phrases: Iterable[tuple[str, tuple[str, ...], float]]) -> Iterator[_Draft]:
    for node, read, worth in phrases:
        kept = tuple(dict.fromkeys(word for word in read if word not in tongue.filler)) or tuple(dict.fromkeys(read))
        spare = sum(1 for word in read if word not in kept and len(word) > 2)
        if kept:
            yield _Draft(node, kept, worth * max(LEAST_WORTH, 1.0 - SPARE * spare), read if spare else ())


def _small_phrases(
    tongue: Tongue, phrases: Iterable[tuple[str, tuple[str, ...], float]]
) -> dict[tuple[str, ...], tuple[str, ...]]:
    """The phrases of two words or more that are small words only, each with its nodes."""
    found: dict[tuple[str, ...], dict[str, None]] = {}
    for node, read, _ in phrases:
        if len(read) > 1 and tongue.says_nothing(read):
            found.setdefault(read, {})[node] = None
    return {words: tuple(nodes) for words, nodes in found.items()}


def _claims(tongue: Tongue, drafts: Iterable[_Draft]) -> dict[str, Counter[str]]:
    """For each root how many phrases of which nodes hold it."""
    claims: dict[str, Counter[str]] = {}
    for draft in drafts:
        for root in {tongue.root(word) for word in draft.words}:
            claims.setdefault(root, Counter())[draft.node] += 1
    return claims


def _rarity(claims: Mapping[str, Counter[str]], nodes: int) -> dict[str, float]:
    """What a root tells about the node: 1 where one node has it, COMMON where all of them do."""
    count = max(2, nodes)
    return {
        root: COMMON + (1 - COMMON) * log(1 + count / len(holding)) / log(1 + count) for root, holding in claims.items()
    }


def _phrase(tongue: Tongue, weights: Mapping[str, float], draft: _Draft) -> Phrase:
    rooted = ((word, tongue.root(word)) for word in draft.words)
    words = tuple((word, root, weights[root]) for word, root in rooted)
    roots = tuple((word, root) for root, word in {root: word for word, root, _ in words}.items())
    return Phrase(draft.node, words, sum(weight for _, _, weight in words), draft.worth, draft.full, roots)


def _holding_in(tongue: Tongue, phrases: Sequence[Phrase], weights: Mapping[str, float]) -> Callable[[str], Holding]:
    """A function from a word of the vocabulary to the phrases that hold its root."""
    holders: dict[str, list[tuple[int, str]]] = {}
    for number, phrase in enumerate(phrases):
        for word, root in phrase.roots:
            holders.setdefault(root, []).append((number, word))

    @cache  # as many as there are words in the vocabulary
    def holding(word: str) -> Holding:
        root = tongue.root(word)
        numbered = [(number, own == word) for number, own in holders[root]]
        beside = [held for held in numbered if len(phrases[held[0]].roots) > 1]
        nodes: dict[str, list[tuple[int, bool]]] = {}
        for held in beside:
            nodes.setdefault(phrases[held[0]].node, []).append(held)
        return Holding(
            weights[root],
            _as_bits(number for number, _ in beside),
            tuple(held for held in numbered if len(phrases[held[0]].roots) == 1),
            tuple((node, *_weightiest(phrases, weights[root], held), tuple(held)) for node, held in nodes.items()),
        )

    return holding


def _as_bits(numbers: Iterable[int]) -> int:
    bits = bytearray()
    for number in numbers:
        bits.extend(bytes(max(0, number // 8 + 1 - len(bits))))
        bits[number // 8] |= 1 << number % 8
    return int.from_bytes(bits, "little")


def _weightiest(
    phrases: Sequence[Phrase], weight: float, several: Iterable[tuple[int, bool]]
) -> tuple[tuple[int, ...], Numbers]:
    """Of phrases that hold one word the numbers of the weightiest, and the first of each that weigh quite the same."""
    kinds: dict[tuple[float, float, bool], list[int]] = {}
    for number, is_own in several:
        kinds.setdefault((phrases[number].total, phrases[number].worth, is_own), []).append(number)
    scores = {kind: _share(weight, *kind) for kind in kinds}
    most = max(scores.values()) * (1.0 - _AS_GOOD)
    best = {kind: numbers for kind, numbers in kinds.items() if scores[kind] >= most}
    every = tuple(number for numbers in best.values() for number in numbers)
    return every, tuple((numbers[0], is_own) for (_, _, is_own), numbers in best.items())


def _share(weight: float, total: float, worth: float, is_own: bool) -> float:
    found = weight if is_own else weight * OTHER_FORM
    return found * worth * (found / total)


def _company(claims: Mapping[str, Counter[str]]) -> dict[str, tuple[tuple[str, float], ...]]:
    """For each root the nodes that have it, and how much it belongs to each, beside the others."""
    return {
        root: tuple((node, times / max(holding.values())) for node, times in holding.items())
        for root, holding in claims.items()
    }
