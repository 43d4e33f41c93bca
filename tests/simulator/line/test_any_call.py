"""Whatever a server answers and whatever the caller does, a call waits for somebody, or it is over."""

from collections.abc import Iterator, Mapping
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.settings import Settings, load_settings
from helpline.simulator.line.call import Call
from helpline.simulator.line.webhooks import CarrierError, Webhooks
from helpline.simulator.twiml.reading import Fault, Heard
from tests.simulator.twiml.test_reading import ANSWERS

DOINGS = st.one_of(
    st.text("0123456789*#", min_size=1, max_size=6).map(lambda keys: ("press", keys)),
    st.tuples(st.just("say"), st.text(max_size=10)),
    st.sampled_from([("silence", ""), ("transferred", "completed"), ("transferred", "busy")]),
    st.sampled_from([("pick_up", ""), ("hang_up", ""), ("miss", "")]),
)
QUESTION = (
    "<Response><Gather numDigits='2' input='dtmf speech'><Say>1</Say></Gather><Redirect>/on</Redirect></Response>"
)
LATE = "<Response><Pause length='6'/><Redirect>/on</Redirect></Response>"
TRANSFER = "<Response><Dial>+33199001234</Dial><Redirect>/on</Redirect></Response>"


class Prepared(Webhooks):
    """A server that gives these answers one after the other, then hangs up."""

    def __init__(self, answers: list[str]) -> None:
        super().__init__("http://example.org", "http://example.org", "token")
        self._answers = list(answers)

    def post(self, url: str, form: Mapping[str, str]) -> str:
        return self._answers.pop(0) if self._answers else "<Response><Hangup/></Response>"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return load_settings({"VAR_DIR": str(tmp_path_factory.mktemp("var"))})


@given(
    st.lists(st.one_of(ANSWERS, st.just(QUESTION), st.just(TRANSFER), st.just(LATE)), max_size=6),
    st.sampled_from(["+33639980001", "anonymous"]),
    st.lists(DOINGS, max_size=6),
)
def test_a_call_waits_for_somebody_or_is_over(
    settings: Settings, answers: list[str], number: str, doings: list[tuple[str, str]]
) -> None:
    call = Call(Prepared(answers), settings, number)
    faults: list[str] = []
    for doing, what in [("begin", ""), *doings]:
        with suppress(CarrierError):
            faults += [piece.words for piece in _do(call, doing, what) if isinstance(piece, Fault)]
        waits_for = [call.waits is not None, bool(call.dials), call.rings_for > 0, call.is_over]
        assert waits_for.count(True) == 1
        assert not call.pressed or call.waits is not None
    assert set(faults) <= set(call.faults)


def _do(call: Call, doing: str, what: str) -> Iterator[Heard]:
    match doing:
        case "begin":
            return call.begin()
        case "press":
            return call.press(what)[0]
        case "say":
            return call.say(what)
        case "silence":
            return call.silence()
        case "transferred":
            return call.transferred(what)
        case "pick_up":
            return call.pick_up()
        case _:
            call.hang_up(missed=doing == "miss")
            return iter(())
