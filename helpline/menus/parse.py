"""The texts of the files of `prompts/`, read into `Menus`. No I/O: the caller reads the files.

Every fault names its file and line; what can be read is read, so that one look shows all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from helpline.menus.calendar_file import parse_calendar
from helpline.menus.facts_file import parse_facts
from helpline.menus.faults import Fault
from helpline.menus.kinds_file import parse_kinds
from helpline.menus.languages_file import parse_languages
from helpline.menus.shapes import Kind, Menus, Node, Source, Wording
from helpline.menus.yaml_text import Block, Text, comma_list, pages_of, read_yaml, word_list

FACTS, CALENDAR, LANGUAGES, SERVICE = "facts.yaml", "calendar.yaml", "languages.yaml", "service.yaml"
KINDS_FILE = "kinds.yaml"  # there may be none
_NEEDED = frozenset({FACTS, CALENDAR, LANGUAGES, SERVICE})
_SPECIAL = _NEEDED | {KINDS_FILE}
_KINDS: tuple[Kind, ...] = ("menu", "topic", "choose", "effect", "end")
_NODE_NAMES = frozenset(
    {"kind", "facts", "options", "choose", "cases", "effect", "outcomes", "by", "unclear", "ask", "next", "of"}
)
_WORDING_NAMES = frozenset({"label", "keywords", "dated", "text", "voice", "again"})


def parse_prompts(files: Mapping[str, str], languages: tuple[str, ...]) -> tuple[Menus, list[Fault]]:
    """Read the files (name -> text) of a prompts folder for the languages in use, in their order."""
    faults: list[Fault] = []
    blocks: dict[str, Block] = {}
    for name in sorted({*files, *_SPECIAL}):
        if name in _NEEDED and name not in files:
            faults.append(Fault(Source(name, 1), "", "The file is missing.", "put it back into the prompts folder."))
        blocks[name], found = read_yaml(name, files.get(name, ""))
        faults += found
    known, everywhere, found = parse_languages(blocks[LANGUAGES], languages)
    faults += found
    facts, found = parse_facts(blocks[FACTS])
    faults += found
    calendar, found = parse_calendar(blocks[CALENDAR])
    faults += found
    kinds, found = parse_kinds(blocks[KINDS_FILE])
    faults += found
    calendar = replace(calendar, kinds=kinds)
    nodes: dict[str, Node] = {}
    for name, block in blocks.items():
        if name not in _SPECIAL:
            for node in _nodes(block, set(known), faults):
                if node.id in nodes:
                    faults.append(
                        Fault(
                            node.source,
                            node.id,
                            f"The place '{node.id}' is also in {nodes[node.id].source}.",
                            "rename one of the two.",
                        )
                    )
                nodes[node.id] = node
    words = {
        name: {code: value.text(code) for code in value.values}
        for name, value in blocks[SERVICE].values.items()
        if isinstance(value, Block)
    }
    return Menus(nodes, known, facts, calendar, words, everywhere), faults


def _nodes(file: Block, languages: set[str], faults: list[Fault]) -> list[Node]:
    nodes = []
    for name, value in file.values.items():
        if isinstance(value, Text):
            faults.append(
                Fault(
                    value.source,
                    name,
                    "A place needs its words below it.",
                    "look at the place above or below.",
                )
            )
        elif not name.replace(".", "").isalnum() or name != name.lower() or not name[:1].isalpha():
            faults.append(
                Fault(
                    value.source,
                    name,
                    "A name holds small letters, digits and dots only.",
                    "rename the place.",
                )
            )
        else:
            nodes.append(_node(name, value, languages, faults))
    return nodes


def _node(name: str, block: Block, languages: set[str], faults: list[Fault]) -> Node:
    for inner in block.values:
        if inner not in _NODE_NAMES and not (len(inner) == 2 and inner.isalpha()):
            faults.append(
                Fault(
                    block.source_of(inner),
                    name,
                    f"'{inner}' means nothing here.",
                    f"use one of {', '.join(sorted(_NODE_NAMES))}, or a language such as fr.",
                )
            )
    return Node(
        id=name,
        kind=_kind(name, block, faults),
        wordings={
            code: _wording(name, block.block(code), faults)
            for code in block.values
            if code in languages and isinstance(block.values[code], Block)
        },
        options=word_list(block.text("options")),
        choose=block.text("choose"),
        cases=_texts(block.block("cases")),
        effect=block.text("effect"),
        outcomes=_texts(block.block("outcomes")),
        facts=word_list(block.text("facts")),
        by=block.text("by"),
        unclear=block.text("unclear"),
        ask=block.text("ask"),
        next=block.text("next"),
        of=block.text("of"),
        source=block.source,
    )


def _kind(name: str, block: Block, faults: list[Fault]) -> Kind:
    if block.text("choose"):
        return "choose"
    if block.text("effect"):
        return "effect"
    written = block.text("kind") or "topic"
    for kind in _KINDS:
        if kind == written:
            return kind
    faults.append(Fault(block.source_of("kind"), name, f"There is no kind '{written}'.", "use menu, topic or end."))
    return "topic"


def _texts(block: Block) -> dict[str, str]:
    return {name: block.text(name) for name in block.values}


def _wording(node: str, block: Block, faults: list[Fault]) -> Wording:
    for inner in block.values:
        if inner not in _WORDING_NAMES:
            faults.append(
                Fault(
                    block.source_of(inner),
                    node,
                    f"'{inner}' means nothing here.",
                    f"use one of {', '.join(sorted(_WORDING_NAMES))}.",
                )
            )
    return Wording(
        label=block.text("label"),
        keywords=comma_list(block.text("keywords")),
        pages=pages_of(block.text("text")),
        voice=pages_of(block.text("voice")),
        again=block.text("again"),
        dated=comma_list(block.text("dated")),
    )
