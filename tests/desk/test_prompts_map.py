"""The map of the prompts: what hangs below what, what stands outside, and how the top is drawn."""

from __future__ import annotations

from collections import Counter
from itertools import combinations

import pytest

from helpline.desk.language import all_texts
from helpline.desk.prompts_drawing import LONGEST, WIDTH, Box, drawing
from helpline.desk.prompts_map import Branch, Link, links_of, map_of, wording_in
from helpline.menus.check_tree import EFFECTS
from helpline.menus.shapes import MAIN_MENU, Menus, Node, Wording
from tests.on_request.people import shipped


@pytest.fixture
def menus() -> Menus:
    return shipped().menus


def branches(branch: Branch) -> list[Branch]:
    return [branch, *(inner for each in branch.below for inner in branches(each))]


def test_every_place_is_on_the_map_once(menus: Menus) -> None:
    found = map_of(menus)
    shown = Counter(found.tree.all_nodes()) + Counter(name for names in found.outside.values() for name in names)
    assert shown == Counter(list(menus.nodes))


def test_what_a_menu_offers_hangs_below_the_menu_not_below_a_page_that_leads_there_too(menus: Menus) -> None:
    tree = map_of(menus).tree
    assert [(branch.by, branch.node) for branch in tree.below if branch.by and branch.by.how == "key"] == [
        (Link("key", str(key), name), name) for key, name in enumerate(menus.nodes[MAIN_MENU].options, start=1)
    ]
    of_update = next(branch for branch in tree.below if branch.node == "update")
    assert [branch.node for branch in of_update.below] == list(menus.nodes["update"].options)


def test_each_way_stands_at_the_place_that_it_begins_at(menus: Menus) -> None:
    for branch in branches(map_of(menus).tree):
        ways = [inner.by for inner in branch.below] + list(branch.also)
        assert Counter(ways) == Counter(links_of(menus.nodes[branch.node])), branch.node


def test_the_ways_to_a_place_are_those_that_lead_there(menus: Menus) -> None:
    found = map_of(menus)
    assert found.to["update"][0] == (MAIN_MENU, Link("key", "1", "update"))
    for name, ways in found.to.items():
        for begins, link in ways:
            assert link.node == name
            assert link in links_of(menus.nodes[begins])


def test_what_stands_outside_is_sorted_by_file_and_says_who_comes_to_it(menus: Menus) -> None:
    found = map_of(menus)
    assert "sorry" in found.outside["answers.yaml"]
    assert list(found.outside) == sorted(found.outside)
    ways = {name: found.of_itself.get(name) for name in ("wave.opening", "call.opening", "sorry", "update.how")}
    assert ways == {"wave.opening": "sent", "call.opening": "called", "sorry": "by_name", "update.how": None}


def test_a_place_without_words_in_the_readers_language_shows_those_that_it_has() -> None:
    french = Wording("Connexion")
    assert wording_in(Node("signin", "menu", {"fr": french}), "en") == french
    assert wording_in(Node("signin", "menu", {}), "en").label == "signin"


def test_every_way_that_an_action_may_go_has_words() -> None:
    outcomes = {f"outcomes.{name}" for names in EFFECTS.values() for name in names}
    assert outcomes - set(all_texts()) == set()


def apart(one: Box, other: Box) -> bool:
    return (
        one.x + one.width <= other.x
        or other.x + other.width <= one.x
        or one.y + one.height <= other.y
        or other.y + other.height <= one.y
    )


def test_no_two_boxes_of_the_drawing_touch_and_all_are_within(menus: Menus) -> None:
    drawn = drawing(map_of(menus).tree, lambda name: name)
    assert len(drawn.boxes) > 25
    assert all(apart(one, other) for one, other in combinations(drawn.boxes, 2))
    assert all(box.x >= 0 and box.x + box.width <= WIDTH for box in drawn.boxes)
    assert all(box.y >= 0 and box.y + box.height <= drawn.height for box in drawn.boxes)


def test_each_box_but_the_first_is_led_to_by_a_line(menus: Menus) -> None:
    drawn = drawing(map_of(menus).tree, lambda name: name)
    assert Counter((line.x2, line.y2) for line in drawn.lines) == Counter(
        (box.x, box.middle) for box in drawn.boxes[1:]
    )


def test_a_label_that_is_too_long_for_its_box_is_cut() -> None:
    drawn = drawing(Branch(MAIN_MENU, None), lambda _: "word " * 20)
    (box,) = drawn.boxes
    assert len(box.label) <= LONGEST
    assert box.label.endswith("…")
    assert drawn.lines == ()
