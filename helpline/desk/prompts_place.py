"""One place of the prompts as a page shows it: side by side in every language, with its costs. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from helpline.desk.prompts_prepared import Prepared
from helpline.menus.faults import Fault
from helpline.menus.shapes import Node, Wording
from helpline.prompts_command.place_read import CallRead, PieceRead, PlaceReader, TextRead, state_today

_LEADS_ON = ("choose", "effect")


@dataclass(frozen=True, slots=True)
class Told:
    """A place in one language. `locale` is its voice's, for browsers that read aloud."""

    code: str
    language: str
    locale: str
    wording: Wording
    texts: tuple[TextRead, ...] = ()
    calls: tuple[CallRead, ...] = ()


@dataclass(frozen=True, slots=True)
class PlaceShown:
    """A place in all languages. `path` are the places above it on the map; `state` is the case of the day."""

    node: Node
    told: tuple[Told, ...]
    path: tuple[str, ...]
    state: str
    price: Decimal
    warnings: tuple[Fault, ...]

    @property
    def is_read(self) -> bool:
        """Whether it has words of its own, and does not only lead elsewhere."""
        return self.node.kind not in _LEADS_ON

    def cost(self, text: TextRead) -> Decimal:
        """In euros."""
        return self.price * text.segments

    def locale_of(self, piece: PieceRead) -> str:
        """Which voice reads a piece of a call."""
        return next((told.locale for told in self.told if told.code == piece.language), piece.language)


def place_shown(prepared: Prepared, name: str, now: datetime, price: Decimal) -> PlaceShown:
    """A place that is there, as it is at a moment."""
    prompts, recordings = prepared.loaded.prompts, prepared.loaded.recordings
    node = prompts.menus.nodes[name]
    told = []
    for code, language in prompts.menus.languages.items():
        if code not in node.wordings:
            continue
        texts: tuple[TextRead, ...] = ()
        calls: tuple[CallRead, ...] = ()
        if node.kind not in _LEADS_ON:
            reader = PlaceReader(prompts, recordings, code, now)
            texts, calls = tuple(reader.texts(node)), tuple(reader.calls(node))
        told.append(Told(code, language.name, language.locale, node.wordings[code], texts, calls))
    return PlaceShown(
        node=node,
        told=tuple(told),
        path=tuple(_path(prepared, name)),
        state=state_today(prompts, node, now)[0] if node.kind == "choose" else "",
        price=price,
        warnings=tuple(fault for fault in prepared.warnings if fault.node.partition(" ")[0] == name),
    )


def _path(prepared: Prepared, name: str) -> Iterator[str]:
    """The places above it, from the main menu on; none where it stands outside of the tree."""
    branch = prepared.map.tree
    while branch.node != name:
        inner = next((each for each in branch.below if name in each.all_nodes()), None)
        if inner is None:
            return
        yield branch.node
        branch = inner
