"""Inspection of the words: what is missing, too long for a text or an ear, or claimed twice."""

from __future__ import annotations

import re
from collections.abc import Iterator

from helpline.menus import gsm7
from helpline.menus.dated_places import kind_of_place
from helpline.menus.dates import DATE_PLACEHOLDERS, DATED_PLACEHOLDERS
from helpline.menus.faults import Fault
from helpline.menus.forms import ADVISER_ANSWERS, ADVISER_HOURS, IDENTITY_PLACEHOLDERS, NodeForms
from helpline.menus.pages import placeholders, sentences, take_apart
from helpline.menus.prompts import Prompts, depths
from helpline.menus.shapes import Language, Menus, Node, Source, Wording
from helpline.menus.voice_form import over_say_limits, say_joined

LONGEST_SENTENCE, LONG_SENTENCE = 15, 12
MOST_SECONDS = 20.0
MOST_PAGES = 3
LONGEST_LABEL = 30
_NEARLY_AN_OPTION = re.compile(r"[0-9]\s*[.):/-]\s*\D")
ENGINE_PLACEHOLDERS = ("place",)
DONE_KEY = "7"  # it means the same on every page, and a reminder names it


def check_words(prompts: Prompts, recordings: frozenset[str] = frozenset()) -> list[Fault]:
    """Faults of each wording, and of keywords across the tree."""
    faults: list[Fault] = []
    main = depths(prompts.menus)
    for node in prompts.menus.nodes.values():
        for code, language in prompts.menus.languages.items():
            wording = node.wordings.get(code)
            if wording is None:
                faults.append(
                    Fault(node.source, node.id, f"It has no words in '{code}'.", f"add a block '{code}:' to it.")
                )
                continue
            faults += _wording(node, code, wording, prompts)
            if node.kind not in ("choose", "effect"):
                forms = prompts.form(node.id, code)
                faults += _sms(node, code, wording, forms, in_tree=node.id in main)
                faults += _voice(node, language, forms, recordings)
    return faults


def _wording(node: Node, code: str, wording: Wording, prompts: Prompts) -> Iterator[Fault]:
    where, here = node.source, f"{node.id} ({code})"
    if not wording.label:
        yield Fault(where, here, "It has no label.", "add 'label:' with its short name.")
    if len(wording.label) > LONGEST_LABEL:
        yield Fault(where, here, f"Its label is over {LONGEST_LABEL} characters.", "find a shorter name.")
    if node.kind in ("choose", "effect"):
        return
    if not wording.pages:
        yield Fault(where, here, "It has no text.", "add 'text: |' with its words on the next lines.")
    known = {
        *DATE_PLACEHOLDERS,
        *_dated(node, prompts.menus),
        *IDENTITY_PLACEHOLDERS,
        ADVISER_HOURS,
        ADVISER_ANSWERS,
        *ENGINE_PLACEHOLDERS,
        *prompts.menus.service_words,
    }
    for name, pages in (("text", wording.pages), ("voice", wording.voice), ("again", (wording.again,))):
        yield from _options(node, here, name, pages)
        for page in pages:
            for placeholder in placeholders(page):
                if placeholder not in known:
                    yield Fault(
                        where,
                        here,
                        f"Nothing is known by the name {{{placeholder}}} in its {name}.",
                        f"use one of {', '.join(sorted(known))}.",
                    )
            if not page.count("{") == page.count("}") == len(placeholders(page)):
                mend = "write a placeholder as {service}, or take the brace out."
                yield Fault(where, here, f"A brace stands alone in its {name}.", mend)
            yield from _sentences(where, here, page)
    for text in (wording.label, *wording.pages):
        for letter in gsm7.unseen(text):
            yield Fault(where, here, f"No phone shows the letter '{letter}' in a text message.", "use plain letters.")
        for word in gsm7.lost_accents(text):
            yield Fault(
                where,
                here,
                f"'{word}' becomes '{gsm7.to_gsm7(word)}' in a text message.",
                "choose another word if there is one.",
                "warning",
            )


def _dated(node: Node, menus: Menus) -> tuple[str, ...]:
    """The words of a date are known in the places of a dated kind, and nowhere else."""
    return DATED_PLACEHOLDERS if kind_of_place(menus, node.id) else ()


