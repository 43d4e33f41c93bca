"""How a wording looks on a phone: pages of at most two segments, in GSM-7, with the keys that they offer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from helpline.menus import gsm7
from helpline.menus.pages import Option, fill, sentences, take_apart
from helpline.menus.shapes import MAIN_MENU, Language, Node


@dataclass(frozen=True, slots=True)
class SmsPage:
    """One text message. `text` may still hold date placeholders; `tail` are the lines that offer its keys.

    `longest` is how many septets it takes at most, whatever the dates.
    """

    text: str
    tail: str
    options: tuple[Option, ...]
    longest: int


def sms_pages(
    node: Node, language: Language, values: dict[str, str], longest_dates: Mapping[str, str]
) -> tuple[SmsPage, ...]:
    """The text messages of a node. A page that is too long is cut at sentence ends, with '6 Suite' under each part."""
    wording = node.wordings.get(language.code)
    if wording is None:
        return ()
    pieces: list[tuple[str, tuple[Option, ...], str]] = []
    room = gsm7.TWO_SEGMENTS - _size("\n" + _tail((), True, node, language), longest_dates)
    for page in wording.pages:
        parts = take_apart(gsm7.to_gsm7(fill(page, values)))
        before, after = "\n".join(parts.before), "\n".join(parts.after)
        whole = _join(before, _tail(parts.options, True, node, language), after)
        if _size(whole, longest_dates) <= gsm7.TWO_SEGMENTS:
            pieces.append((before, parts.options, after))
            continue
        cut = _cut(parts.before, room, longest_dates)
        pieces += [(text, (), "") for text in cut[:-1]]
        last = _join(cut[-1], _tail(parts.options, True, node, language), after)
        if _size(last, longest_dates) > gsm7.TWO_SEGMENTS and parts.options:
            pieces.append((cut[-1], (), ""))
            pieces.append(("", parts.options, after))
        else:
            pieces.append((cut[-1], parts.options, after))
    return tuple(
        _page(before, options, after, index < len(pieces) - 1, node, language, longest_dates)
        for index, (before, options, after) in enumerate(pieces)
    )


def _page(
    before: str,
    options: tuple[Option, ...],
    after: str,
    more: bool,
    node: Node,
    language: Language,
    longest_dates: Mapping[str, str],
) -> SmsPage:
    tail = _tail(options, more, node, language)
    text = _join(before, tail, after)
    return SmsPage(text, tail, options, _size(text, longest_dates))


def _tail(options: tuple[Option, ...], more: bool, node: Node, language: Language) -> str:
    lines = [f"{option.key} {option.label}" for option in options]
    if more:
        lines.append(f"6 {gsm7.to_gsm7(language.phrases['next'])}")
    if node.id != MAIN_MENU and node.kind != "end":
        lines.append(f"0 {gsm7.to_gsm7(language.phrases['menu'])}")
    return "\n".join(lines)


def _join(*blocks: str) -> str:
    return "\n".join(block for block in blocks if block)


def _size(text: str, longest_dates: Mapping[str, str]) -> int:
    return gsm7.septets(gsm7.to_gsm7(fill(text, dict(longest_dates))))


def _cut(lines: tuple[str, ...], room: int, longest_dates: Mapping[str, str]) -> list[str]:
    """Cut lines at sentence ends into texts that fit into `room` septets. One sentence is never cut."""
    texts = [""]
    for line in lines:
        for index, sentence in enumerate(sentences(line)):
            glue = " " if index else "\n"
            longer = f"{texts[-1]}{glue}{sentence}" if texts[-1] else sentence
            if texts[-1] and _size(longer, longest_dates) > room:
                texts.append(sentence)
            else:
                texts[-1] = longer
    return texts
