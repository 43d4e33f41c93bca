"""The keywords and labels of one language, weighed once so that a text can be weighed against them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import log

from helpline.conversation.names import names_of
from helpline.conversation.normalise import words_in, words_of
from helpline.conversation.tongue import Tongue, tongue_of
from helpline.conversation.topics import Phrase, Topics
from helpline.menus.shapes import Language, Node

KEYWORD, LABEL = 1.0, 0.9  # a label weighs a little less than a keyword
LEAST_WORTH = 0.8  # whatever a phrase loses
SPARE = 0.05  # what a phrase loses for each small word that it holds and that is not compared
COMMON = 0.25  # the weight of a word that every topic has; a word of one topic only has 1
SMALL = 0.4  # what a small word ("pas", "plus") weighs against another
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
    phrases = tuple(_phrase(tongue, weights, draft) for draft in drafts)
    return Topics(
        tongue=tongue,
        names=names_of(tongue, [(node, words) for node, words, worth in read if worth == KEYWORD]),
        phrases=phrases,
        holders=_holders(phrases),
        weights=weights,
        company=_company(claims),
        small_phrases=_small_phrases(tongue, read),
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
    return Phrase(draft.node, words, sum(weight for _, _, weight in words), draft.worth, draft.full)


def _holders(phrases: Iterable[Phrase]) -> dict[str, tuple[tuple[int, str, float], ...]]:
    """For each root the phrases that hold it: their number, the word and its weight."""
    found: dict[str, list[tuple[int, str, float]]] = {}
    for number, phrase in enumerate(phrases):
        for word, root, weight in {entry[1]: entry for entry in phrase.words}.values():
            found.setdefault(root, []).append((number, word, weight))
    return {root: tuple(entries) for root, entries in found.items()}


def _company(claims: Mapping[str, Counter[str]]) -> dict[str, dict[str, float]]:
    """For each node how much a root belongs to it, beside the nodes that have it too."""
    company: dict[str, dict[str, float]] = {}
    for root, holding in claims.items():
        most = max(holding.values())
        for node, times in holding.items():
            company.setdefault(node, {})[root] = times / most
    return company
