"""Everything that hearing needs, built once from the menus."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from helpline.conversation.commands import (
    CAREFUL,
    COURTESIES,
    LONGEST_COMMAND,
    NONE,
    Commands,
    Named,
    commands_of,
)
from helpline.conversation.danger import Danger, danger_of
from helpline.conversation.endings import Endings, endings_of
from helpline.conversation.keyword_index import topics_of
from helpline.conversation.labels import Label, labels_in
from helpline.conversation.names import Names, ends_of, names_of
from helpline.conversation.normalise import phrases_in, words_in, words_of
from helpline.conversation.stopping import TO_THE_LETTER
from helpline.conversation.tongue import Tongue
from helpline.conversation.topics import Topics, Weighed
from helpline.menus.shapes import DatedKind, Language, Menus, Node

DANGER = "danger"
_NO_TOPIC = (DANGER, "secret", "other.language")


Reads = Mapping[str, tuple[str, ...]]  # words as each language reads them, the middle of a very long text left out


@dataclass(frozen=True, slots=True)
class Ears:
    """The index of all words in every language of the line."""

    topics: Mapping[str, Topics]
    dangers: tuple[Danger, ...]
    commands: Commands
    parents: Mapping[str, frozenset[str]]
    menus: frozenset[str]
    telling: Mapping[str, tuple[str, float]]  # of each word that tells a language which one, and how surely
    passwords: frozenset[str]
    password_links: frozenset[str]
    joiners: frozenset[str]
    native: Mapping[str, frozenset[str]]
    kinds: Mapping[str, DatedKind]
    dated: Mapping[str, Names]
    labels: Callable[[str], tuple[Label, ...]]
    endings: Endings
    small_of_others: Mapping[str, frozenset[str]]  # small words of the other languages that are none of this one
    words_of_others: Mapping[str, frozenset[str]]  # the same of all their words
    known: frozenset[str]  # words of any language, and hurried spellings

    @classmethod
    def of(cls, menus: Menus) -> Ears:
        """The ears for `menus`."""
        languages = list(menus.languages.values())
        nodes = [node for node in menus.nodes.values() if node.id not in _NO_TOPIC]
        topics = {language.code: topics_of(language, nodes) for language in languages}
        known: frozenset[str] = frozenset().union(*(each.tongue.vocabulary for each in topics.values()))
        danger = menus.nodes.get(DANGER)
        commands = commands_of(languages, menus.everywhere, known)
        return cls(
            topics,
            tuple(_danger(each.tongue, danger, languages, known) for each in topics.values()),
            commands,
            _ancestors(menus.nodes),
            frozenset(node.id for node in menus.nodes.values() if node.kind == "menu"),
            _telling(languages, topics),
            frozenset("".join(words_of(entry)) for entry in _known(languages, "passwords")),
            words_in(_known(languages, "password_links")),
            words_in(_known(languages, "joiners")),
            {language.code: frozenset(phrases_in(language.word_lists["native"])) for language in languages},
            menus.calendar.kinds,
            {language.code: _dated(language, menus, topics[language.code].tongue) for language in languages},
            labels_in([each.tongue for each in topics.values()]),
            endings_of(commands, [each.tongue for each in topics.values()]),
            _of_others({code: each.tongue.small for code, each in topics.items()}),
            _of_others({code: each.tongue.vocabulary for code, each in topics.items()}),
            known.union(*(each.tongue.spelling for each in topics.values())),
        )

    def read(self, words: tuple[str, ...]) -> Reads:
        """`words` as each language of the line reads them."""
        ends = ends_of(words)
        return {code: topics.tongue.read(ends) for code, topics in self.topics.items()}

    def knows(self, word: str) -> bool:
        """Whether a normalised word is a word of any language of the line, well or badly written."""
        return word in self.known or any(topics.tongue.guesses(word) for topics in self.topics.values())

    def means(self, word: str) -> float:
        """How surely a normalised word is one that the line knows: TO_THE_LETTER, less if misspelt, 0 if it is none."""
        tongues = [topics.tongue for topics in self.topics.values()]
        if any(word in tongue.vocabulary or tongue.read((word,)) != (word,) for tongue in tongues):
            return TO_THE_LETTER
        if any(word in danger.tongue.vocabulary for danger in self.dangers):
            return TO_THE_LETTER
        return max((guess.likeness for tongue in tongues for guess in tongue.guesses(word)), default=0.0)

    def command_named(self, words: tuple[str, ...]) -> Named:
        """The command that `words` are: those that must not be missed are heard in a hurry too."""
        named = self.commands.named(words)
        if named.name or len(words) > LONGEST_COMMAND or not any(map(self.endings.may_be_careful, words)):
            return named
        written_out = (topics.tongue.written_out(words) for topics in self.topics.values())
        found = (self.commands.named(said) for said in written_out if said != words)
        return next((each for each in found if each.name in CAREFUL), NONE)

    def native_language_of(self, words: tuple[str, ...]) -> str:
        """The language that a word of several languages is from, for a caller of whom nothing else is known."""
        return next((code for code, native in self.native.items() if " ".join(words) in native), "")

    def is_keyword(self, words: tuple[str, ...]) -> bool:
        """Whether `words` are a keyword to the letter in any language of the line."""
        return any(topics.names.hold(words) for topics in self.topics.values())

    def dated_kind(self, words: tuple[str, ...]) -> str:
        """The dated kind that `words` beside a date name; empty if they name none, or say more."""
        return next((kind for names in self.dated.values() if (kind := names.node_of(words))), "")

    def says_nothing(self, words: tuple[str, ...]) -> bool:
        """Whether `words` are politeness, small words, or a plain yes or no."""
        filler = self.commands.polite | self.commands.filler
        courtesies = (self.commands.phrases.get(word, NONE).name in COURTESIES for word in words if word not in filler)
        return all(courtesies)

    def keyword_in(self, words: tuple[str, ...], node: str) -> str:
        """The longest keyword of a node that stands in `words`; empty if none does."""
        return max((topics.names.keyword_in(words, node) for topics in self.topics.values()), key=len, default="")

    def weigh(self, code: str, words: tuple[str, ...], reads: Reads | None = None) -> Weighed:
        """How strongly `words` speak of each node in one language, without the small words of the other ones.

        These name nothing in this one; nor are the words that are spelt as in another language slips of this one.
        """
        small = self.small_of_others[code]
        own = words if small.isdisjoint(words) else tuple([word for word in words if word not in small])
        read = reads[code] if reads and own is words else None
        return self.topics[code].weigh(own, self.words_of_others[code].intersection(words), read)

    def language_of(self, words: tuple[str, ...]) -> str:
        """The language that `words` are clearly in, or an empty string."""
        scores: dict[str, float] = {}
        for word in self.telling.keys() & words:
            code, weight = self.telling[word]
            scores[code] = scores.get(code, 0.0) + weight
        if not scores:
            return ""
        ranked = sorted(scores, key=lambda code: -scores[code])
        return ranked[0] if len(ranked) < 2 or scores[ranked[0]] >= scores[ranked[1]] + 0.5 else ""


def _known(languages: Iterable[Language], name: str) -> Iterable[str]:
    return (entry for language in languages for entry in language.word_lists[name])


def _of_others(words: Mapping[str, frozenset[str]]) -> dict[str, frozenset[str]]:
    """For each language what only other languages have."""
    return {
        code: frozenset().union(*(others for other, others in words.items() if other != code)) - own
        for code, own in words.items()
    }


def _danger(tongue: Tongue, node: Node | None, languages: Iterable[Language], known: frozenset[str]) -> Danger:
    wording = node.wordings.get(tongue.code) if node else None
    innocent = tuple(_known(languages, "not_danger"))  # of all languages: "prévention suicide" holds an English word
    return danger_of(tongue, wording.keywords if wording else (), innocent, known)


def _dated(language: Language, menus: Menus, tongue: Tongue) -> Names:
    """What names each dated kind beside a date: the words for that, and the keywords of its place."""
    nodes = (menus.nodes[kind] for kind in menus.calendar.kinds if kind in menus.nodes)
    wordings = ((node.id, node.wordings[language.code]) for node in nodes if language.code in node.wordings)
    written = [(kind, words_of(one)) for kind, each in wordings for one in (*each.dated, *each.keywords)]
    return names_of(tongue, [(kind, tongue.read(words)) for kind, words in written])


def _ancestors(nodes: Mapping[str, Node]) -> dict[str, frozenset[str]]:
    """For each node the menus that lead to it."""
    above: dict[str, set[str]] = {}
    for node in nodes.values():
        if node.kind == "menu":
            for option in node.options:
                above.setdefault(option, set()).add(node.id)
    found: dict[str, frozenset[str]] = {}
    for node_id in nodes:
        reached: set[str] = set()
        waiting = list(above.get(node_id, ()))
        while waiting:
            menu = waiting.pop()
            if menu not in reached and menu != node_id:
                reached.add(menu)
                waiting += above.get(menu, ())
        found[node_id] = frozenset(reached)
    return found


def _telling(languages: list[Language], topics: Mapping[str, Topics]) -> dict[str, tuple[str, float]]:
    """How much each word says that a text is in which language: its small words most, shared words nothing."""
    neutral = words_in(_known(languages, "terms"))
    small = {language.code: topics[language.code].tongue.small for language in languages}
    words = {
        language.code: frozenset(
            word for word in topics[language.code].tongue.vocabulary if len(word) > 2 and "_" not in word
        )
        for language in languages
    }
    hurried = {
        language.code: frozenset(written for written in topics[language.code].tongue.spelling if " " not in written)
        for language in languages
    }
    telling: dict[str, tuple[str, float]] = {}
    for code in small:
        others = set().union(*(small[other] | words[other] | hurried[other] for other in small if other != code))
        others_small = set().union(*(small[other] for other in small if other != code))
        own = dict.fromkeys(words[code] - others - neutral, 0.6)
        own |= dict.fromkeys(hurried[code] - others - small[code] - neutral, 1.0)
        own |= dict.fromkeys(small[code] - others_small, 1.0)
        telling |= {word: (code, weight) for word, weight in own.items()}
    return telling
