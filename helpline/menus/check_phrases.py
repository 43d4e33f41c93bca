"""Inspection of the fixed phrases of a language: the program fills some of them, and only with what it has."""

from __future__ import annotations

from collections.abc import Iterator

from helpline.menus.faults import Fault
from helpline.menus.pages import placeholders
from helpline.menus.yaml_text import Block

# What the program puts into a phrase, and so what the phrase has to name.
FILLED = {"key": ("key", "label"), "choose_language": ("key",), "continue": ("label",)}


def check_phrases(code: str, phrases: Block) -> Iterator[Fault]:
    """Phrases that name what nothing fills, or leave out what they are for."""
    for name in phrases.values:
        written, wanted = phrases.text(name), FILLED.get(name, ())
        named, source = placeholders(written), phrases.source_of(name)
        for unknown in sorted(set(named) - set(wanted)):
            use = ", ".join(f"{{{one}}}" for one in wanted)
            mend = f"use {use}." if wanted else "write it without braces."
            yield Fault(source, code, f"Its phrase '{name}' names {{{unknown}}}, which nothing fills.", mend)
        for needed in wanted:
            if written and needed not in named:
                mend = f"put {{{needed}}} where it belongs."
                yield Fault(source, code, f"Its phrase '{name}' does not name {{{needed}}}.", mend)
        if written.count("{") != len(named) or written.count("}") != len(named):
            mend = "write a placeholder as {label}, or take the brace out."
            yield Fault(source, code, f"A brace stands alone in its phrase '{name}'.", mend)
