"""What a caller's text means. One function, `hear`: from words to a value, without fail."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from itertools import islice

from helpline.conversation.beside_dates import ending_beside, parts_beside, stop_beside
from helpline.conversation.commands import CAREFUL, CHOOSE, NONE
from helpline.conversation.ears import Ears, Reads
from helpline.conversation.heard import Heard, HeardKind
from helpline.conversation.hearing_dates import dated_in
from helpline.conversation.keys import is_digit_itself, keys_in
from helpline.conversation.normalise import LONGEST, is_latin, uncut
from helpline.conversation.options import option_named, words_of_label
from helpline.conversation.secrets import secret_in
from helpline.conversation.stopping import STOP
from helpline.conversation.tongue import LONG_TEXT
from helpline.conversation.topics import NOTHING, Topics, Weighed
from helpline.conversation.when import names_no_day

SAID: Mapping[str, HeardKind] = {"yes": "yes", "no": "no", "unsure": "unsure", "thanks": "thanks"}
LONGEST_ANSWER = 8  # words of a muddled yes and no; a longer text with a topic in it asks something
MOST_OFFERED = 4
_REMIND = "remind"
_SENT_ALONE = frozenset({"data", "erase", "start"})
_WORD_TO_SEND = 2  # words: "PAS MOI"
_QUESTION_MARKS = frozenset("?？؟")
MOST_NAMES = 3  # words beside a keyword that nobody knows
WELL = 0.5  # what a topic weighs that was heard well enough in the caller's language: no other is listened in
ENOUGH = 0.42  # a weaker topic is no topic
NEAR = 0.9  # what a topic needs of the best one's weight to be offered beside it, if the best one is certain
SAME = 0.8  # what a topic needs in another language for its words to be of both
OTHER_LANGUAGE = 0.8  # what a topic found in another language than the text's weighs
VAGUE = 0.25  # of a text of which the best topic accounts for less, its menu is offered first
NEAR_VAGUE = 0.45  # the same if the best one accounts for next to nothing of the text
UNDER_VAGUE = 0.5  # what a topic needs of its menu's weight to be offered with it, where the text says more
UNDER_A_MENU = 0.7  # what a topic needs of its menu's weight to be preferred to it


def hear(
    ears: Ears,
    text: str,
    language: str,
    options: Sequence[tuple[str, str]] = (),
    spoken: bool = False,
    now: datetime | None = None,
    about: str = "",
) -> Heard:
    """What `text` means to a caller of `language` (empty if unknown) who was last offered `options`.

    `spoken` says that the words come from speech recognition. Without `now` no date is heard. `about` is the dated
    kind of which a date was just read back.
    """
    (plain, is_all), asks = uncut(text), _asks(text)
    whole = is_all and len(plain) <= LONGEST
    words = tuple(plain[:LONGEST].split())
    keys = keys_in(text, words, ears.commands, spoken)
    if keys:
        plainly = is_digit_itself(words) and not asks and not ears.commands.denies(words)
        return Heard("key", keys, literal=plainly)
    own = ears.language_of(words) or ("" if language else ears.native_language_of(words))
    for danger in ears.dangers:
        beside = danger.beside(words)
        if beside is not None:
            return Heard("danger", _topics(ears, beside, own, language)[0], own or danger.tongue.code)
    stop = ears.commands.stopping.phrase_in(text, words, ears.means)
    has_no_day = names_no_day(text, words, ears.topics, whole)
    parts = () if stop else parts_beside(ears, text, words, has_no_day, whole)
    stop = stop or stop_beside(ears, text, parts)
    if stop:
        return Heard("command", (STOP,), "" if language and _bare(words) else own, said=stop)
    if not words:
        return Heard("command", ("help",)) if asks else Heard("empty")
    secret = secret_in(text, ears.passwords, ears.password_links, ears.knows, (plain, is_all))
    if secret:
        return Heard("secret", (secret, *_topics(ears, words, own, language)[0]), own)
    if not is_latin(text):
        return Heard("other_script")
    ending = ending_beside(ears, parts)
    if ending.name and not (asks and ending.name in CAREFUL):
        return Heard("command", (ending.name,), "" if language else own or ending.language, said=ending.phrase)
    if now:
        named = partial(_nodes_named, ears, words, own, language)
        dated = dated_in(ears, text, words, now, named, about, has_no_day, whole)
        if dated:
            return replace(dated, language=own)
    return _said(ears, words, own, language, options, asks)


def _asks(text: str) -> bool:
    """Whether a text is written as a question."""
    return not _QUESTION_MARKS.isdisjoint(text[:LONGEST])


def _said(
    ears: Ears, words: tuple[str, ...], own: str, language: str, options: Sequence[tuple[str, str]], asks: bool
) -> Heard:
    """What the words say that are neither key, danger, stop nor secret; `asks`: they stand in a question."""
    name, of, said = ears.command_named(words)
    if asks and name in CAREFUL:
        name, of, said = NONE  # "c'est fait ?" says nothing of what was done
    if name and " ".join(words) not in ears.commands.phrases and ears.is_keyword(words):
        name, of, said = NONE  # a command with small words around it, but a keyword to the letter: "me suis trompé"
    if name == CHOOSE:
        return Heard("language", language=of)
    reads = ears.read(words)
    named = _named(ears, words, own, language, reads)
    is_label = _is_label(words, options)
    key = option_named(ears, words, reads, options) if is_label or not named[0] else ""
    if key:
        return Heard("key", (key,), own, said=" ".join(words) if is_label else "")
    if name in SAID:
        plainly = not asks and ears.commands.agrees(words)
        switched = "" if language else own or of  # a "merci" alone switches no language
        return Heard(SAID[name], language=switched, literal=plainly, said=said)
    if language and _bare(words) and (name in CAREFUL or (name in _SENT_ALONE and len(words) == 1)):
        of, own = "", ""  # "FAIT" and "DATA" are written by whoever reads them in a text of ours
    if name:
        return Heard("command", (name,), of or (own if len(words) > 1 or not language else ""), said=said)
    topics, of = named if named[0] else _topics_near(ears, words, own, language, reads)
    if ears.commands.is_unsure(words) and not (topics and len(words) > LONGEST_ANSWER):
        return Heard("unsure", language=own)
    if topics:
        # Which words asked for reminders is part of the proof. What else somebody asked is nobody's business.
        said = ears.keyword_in(words, _REMIND) if topics == (_REMIND,) else ""
        return Heard("topics", topics, own or ("" if language else of) or _advertised(ears, words), said=said)
    return Heard("unknown", language=own)


def _bare(words: tuple[str, ...]) -> bool:
    """Whether words are a word to send, as the carrier's and our texts name them, and no sentence of the caller's."""
    return len(words) <= _WORD_TO_SEND


def _advertised(ears: Ears, words: tuple[str, ...]) -> str:
    """The language of the one word by which a poster asks for reminders: RAPPEL, REMIND."""
    named, of = _named(ears, words, "", "") if len(words) == 1 else ((), "")
    return of if named == (_REMIND,) else ""


def _topics(ears: Ears, words: tuple[str, ...], own: str, language: str) -> tuple[tuple[str, ...], str]:
    """The topics that `words` are or are near to, the best first, and the language in which they were found."""
    reads = ears.read(words)
    named = _named(ears, words, own, language, reads)
    return named if named[0] else _topics_near(ears, words, own, language, reads)


def _topics_near(
    ears: Ears, words: tuple[str, ...], own: str, language: str, reads: Reads
) -> tuple[tuple[str, ...], str]:
    """The same of words that are no keyword."""
    named, of = _named_beside_names(ears, words, own, language)
    if named:
        return named, of
    preferred = ears.weigh(own or language, words, reads) if (own or language) in ears.topics else NOTHING
    if max(preferred.scores.values(), default=0.0) * preferred.explained >= WELL:
        return _weighed(ears, {own or language: preferred}, own, language)
    heard = {code: preferred if code == (own or language) else ears.weigh(code, words, reads) for code in ears.topics}
    return _weighed(ears, heard, own, language)


def _nodes_named(ears: Ears, words: tuple[str, ...], own: str, language: str) -> tuple[str, ...]:
    return _named(ears, words, own, language)[0]


def _named(
    ears: Ears, words: tuple[str, ...], own: str, language: str, reads: Reads | None = None
) -> tuple[tuple[str, ...], str]:
    """The nodes of which `words` are a keyword, or a few with "and" between; and the language of the keywords."""
    reads = reads or ears.read(words)
    found = {code: _each_named(topics, words, reads[code], ears.joiners) for code, topics in ears.topics.items()}
    for code in (own, language):
        if found.get(code):
            return found[code], code if len(set(found.values())) > 1 else ""
    if own or language:
        return (), ""
    codes = [code for code, nodes in found.items() if nodes]
    nodes = tuple(dict.fromkeys(node for code in codes for node in found[code]))[:MOST_OFFERED]
    return nodes, codes[0] if len(codes) == 1 else ""


def _named_beside_names(ears: Ears, words: tuple[str, ...], own: str, language: str) -> tuple[tuple[str, ...], str]:
    """The same without words that no language of the line knows: the names of people, towns and months."""
    if len(words) > LONG_TEXT:
        return (), ""
    names = list(islice((at for at, word in enumerate(words) if not ears.knows(word)), MOST_NAMES + 1))
    if not 0 < len(names) <= MOST_NAMES or len(names) == len(words):
        return (), ""
    return _named(ears, tuple(word for at, word in enumerate(words) if at not in names), own, language)


def _each_named(
    topics: Topics, words: tuple[str, ...], read: tuple[str, ...], joiners: frozenset[str]
) -> tuple[str, ...]:
    node = topics.names.node_read(read)
    if node or len(words) > LONG_TEXT or joiners.isdisjoint(words):
        return (node,) if node else ()
    parts: list[list[str]] = [[]]
    for word in words:
        if word in joiners:
            parts.append([])
        else:
            parts[-1].append(word)
    telling = [part for part in parts if not topics.tongue.says_nothing(part)]
    nodes: dict[str, None] = {}
    for part in telling:
        node = topics.names.node_of(tuple(part))
        if not node or len({*nodes, node}) > MOST_OFFERED:
            return ()
        nodes[node] = None
    return tuple(nodes)


def _is_label(words: tuple[str, ...], options: Sequence[tuple[str, str]]) -> bool:
    return any(words == words_of_label(label) for _, label in options)


def _weighed(ears: Ears, heard: Mapping[str, Weighed], own: str, language: str) -> tuple[tuple[str, ...], str]:
    """The topics that were weighed heaviest in any of the languages that were listened in."""
    scores: dict[str, float] = {}
    found_in: dict[str, str] = {}
    certain: dict[str, float] = {}
    for code, weighed in heard.items():
        factor = 1.0 if code == own else OTHER_LANGUAGE if own else 0.97 if language and code != language else 1.0
        factor *= weighed.explained
        for node, score in weighed.scores.items():
            if score * factor > scores.get(node, 0.0):
                scores[node] = score * factor
                found_in[node] = code
                certain[node] = weighed.certain[node]
    kept = _settled(ears, scores, certain, any(weighed.exact for weighed in heard.values()))
    if not kept:
        return (), ""
    languages = {found_in[node] for node in kept} | {
        code for code, weighed in heard.items() if weighed.scores.get(kept[0], 0.0) >= SAME * scores[kept[0]]
    }
    return kept, languages.pop() if len(languages) == 1 else ""


def _settled(ears: Ears, scores: Mapping[str, float], certain: Mapping[str, float], exact: bool) -> tuple[str, ...]:
    """The nodes to answer with, of all that were weighed: one, or up to four to ask back."""
    ranked = sorted(scores, key=lambda node: (-scores[node], node in ears.menus, node))
    if not ranked or scores[ranked[0]] < ENOUGH:
        return ()
    best = ranked[0]
    share = NEAR_VAGUE + (NEAR - NEAR_VAGUE) * min(1.0, certain[best])
    near = [node for node in ranked if scores[node] >= share * scores[best]]
    if certain[best] < VAGUE:
        near.sort(key=lambda node: node not in ears.parents.get(best, ()))
    if best in ears.menus and not exact:
        under = [node for node in ranked if best in ears.parents.get(node, ()) and node not in ears.menus]
        near += [node for node in under if node not in near and scores[node] >= UNDER_VAGUE * scores[best]]
        return tuple(near)[:MOST_OFFERED]
    return tuple(_without_menus(ears, near, scores, certain))[:MOST_OFFERED]


def _without_menus(
    ears: Ears, near: list[str], scores: Mapping[str, float], certain: Mapping[str, float]
) -> Iterable[str]:
    """`near` without the menus of which a topic is as near and accounts for as much, unless many are."""
    for node in near:
        under = [other for other in near if node in ears.parents.get(other, ())]
        if node in ears.menus and under and len(under) < 3:
            child = under[0]
            if scores[child] >= UNDER_A_MENU * scores[node] and certain[child] >= UNDER_A_MENU * certain[node]:
                continue
        yield node
