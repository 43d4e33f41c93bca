"""What stands on the leaflet for a wall: from the menus and who speaks to a page of words. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from helpline.menus.forms import Identity, written_values
from helpline.menus.pages import fill, take_apart
from helpline.menus.prompts import Prompts
from helpline.menus.shapes import MAIN_MENU, Menus

REMIND, TALK, STOP = "remind", "talk", "stop"
ABOUT = ("about.us", MAIN_MENU)  # the first that is there says who we are
MOST_LETTERS = 540
_A_PHRASE = 3  # words


@dataclass(frozen=True, slots=True)
class Topic:
    """An entry of the main menu: its key in a call and by text, its name, and a word that leads there by text.

    Where no single word does, it is one that leads to the entry's first choice.
    """

    place: str
    key: str
    label: str
    keyword: str


@dataclass(frozen=True, slots=True)
class Word:
    """A word to text, and the place that it leads to with the name of that."""

    place: str
    written: str
    label: str


@dataclass(frozen=True, slots=True)
class Leaflet:
    """One page in one language. `sms` is empty where there is no number to text.

    `words` are those to text from anywhere, each with the name of what it leads to. `about` are the lines in which the
    prompts say who this is and what it costs.
    """

    language: str
    service: str
    sms: str
    voice: str
    topics: tuple[Topic, ...]
    words: tuple[Word, ...]
    about: tuple[str, ...]

    @property
    def is_long(self) -> bool:
        """Whether its words fit on a page of A4 only in smaller letters."""
        topics = sum(len(each.label) + len(each.keyword) for each in self.topics)
        words = sum(len(each.written) + len(each.label) for each in self.words)
        return topics + words + sum(map(len, self.about)) > MOST_LETTERS


def leaflet(prompts: Prompts, identity: Identity, language: str) -> Leaflet:
    """The leaflet in a language of the line."""
    menus = prompts.menus
    commands = menus.languages[language].commands
    return Leaflet(
        language=language,
        service=identity.service,
        sms=identity.sms,
        voice=identity.voice_number,
        topics=_topics(prompts, language),
        words=tuple(
            Word(place, written, menus.nodes[place].wordings[language].label)
            for place, written in (
                (REMIND, _first_keyword(menus, REMIND, language)),
                (TALK, _first(commands.get("talk", ()))),
                (STOP, _first(commands["stop"])),
                (MAIN_MENU, _first(commands["menu"])),
            )
            if written and place in menus.nodes
        ),
        about=_about(menus, identity, language),
    )


def _topics(prompts: Prompts, language: str) -> tuple[Topic, ...]:
    """The choices of the main menu, as it numbers and names them by text."""
    menus = prompts.menus
    main = menus.nodes[MAIN_MENU]
    offered = take_apart(main.wordings[language].pages[0]).options
    behind = [(each, main.options[int(each.key) - 1]) for each in offered]
    return tuple(Topic(place, each.key, each.label, _word_for(menus, place, language)) for each, place in behind)


def _about(menus: Menus, identity: Identity, language: str) -> tuple[str, ...]:
    """The first page of who we are, without its choices; its first lines say the most."""
    node = next(menus.nodes[name] for name in ABOUT if name in menus.nodes)
    page = node.wordings[language].pages[0]
    return take_apart(fill(page, written_values(menus, identity, menus.languages[language]))).before


def _word_for(menus: Menus, place: str, language: str) -> str:
    """What to write to get there. Where that takes a phrase, one word that leads to the first choice of it, if any."""
    own, *below = (menus.nodes[name].wordings[language].keywords for name in (place, *menus.nodes[place].options[:1]))
    single = [each for each in own if _words(each) == 1]
    if not single and own and _words(own[0]) >= _A_PHRASE:
        single = [each for keywords in below for each in keywords if _words(each) == 1]
    return _first((*single, *own))


def _words(text: str) -> int:
    return len(text.split())


def _first_keyword(menus: Menus, node: str, language: str) -> str:
    return _first(menus.nodes[node].wordings[language].keywords) if node in menus.nodes else ""


def _first(words: tuple[str, ...]) -> str:
    return words[0].upper() if words else ""
