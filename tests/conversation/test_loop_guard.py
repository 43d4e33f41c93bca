"""Two machines do not answer each other for ever, and no person is taken for one."""

from hypothesis import given
from hypothesis import strategies as st

from helpline.conversation.loop_guard import LoopGuard, count_text, decode, encode

START = 1_800_000_000


def verdicts(texts: list[tuple[str, int]]) -> list[str]:
    """What is done with texts of one caller; each is (mark, seconds since the first)."""
    guard, found = LoopGuard(), []
    for mark, at in texts:
        guard, verdict = count_text(decode(encode(guard)), mark, START + at)
        found.append(verdict)
    return found


def test_the_sixth_same_text_in_a_row_is_taken_for_a_machine() -> None:
    assert verdicts([("a", 60 * n) for n in range(8)]) == ["answer"] * 5 + ["notice"] + ["silent"] * 2


def test_another_text_between_begins_the_row_anew() -> None:
    assert set(verdicts([("a" if n % 6 else "b", 21 * n) for n in range(28)])) == {"answer"}


def test_the_thirty_first_text_in_ten_minutes_is_taken_for_a_machine() -> None:
    texts = [(str(n), n) for n in range(40)]
    assert verdicts(texts) == ["answer"] * 30 + ["notice"] + ["silent"] * 9


def test_thirty_texts_in_ten_minutes_are_a_person() -> None:
    assert set(verdicts([(str(n), 20 * n) for n in range(200)])) == {"answer"}


def test_it_calms_down() -> None:
    machine = [("a", n) for n in range(20)]
    assert verdicts([*machine, ("b", 615), ("c", 630)])[-2:] == ["answer", "answer"]


def test_a_machine_that_goes_on_slowly_gets_one_notice_only() -> None:
    assert verdicts([("a", 60 * n) for n in range(100)]).count("notice") == 1


def test_the_same_text_on_many_days_is_a_person() -> None:
    assert set(verdicts([("menu", 3600 * n) for n in range(30)])) == {"answer"}


@given(st.lists(st.tuples(st.sampled_from(["a", "b", "0f3a9c77d1", "secret"]), st.integers(0, 900)), max_size=80))
def test_the_text_form_gives_the_guard_back(steps: list[tuple[str, int]]) -> None:
    guard, at = LoopGuard(), START
    for mark, gap in steps:
        at += gap
        guard, _ = count_text(guard, mark, at)
        assert decode(encode(guard)) == guard
    assert len(encode(guard)) < 200


@given(st.one_of(st.text(), st.text("0123456789.pa-", max_size=40)))
def test_any_text_is_read_as_a_guard(text: str) -> None:
    guard, verdict = count_text(decode(text), "a", START)
    assert verdict in ("answer", "notice", "silent")
    assert decode(encode(guard)) == guard


def test_a_clock_that_was_set_back_silences_nobody() -> None:
    ahead = [(str(n), 86_400 + n) for n in range(32)]
    assert verdicts([*ahead, ("later", 0)])[-1] == "answer"
