"""Which topics a text is about: every keyword phrase is weighed against its words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import log

from helpline.conversation.normalise import words_of
from helpline.conversation.tongue import Tongue, tongue_of
from helpline.menus.shapes import Language, Node

OTHER_FORM = 0.94  # a word of the same family, not the same word
LABEL = 0.9  # a label weighs a little less than a keyword
COMPANY = 1.2  # what words beside the best phrase add
LONGER = 0.1  # what each further word adds to a phrase that is wholly there
PART = 1.0  # what a phrase weighs of which a part is there
SPARE = 0.05  # what a phrase loses for each small word that it holds and that is not compared
EXACT = 0.5  # what is added to a phrase that is the whole text
COMMON = 0.25  # the weight of a word that every topic has; a word of one topic only has 1
SMALL = 0.4  # what a small word ("pas", "plus") weighs against another
NEGATION = 0.8  # the same of a word that says no: "pas payé" is not "payé"
FIRST_WORDS, LAST_WORDS = 40, 15  # as much of a very long text is read
SIDE_BY_SIDE = 0.25  # what each word weighs of a phrase that has small words only
LONGEST_SMALL = 6  # words of such a phrase
SAME_WORD = 0.95  # likeness from which a word of another language is a word of this one too
NEAR_BY = 2  # how far a "not" may stand from what it denies, in telling words
SHORTEST_JOINED = 6  # letters of a keyword that is also heard without its blanks
UNKNOWN_WORD = 0.5  # what a word that no keyword holds weighs against a topic


@dataclass(frozen=True, slots=True)
class Phrase:
    """One keyword of a node: its telling words, each with its root and weight.

    `full` holds all words where the small ones say something too: "can register" is not the name of "register".
    """

    node: str
    words: tuple[tuple[str, str, float], ...]
    total: float
    worth: float
    full: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Weighed:
    """How strongly a text speaks of each node, and by which share it was understood.

    `certain` is the share of the text that the best phrase of a node accounts for; `exact` says that the text is
    nothing but the name of a node.
    """

    scores: Mapping[str, float]
    explained: float
    certain: Mapping[str, float]
    exact: bool = False


NOTHING = Weighed({}, 0.0, {})


@dataclass(frozen=True, slots=True)
class Topics:
    """The phrases of one language, found by the roots of their words."""

    tongue: Tongue
    phrases: tuple[Phrase, ...]
    holders: Mapping[str, tuple[tuple[int, str, float], ...]]
    weights: Mapping[str, float]
    company: Mapping[str, Mapping[str, float]]
    small_phrases: Mapping[tuple[str, ...], tuple[str, ...]]
    names: Mapping[tuple[str, ...], str]
    joined: Mapping[str, str]
    lean: Mapping[tuple[str, ...], str]
    negations: frozenset[str]

    def named(self, words: tuple[str, ...]) -> str:
        """The node of which `words` are a keyword to the letter, politeness and slips aside; empty if of none."""
        read = self.tongue.read(_ends(words))
        for said in (read, tuple(self._meant(word) for word in read)):
            bare = _bare(said, self.tongue.polite | self.tongue.filler)
            node = self.names.get(said) or self.names.get(bare) or self.joined.get(_one_word(bare))
            node = node or self.lean.get(tuple(word for word in said if word not in self.tongue.filler))
            if node:
                return node
        return ""

    def _meant(self, word: str) -> str:
        """The word of the vocabulary that a written one can only mean."""
        guesses = self.tongue.guesses(word)
        return guesses[0].word if len(guesses) == 1 else word

    def weigh(self, words: tuple[str, ...], foreign: frozenset[str] = frozenset()) -> Weighed:
        """How strongly `words` speak of each node; `foreign` are words of another language, so no slips of this one."""
        read = self.tongue.read(_ends(words))
        heard, missed = self._heard(read, foreign)
        side_by_side = list(self._small(read))
        if not heard and not side_by_side:
            return NOTHING
        matched: dict[int, float] = {}
        counts: dict[int, int] = {}
        for root, (word, likeness, _) in heard.items():
            other = likeness * OTHER_FORM
            for number, own, weight in self.holders.get(root, ()):
                matched[number] = matched.get(number, 0.0) + weight * (likeness if own == word else other)
                counts[number] = counts.get(number, 0) + 1
        scores: dict[str, float] = {}
        best: dict[str, int] = {}
        said = len({at for _, _, at in heard.values()}) + missed
        exact = False
        for number, found in matched.items():
            phrase = self.phrases[number]
            apart = self._far_negation(phrase, heard)
            if apart:
                found, counts[number] = found - apart, counts[number] - 1
            share = found / phrase.total
            if counts[number] < len(phrase.words):
                score = found * phrase.worth * PART * share
            else:
                score = found * phrase.worth * (1.0 + LONGER * (counts[number] - 1))
                if said == counts[number] and share > 0.999 and (not phrase.full or phrase.full == read):
                    score += EXACT
                    exact = True
            if score > scores.get(phrase.node, 0.0):
                scores[phrase.node] = score
                best[phrase.node] = number
        for node, score in side_by_side:
            if score > scores.get(node, 0.0):
                scores[node] = score
        certain: dict[str, float] = dict.fromkeys(scores, 0.0)
        strengths = [(at, root, self.weights[root] * likeness) for root, (_, likeness, at) in heard.items()]
        explained = _strongest((at, weight) for at, _, weight in strengths) or sum(score for _, score in side_by_side)
        for node, number in best.items():
            near = self.company[node]
            own_roots = {root for _, root, _ in self.phrases[number].words}
            taken = {at for at, root, _ in strengths if root in own_roots}
            scores[node] += COMPANY * _strongest(
                (at, weight * near.get(root, 0.0)) for at, root, weight in strengths if at not in taken
            )
            share = min(1.0, matched[number] / self.phrases[number].total)
            certain[node] = share * matched[number] / (explained + UNKNOWN_WORD * missed)
        return Weighed(scores, explained / (explained + UNKNOWN_WORD * missed), certain, exact)

    def _far_negation(self, phrase: Phrase, heard: Mapping[str, tuple[str, float, int]]) -> float:
        """The weight of a "not" of the phrase that stands far from its other words: it is about something else."""
        said = [(root in self.negations, heard[root][2], weight) for _, root, weight in phrase.words if root in heard]
        others = [at for negates, at, _ in said if not negates]
        far = [
            weight for negates, at, weight in said if negates and others and min(abs(at - o) for o in others) > NEAR_BY
        ]
        return far[0] if len(far) == 1 else 0.0

    def _small(self, read: tuple[str, ...]) -> Iterator[tuple[str, float]]:
        """The nodes that are named by small words only, which must stand side by side: "qui êtes-vous"."""
        for at in range(len(read) if self.small_phrases else 0):
            for end in range(at + 2, min(len(read), at + LONGEST_SMALL) + 1):
                for node in self.small_phrases.get(read[at:end], ()):
                    yield node, SIDE_BY_SIDE * (end - at) + (EXACT if end - at == len(read) else 0.0)

    def _heard(self, read: tuple[str, ...], foreign: frozenset[str]) -> tuple[dict[str, tuple[str, float, int]], int]:
        """The roots that the words may mean, each with its word, likeness and place; how many words mean nothing."""
        heard: dict[str, tuple[str, float, int]] = {}
        missed = 0
        for at, word in enumerate([word for word in read if word not in self.tongue.filler] or read):
            surest = SAME_WORD if word in foreign else 0.0
            guesses = [
                guess
                for guess in self.tongue.guesses(word)
                if guess.likeness >= surest and self.tongue.root(guess.word) in self.weights
            ]
            if not guesses:
                missed += len(word) > 2 and word not in self.tongue.filler and word not in self.tongue.small
            for guess in guesses:
                root = self.tongue.root(guess.word)
                if root not in heard or guess.likeness > heard[root][1]:
                    heard[root] = (guess.word, guess.likeness, at)
        return heard, missed


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


def _strongest(weights: Iterable[tuple[int, float]]) -> float:
    """The sum over the places of a text of the strongest meaning of each: one word means one thing."""
    best: dict[int, float] = {}
    for at, weight in weights:
        if weight > best.get(at, 0.0):
            best[at] = weight
    return sum(best.values())


def _ends(words: tuple[str, ...]) -> tuple[str, ...]:
    """The beginning and the end of a very long text, where people say what they want."""
    return words if len(words) <= FIRST_WORDS + LAST_WORDS else words[:FIRST_WORDS] + words[-LAST_WORDS:]


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
    small_phrases: dict[tuple[str, ...], list[str]] = {}
    names: dict[tuple[str, ...], str] = {}
    telling: list[tuple[str, tuple[str, ...], float, tuple[str, ...]]] = []
    for node_id, words, worth in named:
        read = tongue.read(words)
        if worth == 1.0:  # a keyword, not a label
            names.setdefault(read, node_id)
        if len(read) > 1 and all(word in tongue.small or word in tongue.filler for word in read):
            small_phrases.setdefault(read, []).append(node_id)
        kept = tuple(dict.fromkeys(word for word in read if word not in tongue.filler)) or tuple(dict.fromkeys(read))
        spare = sum(1 for word in read if word not in kept and len(word) > 2)
        if kept:
            telling.append((node_id, kept, worth * max(0.8, 1.0 - SPARE * spare), read if spare else ()))
    holders: dict[str, Counter[str]] = {}
    for node_id, words, _, _ in telling:
        for root in {tongue.root(word) for word in words}:
            holders.setdefault(root, Counter())[node_id] += 1
    organisations = {tongue.root("_".join(words_of(entry))) for entry in language.commands.get("organisations", ())}
    negations = {word for entry in language.commands.get("negations", ()) for word in words_of(entry)}
    count = max(2, len({entry[0] for entry in telling}))
    weights = {
        root: (COMMON + (1 - COMMON) * log(1 + count / len(nodes_of)) / log(1 + count))
        * (NEGATION if root in negations else SMALL if root in tongue.small or root in organisations else 1.0)
        for root, nodes_of in holders.items()
    }
    phrases = tuple(_phrase(tongue, weights, *entry) for entry in telling)
    found: dict[str, list[tuple[int, str, float]]] = {}
    for number, phrase in enumerate(phrases):
        for word, root, weight in {root: entry for entry in phrase.words for root in entry[1:2]}.values():
            found.setdefault(root, []).append((number, word, weight))
    company: dict[str, dict[str, float]] = {}
    for root, nodes_of in holders.items():
        most = max(nodes_of.values())
        for node_id, times in nodes_of.items():
            company.setdefault(node_id, {})[root] = times / most
    small = {words: tuple(dict.fromkeys(ids)) for words, ids in small_phrases.items()}
    index = {root: tuple(entries) for root, entries in found.items()}
    joined = {_one_word(words): node_id for words, node_id in names.items() if _one_word(words)}
    lean = _lean_names(names, tongue.filler)
    return Topics(tongue, phrases, index, weights, company, small, names, joined, lean, frozenset(negations))


def _lean_names(names: Mapping[tuple[str, ...], str], filler: frozenset[str]) -> dict[tuple[str, ...], str]:
    """The keywords without their filler words, where those still mean one node only."""
    found: dict[tuple[str, ...], set[str]] = {}
    for words, node_id in names.items():
        found.setdefault(tuple(word for word in words if word not in filler), set()).add(node_id)
    return {words: next(iter(nodes)) for words, nodes in found.items() if words and len(nodes) == 1}


def _phrase(
    tongue: Tongue,
    weights: Mapping[str, float],
    node_id: str,
    words: tuple[str, ...],
    worth: float,
    full: tuple[str, ...],
) -> Phrase:
    parts = tuple((word, tongue.root(word), weights[tongue.root(word)]) for word in words)
    return Phrase(node_id, parts, sum(weight for _, _, weight in parts), worth, full)
