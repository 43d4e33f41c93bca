"""Words that work anywhere: the whole message must be one of them, with nothing but politeness around it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from rapidfuzz.distance import OSA

from helpline.conversation.normalise import phrases_in, squeezed, words_in
from helpline.conversation.stopping import STOP, Stopping, stopping_of
from helpline.menus.shapes import Language

CHOOSE = "choose"
SHORTEST_MISSPELT = 5
LONGEST_PHRASE = 6
LONGEST_COMMAND = 12  # words, politeness among them
AMONG_SMALL_WORDS = frozenset({"menu", "help", "language", "choose", "back", "thanks", "resume"})
COURTESIES = frozenset({"yes", "no", "thanks"})
# Taken wrongly, these cost somebody the reminders, or a call: to the letter only, with nothing but a yes or politeness
# beside.
CAREFUL = frozenset({"done", "not_me", "call_me", "talk", "no_call"})


class Named(NamedTuple):
    """A command, the language that its words belong to, and the phrase of ours that names it."""

    name: str = ""
    language: str = ""
    phrase: str = ""


NONE = Named()


@dataclass(frozen=True, slots=True)
class Commands:
    """`phrases` maps a phrase to the command that it names. `agreeing` are the words of yes.

    `longest` tells of each word, squeezed, how many words a phrase has at most that begins with it; `slips` of each
    length of a word the phrases that may be meant by it.
    """

    phrases: Mapping[str, Named]
    squeezed: Mapping[str, Named]
    stopping: Stopping
    polite: frozenset[str]
    filler: frozenset[str]
    known: frozenset[str]
    key_words: frozenset[str]
    key_names: Mapping[str, str]
    last: frozenset[str]
    agreeing: frozenset[str]
    longest: Mapping[str, int]
    slips: Mapping[int, tuple[str, ...]]
    words_of_yes: frozenset[str]
    words_of_no: frozenset[str]

    def named(self, words: tuple[str, ...]) -> Named:
        """The command that `words` are; NONE if they are none."""
        if not words or len(words) > LONGEST_COMMAND:
            return NONE
        return self._phrase(words) or self._covered(words) or self._misspelt(words) or NONE

    def agrees(self, words: tuple[str, ...]) -> bool:
        """Whether `words` are a plain word of yes, with nothing but politeness around it."""
        first, end = 0, len(words)
        while first < end and words[first] in self.polite:
            first += 1
        while end > first and words[end - 1] in self.polite:
            end -= 1
        return " ".join(words) in self.agreeing or " ".join(words[first:end]) in self.agreeing

    def denies(self, words: tuple[str, ...]) -> bool:
        """Whether a no stands among `words`: "no 1" may be a number, or a no."""
        return not self.words_of_no.isdisjoint(words)

    def is_unsure(self, words: tuple[str, ...]) -> bool:
        """Whether `words` hold a yes and a no."""
        if self.words_of_yes.isdisjoint(words) or self.words_of_no.isdisjoint(words):
            return False
        names = {self.phrases.get(word, NONE).name for word in words if len(word) > 1}
        return "yes" in names and "no" in names

    def _phrase(self, words: tuple[str, ...]) -> Named | None:
        return self.phrases.get(" ".join(words)) or self.squeezed.get(" ".join(map(squeezed, words)))

    def _covered(self, words: tuple[str, ...]) -> Named | None:
        """The one command that `words` hold beside words of politeness and small words."""
        found: dict[str, Named] = {}
        blunt: set[str] = set()  # the commands that more than politeness named
        spare = False
        at = 0
        while at < len(words):
            longest = min(LONGEST_PHRASE, self.longest.get(squeezed(words[at]), 0))
            for end in range(min(len(words), at + longest), at, -1):
                named = self._phrase(words[at:end])
                if named:
                    if not self.polite.issuperset(words[at:end]):
                        blunt.add(named.name)
                    if found.setdefault(named.name, named).language != named.language and named.name == CHOOSE:
                        return None
                    break
            else:
                if words[at] not in self.polite and words[at] not in self.filler:
                    return None
                spare = spare or words[at] not in self.polite
                end = at + 1
            at = end
        careful = CAREFUL.intersection(found)
        if careful:
            alone = len(careful) == 1 and not spare and blunt <= {*careful, "yes", "thanks"}
            return next(found[name] for name in careful) if alone else None
        for courtesy in ("thanks", "help", "yes"):
            if len(found) > 1 and (courtesy != "yes" or "no" not in found):
                found.pop(courtesy, None)
        if found.keys() == {"yes", "no"}:
            return Named("unsure")
        if len(found) != 1 or (spare and not found.keys() & AMONG_SMALL_WORDS):
            return None
        return next(iter(found.values()))

    def _misspelt(self, words: tuple[str, ...]) -> Named | None:
        """One long word with one slip in it; never a word of stopping."""
        bare = [word for word in words if word not in self.polite]
        if len(bare) != 1 or len(bare[0]) < SHORTEST_MISSPELT or not bare[0].isalpha() or bare[0] in self.known:
            return None
        meant = near_phrase(bare[0], self.slips.get(len(bare[0]), ()))
        return self.phrases[meant] if meant else None


def near_phrase(word: str, phrases: Sequence[str]) -> str:
    """The first of `phrases` that is `word` with one slip in it; empty if none is."""
    ends = {word[:1], word[-1:]}  # one slip leaves the first letter or the last
    alike = (phrase for phrase in phrases if phrase[0] in ends or phrase[-1] in ends)
    return next((phrase for phrase in alike if OSA.distance(word, phrase, score_cutoff=1) <= 1), "")


def commands_of(
    languages: Sequence[Language], everywhere: Mapping[str, tuple[str, ...]], known: frozenset[str] = frozenset()
) -> Commands:
    """The commands of every language together: a caller may use the words of any.

    `known` are words that mean something else, so that they are no command with a slip in it.
    """
    phrases: dict[str, Named] = {}
    key_names: dict[str, str] = {}
    for language in languages:
        for key, names in language.keys.items():
            for name in phrases_in(names):
                key_names.setdefault(name, key)
        for command, entries in language.commands.items():
            if command == STOP:
                continue
            for phrase in phrases_in(entries):
                known_as = phrases.setdefault(phrase, Named(command, language.code, phrase))
                if known_as.name == command and known_as.language != language.code:
                    phrases[phrase] = Named(command, "", phrase)  # a word of several languages tells none
        phrases.setdefault(language.code, Named(CHOOSE, language.code, language.code))
    courtesies = {phrase for phrase, named in phrases.items() if named.name in COURTESIES}
    short = {
        squeezed(phrase): named
        for phrase, named in phrases.items()
        if len(phrase) > 3 and named.name not in CAREFUL  # "donne" is no "done"
    }
    return Commands(
        phrases,
        short,
        stopping_of(languages, everywhere, courtesies),
        _words(languages, "polite"),
        words_in(one for each in languages for one in each.filler),
        known,
        _words(languages, "key_words"),
        key_names,
        frozenset(phrases_in(one for each in languages for one in each.word_lists["last"])),
        frozenset(phrases_in(one for each in languages for one in each.word_lists["agreeing"])),
        _longest(phrases),
        _slips([phrase for phrase, named in phrases.items() if named.name not in CAREFUL]),
        *(frozenset(phrase for phrase, named in phrases.items() if named.name == name) for name in ("yes", "no")),
    )


def _longest(phrases: Iterable[str]) -> dict[str, int]:
    """For the first word of each phrase, squeezed, how many words such a phrase has at most."""
    found: dict[str, int] = {}
    for phrase in phrases:
        words = phrase.split()
        first = squeezed(words[0])
        found[first] = max(len(words), found.get(first, 0))
    return found


def _slips(phrases: Sequence[str]) -> dict[int, tuple[str, ...]]:
    """For each length of a word the phrases that differ from such a word by one slip at most, if at all."""
    long = [phrase for phrase in phrases if len(phrase) >= SHORTEST_MISSPELT]
    lengths = {len(phrase) + more for phrase in long for more in (-1, 0, 1)}
    return {length: tuple(each for each in long if abs(len(each) - length) < 2) for length in lengths}


def _words(languages: Sequence[Language], name: str) -> frozenset[str]:
    """The words of one list in every language."""
    return words_in(one for each in languages for one in each.word_lists[name])
