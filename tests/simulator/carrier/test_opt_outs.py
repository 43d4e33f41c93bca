"""Which texts the carrier itself takes for STOP, START or HELP, and from whom."""

from __future__ import annotations

import pytest

from helpline.simulator.carrier.opt_outs import HELPED, STARTED, STOPPED, OptOuts, handling, word_of

ANNA = "+33639980001"


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ("STOP", "STOP"),
        (" stop\n", "STOP"),
        ("Unsubscribe", "STOP"),
        ("OPTOUT", "STOP"),
        ("Start", "START"),
        ("yes", "START"),
        ("info", "HELP"),
        ("Stop please", ""),
        ("ARRET", ""),
        ("STOP.", ""),
        ("", ""),
    ],
)
def test_only_an_english_keyword_alone_counts(body: str, word: str) -> None:
    assert word_of(body) == word


@pytest.mark.parametrize(
    ("sender", "chosen", "handled"),
    [
        ("38123", "", "none"),
        ("+33199001234", "", "default"),
        ("MG" + "a" * 32, "", "advanced"),
        ("38123", "advanced", "advanced"),
        ("+33199001234", "none", "none"),
    ],
)
def test_how_it_is_handled_depends_on_the_kind_of_sender_unless_chosen(sender: str, chosen: str, handled: str) -> None:
    assert handling(sender, chosen) == handled


def test_who_is_blocked_is_answered_nothing_but_that_the_block_ended() -> None:
    opt_outs = OptOuts()
    answers = [opt_outs.heard(ANNA, body, "default")[1] for body in ("HELP", "YES", "STOP", "STOP", "HELP", "YES")]
    assert answers == [HELPED, "", STOPPED, "", "", STARTED]
    assert not opt_outs.is_blocked(ANNA)


def test_where_the_carrier_handles_nothing_no_word_is_a_keyword() -> None:
    opt_outs = OptOuts()
    assert opt_outs.heard(ANNA, "STOP", "none") == ("", "")
    assert not opt_outs.is_blocked(ANNA)
