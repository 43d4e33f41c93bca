"""`languages.yaml`: the voices, the fixed phrases, and the words that work anywhere."""

from __future__ import annotations

from helpline.menus.check_phrases import check_phrases
from helpline.menus.faults import Fault
from helpline.menus.shapes import Language
from helpline.menus.yaml_text import Block, comma_list, pairs

EVERYWHERE, HEARING = "everywhere", "hearing"
PHRASES = (
    "next",
    "menu",
    "key",
    "next_spoken",
    "keys_spoken",
    "main_keys_spoken",
    "menu_spoken",
    "send_spoken",
    "choose_language",
    "other_languages",
    "language_option",
    "switch_back",
    "continue",
    "see_again",
    "yes_it_is",
)
COMMANDS = (
    "stop",
    "menu",
    "start",
    "home",
    "next",
    "repeat",
    "back",
    "help",
    "language",
    "choose",
    "resume",
    "done",
    "not_me",
    "data",
    "erase",
    "call_me",
    "talk",
    "no_call",
    "yes",
    "no",
    "thanks",
    "unsure",
)
KEYS = {
    "zero": "0",
    "one": "1",
    "two": "2",
    "three": "3",
    "four": "4",
    "five": "5",
    "six": "6",
    "seven": "7",
    "eight": "8",
    "nine": "9",
    "star": "*",
    "hash": "#",
}
# What the hearing knows about a language beside its commands. None of these lists is needed.
WORD_LISTS = (
    "polite",
    "key_words",
    "last",
    "articles",
    "joiners",
    "units",
    "related",
    "endings",
    "terms",
    "organisations",
    "negations",
    "not_danger",
    "passwords",
    "password_links",
    "native",
    "agreeing",
)
_NEEDED = ("name", "locale", "rate")


def parse_languages(
    file: Block, in_use: tuple[str, ...]
) -> tuple[dict[str, Language], dict[str, tuple[str, ...]], list[Fault]]:
    """The languages in use, in their order, and the words that work in any language."""
    faults: list[Fault] = []
    languages: dict[str, Language] = {}
    for code in in_use:
        block = file.block(code)
        if not block.values:
            faults.append(
                Fault(
                    file.source,
                    "",
                    f"The language '{code}' of HELPLINE_LANGUAGES is not described.",
                    f"add a block '{code}:' beside the others, or take it out of HELPLINE_LANGUAGES.",
                )
            )
            continue
        faults += [*_missing(code, block), *_unknown(code, block), *check_phrases(code, block.block("phrases"))]
        languages[code] = _language(code, block)
    everywhere = {name: comma_list(file.block(EVERYWHERE).text(name)) for name in file.block(EVERYWHERE).values}
    return languages, everywhere, faults


def _missing(code: str, block: Block) -> list[Fault]:
    needed = [("", name) for name in _NEEDED]
    needed += [("phrases", name) for name in PHRASES] + [("commands", name) for name in COMMANDS]
    return [
        Fault(
            block.source,
            code,
            f"'{f'{inside}: ' if inside else ''}{name}' is missing for this language.",
            "copy the line from another language and translate it.",
        )
        for inside, name in needed
        if not (block.block(inside) if inside else block).text(name)
    ]


def _unknown(code: str, block: Block) -> list[Fault]:
    known = {"phrases": PHRASES, "commands": COMMANDS, HEARING: (*KEYS, *WORD_LISTS)}
    return [
        Fault(
            block.block(inside).source_of(name),
            code,
            f"'{inside}: {name}' means nothing.",
            f"use one of {', '.join(names)}.",
        )
        for inside, names in known.items()
        for name in block.block(inside).values
        if name not in names
    ]


def _language(code: str, block: Block) -> Language:
    commands, hearing, phrases = block.block("commands"), block.block(HEARING), block.block("phrases")
    return Language(
        code=code,
        name=block.text("name"),
        locale=block.text("locale"),
        voice=block.text("voice"),
        rate=block.text("rate"),
        phrases={name: phrases.text(name) for name in PHRASES},
        commands={name: comma_list(commands.text(name)) for name in COMMANDS},
        keys={key: comma_list(hearing.text(name)) for name, key in KEYS.items()},
        word_lists={name: comma_list(hearing.text(name)) for name in WORD_LISTS},
        stop_followers=comma_list(block.text("stop_followers")),
        small_words=comma_list(block.text("small_words")),
        filler=comma_list(block.text("filler")),
        spelling=dict(pairs(block.text("spelling"))),
        spoken=dict(pairs(block.text("spoken"))),
    )
