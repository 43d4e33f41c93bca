"""`facts.yaml`: every fact with its source, status and date of review."""

from __future__ import annotations

from datetime import date

from helpline.menus.faults import Fault
from helpline.menus.shapes import Fact
from helpline.menus.yaml_text import Block, comma_list

STATUSES = ("holds", "changed", "unverified")
_OTHER_NAMES = frozenset({"source", "status", "note", "checked", "words"})


def parse_facts(file: Block) -> tuple[dict[str, Fact], list[Fault]]:
    """The register of facts by id."""
    faults: list[Fault] = []
    facts: dict[str, Fact] = {}
    for name, block in file.values.items():
        if not isinstance(block, Block):
            faults.append(Fault(block.source, name, "A fact needs its lines below it.", "look at the fact above."))
            continue
        statements = {code: block.text(code) for code in block.values if code not in _OTHER_NAMES}
        words = block.block("words")
        faults += [
            Fault(block.source, name, f"The fact has no '{needed}'.", "look at the fact above or below.")
            for needed in ("source", "status", "checked")
            if not block.text(needed)
        ]
        if block.text("status") and block.text("status") not in STATUSES:
            faults.append(
                Fault(
                    block.source_of("status"),
                    name,
                    f"There is no status '{block.text('status')}'.",
                    f"use {', '.join(STATUSES)}.",
                )
            )
        facts[name] = Fact(
            id=name,
            statements=statements,
            source=block.text("source"),
            status=block.text("status"),
            checked=_date(name, block, faults),
            words={code: comma_list(words.text(code)) for code in words.values},
            note=block.text("note"),
            written=block.source,
        )
    return facts, faults


def _date(name: str, block: Block, faults: list[Fault]) -> date:
    try:
        return date.fromisoformat(block.text("checked") or "1970-01-01")
    except ValueError:
        faults.append(
            Fault(
                block.source_of("checked"),
                name,
                "This is no date.",
                "write it as 2026-11-22 (year-month-day).",
            )
        )
        return date(1970, 1, 1)