def _options(node: Node, here: str, name: str, pages: tuple[str, ...]) -> Iterator[Fault]:
    shown: set[str] = set()
    for page in pages:
        keys = [option.key for option in take_apart(page).options]
        for key in sorted({key for key in keys if keys.count(key) > 1}):
            yield Fault(node.source, here, f"Two options of its {name} have the key {key}.", "give each its own key.")
        for key in keys:
            if key == DONE_KEY:
                continue
            if not key.isdigit() or not 1 <= int(key) <= len(node.options):
                yield Fault(
                    node.source,
                    here,
                    f"Its {name} offers the key {key}, and 'options' has no such place.",
                    "add the place to 'options', or begin the line with '-' if it is no choice.",
                )
        shown.update(keys)
        for line in page.splitlines():
            if _NEARLY_AN_OPTION.match(line):
                mend = "write '1 ...' for a choice, with nothing behind the digit, and '- ...' for a step."
                yield Fault(node.source, here, f"A line begins with a digit but is no choice: '{line}'", mend)
    if not any(pages) or name == "again":
        return
    for number, option in enumerate(node.options, start=1):
        if str(number) not in shown:
            yield Fault(
                node.source,
                here,
                f"No line of its {name} offers '{option}'.",
                f"add a line '{number} ...' to a page, or take it out of 'options'.",
            )


def _sentences(where: Source, here: str, page: str) -> Iterator[Fault]:
    parts = take_apart(page)
    for line in (*parts.before, *parts.after):
        for sentence in sentences(line):
            words = len(sentence.removeprefix("- ").replace(" :", "").replace(" ?", "").replace(" !", "").split())
            if words >= LONG_SENTENCE:
                yield Fault(
                    where,
                    here,
                    f"A sentence has {words} words: '{sentence}'",
                    "make two of it.",
                    "fault" if words > LONGEST_SENTENCE else "warning",
                )


def _sms(node: Node, code: str, wording: Wording, forms: NodeForms, in_tree: bool) -> Iterator[Fault]:
    here = f"{node.id} ({code})"
    for number, page in enumerate(forms.sms, start=1):
        if page.longest > gsm7.TWO_SEGMENTS:
            yield Fault(
                node.source,
                here,
                f"Page {number} is over 2 segments: {page.longest} of {gsm7.TWO_SEGMENTS} septets.",
                "make the sentence shorter, or put '---' between two sentences.",
            )
    if len(forms.sms) > len(wording.pages):
        yield Fault(
            node.source,
            here,
            f"Its text was cut into {len(forms.sms)} messages.",
            "put '---' where you would cut it.",
            "warning",
        )
    if in_tree and max(len(forms.sms), len(forms.voice)) > MOST_PAGES:
        count = f"{len(forms.sms)} messages and {len(forms.voice)} prompts"
        yield Fault(node.source, here, f"It has {count}.", f"{MOST_PAGES} pages at most: first what to do.")


def _voice(node: Node, language: Language, forms: NodeForms, recordings: frozenset[str]) -> Iterator[Fault]:
    here = f"{node.id} ({language.code})"
    pages = [*forms.voice, *([forms.again] if forms.again else [])]
    for number, page in enumerate(pages, start=1):
        name = "again" if number > len(forms.voice) else f"prompt {number}"
        if page.seconds_before_key > MOST_SECONDS:
            yield Fault(
                node.source,
                here,
                f"{name} speaks {page.seconds_before_key:g} s before the first key ({page.words_before_key} words).",
                "put '---' between two sentences of 'voice', or say less.",
            )
        if over_say_limits(say_joined(page.body, page.keys)):
            yield Fault(node.source, here, f"{name} is too long for one Say.", "put '---' between two sentences.")
    if not language.voice:
        for number in range(len(forms.voice)):
            name = f"{language.code}/{node.id}" + (f".{number + 1}" if number else "")
            if not {f"{name}.mp3", f"{name}.wav"} & recordings:
                yield Fault(
                    node.source,
                    here,
                    f"'{language.code}' has no voice, and there is no recording of this page.",
                    f"record prompts/audio/{name}.mp3, or give the language a voice in languages.yaml.",
                )
