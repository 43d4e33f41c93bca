"""Whatever a server answers, it is read as far as the carrier would take it, or refused in words."""

from contextlib import suppress
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.twiml.voice_response import VoiceResponse

from helpline.simulator.line.webhooks import CarrierError
from helpline.simulator.twiml.reading import (
    LARGEST,
    Dial,
    Fault,
    Gather,
    Pause,
    Play,
    Redirect,
    Say,
    read_call,
    read_texts,
)
from helpline.simulator.twiml.rules import NOUNS, OTHER_VERBS, SSML, VERBS

LETTERS = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Co", "Cn"))
WORDS = st.text(LETTERS, max_size=40)
TAGS = st.sampled_from(sorted([*VERBS, *OTHER_VERBS, *NOUNS, *(SSML.keys()), "Message", "Body", "say", "Jump"]))
ATTRIBUTES = st.sampled_from(sorted({name for rule in VERBS.values() for name in rule.attributes} | {"time", "colour"}))
VALUES = st.one_of(WORDS, st.integers().map(str), st.just("9" * 5000), st.sampled_from(["dtmf speech", "true", "auto"]))


def element(inside: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pieces = st.lists(st.one_of(inside, WORDS.map(escape)), max_size=4).map("".join)
    attributes = st.dictionaries(ATTRIBUTES, VALUES, max_size=3).map(
        lambda each: "".join(f" {name}={quoteattr(value)}" for name, value in each.items())
    )
    return st.tuples(TAGS, attributes, pieces).map(lambda each: f"<{each[0]}{each[1]}>{each[2]}</{each[0]}>")


ELEMENTS = st.recursive(st.sampled_from(["<Hangup/>", "<Say>Oui</Say>", "<Gather/>"]), element, max_leaves=8)
ANSWERS = st.lists(ELEMENTS, max_size=5).map(lambda verbs: f"<Response>{''.join(verbs)}</Response>")


@given(st.text())
def test_any_text_is_read_or_refused_in_words(text: str) -> None:
    for read in (read_call, read_texts):
        with suppress(CarrierError):
            read(text)


@given(ANSWERS)
def test_any_tree_of_verbs_is_read(answer: str) -> None:
    verbs = read_call(answer)
    told = [verb for verb in verbs if isinstance(verb, Fault)]
    assert verbs[: len(told)] == tuple(told)
    assert all(fault.words for fault in told)
    assert len(set(told)) == len(told)


@given(ANSWERS)
def test_a_waiting_time_and_a_number_of_keys_always_make_sense(answer: str) -> None:
    for verb in read_call(answer):
        match verb:
            case Gather():
                assert verb.timeout >= 1
                assert verb.digits >= 0
                assert verb.inputs
                assert verb.inputs <= {"dtmf", "speech"}
            case Pause(seconds):
                assert seconds >= 1
            case Dial():
                assert verb.seconds >= 1


@given(st.lists(WORDS.filter(str.strip), min_size=1, max_size=4), st.sampled_from(["fr-FR", "en-GB"]))
def test_words_come_through_as_the_official_library_writes_them(lines: list[str], language: str) -> None:
    response = VoiceResponse()
    for line in lines:
        response.say(line, language=language)
    response.hangup()
    verbs = read_call(str(response))
    said = [verb for verb in verbs if isinstance(verb, Say)]
    assert [verb.lines for verb in said] == [(" ".join(line.split()),) for line in lines]
    assert not any(isinstance(verb, Fault) for verb in verbs)


@given(ELEMENTS.filter(lambda text: text.startswith(("<Jump", "<Message", "<Body", "<say"))))
def test_what_the_carrier_does_not_know_is_told_and_passed_over(element: str) -> None:
    verbs = read_call(f"<Response>{element}<Say>Oui</Say></Response>")
    assert isinstance(verbs[0], Fault)
    assert [verb for verb in verbs if not isinstance(verb, Fault)] == [Say("", "", ("Oui",))]


def test_values_that_the_carrier_does_not_take_are_as_if_they_were_not_there() -> None:
    ask = '<Gather numDigits="four" timeout="soon" finishOnKey="x" input="eyes"><Say loop="often">Oui</Say></Gather>'
    gathers = [verb for verb in read_call(f"<Response>{ask}</Response>") if isinstance(verb, Gather)]
    assert gathers == [Gather("", (Say("", "", ("Oui",)),), frozenset({"dtmf"}), 0, "#", 5.0, posts_silence=False)]


def test_a_loop_is_heard_as_often_and_one_without_end_for_a_while() -> None:
    answer = '<Response><Say loop="2">Oui</Say><Play loop="0">/a.mp3</Play><Redirect>/on</Redirect></Response>'
    verbs = read_call(answer)
    assert verbs.count(Say("", "", ("Oui",))) == 2
    assert verbs.count(Play("/a.mp3")) == 10
    assert verbs[-1] == Redirect("/on")


def test_a_say_that_is_too_long_is_not_said() -> None:
    verbs = read_call(f"<Response><Say>{'a' * 3001}</Say><Hangup/></Response>")
    assert not any(isinstance(verb, Say) for verb in verbs)


def test_an_answer_larger_than_the_carrier_takes_is_refused() -> None:
    with pytest.raises(CarrierError, match="and the carrier takes 65536"):
        read_call(f"<Response><!--{'a' * LARGEST}--></Response>")
