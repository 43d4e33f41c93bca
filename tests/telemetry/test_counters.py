"""Counts of one process."""

from __future__ import annotations

from helpline.telemetry import counters as module
from helpline.telemetry.counters import Counters


def test_what_was_taken_is_not_handed_over_again() -> None:
    counters = Counters()
    counters.count("turns", heard="key", channel="sms")
    counters.add("turns", 2, channel="sms", heard="key")
    assert counters.take() == {("turns", "channel=sms,heard=key"): 3}
    assert counters.take() == {}
    counters.count("store_down")
    assert counters.take() == {("store_down", ""): 1}
    assert counters.all() == {"store_down": 1, "turns{channel=sms,heard=key}": 3}


def test_a_label_is_a_word_whatever_was_meant_by_it() -> None:
    counters = Counters()
    counters.count("effects", effect="a,b=c d\n{}", outcome="é")
    counters.count("requests", route="/twilio/voice/turn/<where>", status="200")
    assert counters.take() == {
        ("effects", "effect=a_b_c_d___,outcome=_"): 1,
        ("requests", "route=/twilio/voice/turn/<where>,status=200"): 1,
    }


def test_no_list_of_labels_grows_without_end() -> None:
    counters = Counters()
    for place in range(module.MOST_LABELS + 50):
        counters.count("effects", effect=f"e{place}")
    counters.count("effects", effect="e1")
    counters.count("effects", effect="x" * 200)
    taken = counters.take()
    assert len(taken) == module.MOST_LABELS + 1
    assert taken["effects", "other"] == 51
    assert taken["effects", "effect=e1"] == 2
