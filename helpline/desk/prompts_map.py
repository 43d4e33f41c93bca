"""The tree of the prompts as a map: where each key leads, what hangs below what, and what stands outside. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from helpline.menus.check_tree import called, required, sent
from helpline.menus.shapes import MAIN_MENU, Menus, Node, Wording

How = Literal["key", "case", "outcome", "next", "unclear"]
Outside = Literal["sent", "called", "by_name"]


@dataclass(frozen=True, slots=True)
class Link:
    """A way from one place to another: by a key, by how the day or an outcome is (`name`), or by itself."""

    how: How
    name: str
    node: str


@dataclass(frozen=True, slots=True)
class Branch:
    """A place of the map, where it is met first. `also` are ways to places that stand elsewhere on the map."""

    node: str
    by: Link | None
    below: tuple[Branch, ...] = ()
    also: tuple[Link, ...] = ()

    def all_nodes(self) -> Iterator[str]:
        """It, and all that hangs below it."""
        yield self.node
        for each in self.below:
            yield from each.all_nodes()


@dataclass(frozen=True, slots=True)
class Map:
    """Everything at once. `to` gives for a place the ways to it, each with the place that it begins at."""

    tree: Branch
    outside: Mapping[str, tuple[str, ...]]
    to: Mapping[str, tuple[tuple[str, Link], ...]]
    of_itself: Mapping[str, Outside]


def map_of(menus: Menus) -> Map:
    """The map of menus without faults."""
    tree = _tree(menus)
    inside = set(tree.all_nodes())
    rest = [node for node in menus.nodes.values() if node.id not in inside]
    rest.sort(key=lambda node: (node.source.file, node.source.line))
    to: dict[str, tuple[tuple[str, Link], ...]] = {}
    for node in menus.nodes.values():
        for link in links_of(node):
            to[link.node] = (*to.get(link.node, ()), (node.id, link))
    return Map(
        tree=tree,
        outside={file: tuple(n.id for n in nodes) for file, nodes in groupby(rest, key=lambda node: node.source.file)},
        to=to,
        of_itself=_of_itself(menus),
    )


def links_of(node: Node) -> tuple[Link, ...]:
    """Where a place leads, its keys first."""
    keys = [Link("key", str(key), to) for key, to in enumerate(node.options, start=1)]
    cases = [Link("case", name, to) for name, to in node.cases.items()]
    outcomes = [Link("outcome", name, to) for name, to in node.outcomes.items()]
    by_itself = [Link("next", "", node.next)] if node.next else []
    unclear = [Link("unclear", "", node.unclear)] if node.unclear else []
    return (*keys, *cases, *outcomes, *by_itself, *unclear)


def wording_in(node: Node, language: str) -> Wording:
    """Its words in a language; in the first that it has, where it has none in that one."""
    return node.wordings.get(language) or next(iter(node.wordings.values()), Wording(node.id))


def _tree(menus: Menus) -> Branch:
    """What the menus offer hangs below them; then whatever else is first met from there."""
    found: dict[str, Link | None] = {MAIN_MENU: None}
    below: dict[str, list[Link]] = {}
    for only_menus in (True, False):
        waiting = list(found)
        while waiting:
            node = menus.nodes[waiting.pop(0)]
            if only_menus and node.kind != "menu":
                continue
            for link in links_of(node):
                if link.node in menus.nodes and link.node not in found:
                    found[link.node] = link
                    below.setdefault(node.id, []).append(link)
                    waiting.append(link.node)
    return _branch(menus, MAIN_MENU, None, below)


def _branch(menus: Menus, name: str, by: Link | None, below: Mapping[str, list[Link]]) -> Branch:
    links, own = links_of(menus.nodes[name]), below.get(name, [])
    return Branch(
        node=name,
        by=by,
        below=tuple(_branch(menus, link.node, link, below) for link in own),
        also=tuple(link for link in links if link not in own),
    )


def _of_itself(menus: Menus) -> dict[str, Outside]:
    """What the program comes to by itself, and how."""
    ways: tuple[tuple[Outside, tuple[str, ...]], ...] = (
        ("by_name", required(menus)),
        ("called", called(menus)),
        ("sent", sent(menus)),
    )
    return {name: how for how, names in ways for name in names}
