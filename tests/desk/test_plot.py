"""Small plots: one column a day, as high as what is counted."""

from __future__ import annotations

from helpline.desk.plot import HEIGHT, WIDTH, Part, plot


def test_the_highest_column_is_as_high_as_the_plot_and_the_others_in_proportion() -> None:
    found = plot([[Part("a", 4)], [Part("a", 1)], [Part("a", 0)]])
    assert found.highest == 4
    assert [bar.height for bar in found.bars] == [HEIGHT, HEIGHT / 4]
    assert [bar.y for bar in found.bars] == [0, HEIGHT * 3 / 4]


def test_the_parts_of_a_column_stand_upon_each_other() -> None:
    lower, upper = plot([[Part("a", 3), Part("b", 1)]]).bars
    assert (lower.kind, upper.kind) == ("a", "b")
    assert upper.y + upper.height == lower.y
    assert lower.y + lower.height == HEIGHT


def test_no_column_is_beyond_the_plot() -> None:
    bars = plot([[Part("a", day + 1)] for day in range(30)]).bars
    assert len(bars) == 30
    assert bars[0].x > 0
    assert bars[-1].x + bars[-1].width < WIDTH


def test_where_nothing_is_counted_nothing_is_drawn() -> None:
    assert plot([[Part("a", 0)]] * 30).bars == ()
    assert plot([]).highest == 0
