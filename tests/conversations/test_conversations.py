"""What callers read and hear, word by word. Read the .yaml files beside this one: they need no programming.

After a change of words: `pytest tests/conversations --regenerate`, then read the difference before committing it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from helpline.menus.faults import PromptsError
from helpline.menus.shapes import Node
from helpline.simulator.script.conversation import Conversation, Step, read_conversations
from helpline.simulator.script.shown import side_by_side
from tests.conversations.player import NUMBER, load, play
from tests.conversations.script import all_files, write_conversations

FEWEST = 60
NO_LEAVES = ("menu", "choose", "effect")
# A second key is asked for in calls only, and what is active is told in texts only; calls are asked for in calls; who
# withholds the number has no session; after an end nothing is asked. Another phone is called in calls only, and whether
# a call was asked for is told in texts only.
NOT_SEEN = {
    "sms": {
        "remind.call",
        "remind.sure",
        "remind.sure.last",
        "remind.called",
        "remind.calls.sure",
        "remind.calls.sure.last",
        "remind.calls.saved.last",
        "remind.refused",
        "remind.withheld",
        "talk.dial",
        "talk.hidden",
    },
    "voice": {
        "stop.done",
        "stop.failed",
        "remind.list",
        "remind.again",
        "remind.known",
        "remind.active.open",
        "remind.active.closed",
        "remind.active.done",
        "remind.active.last.open",
        "remind.active.last.closed",
        "remind.active.last.done",
        "talk.known",
        "talk.nothing",
    },
}


@lru_cache
def conversations() -> tuple[Conversation, ...]:
    return tuple(each for path in all_files() for each in read_conversations(path))


def _name(conversation: Conversation) -> str:
    title = re.sub(r"[^a-z0-9]+", "-", conversation.title.lower()).strip("-")
    return f"{conversation.file.removesuffix('.yaml')}-{title}"


def _leaves() -> dict[str, Node]:
    loaded = load(("fr", "en"))
    nodes = loaded.prompts.menus.nodes
    return {name: nodes[name] for name in loaded.prompts.topics if nodes[name].kind not in NO_LEAVES}


def _cases() -> list[object]:
    """Each conversation; one that the helpline cannot have yet must fail, so that nobody forgets to say that it can."""
    return [
        pytest.param(
            each,
            id=_name(each),
            marks=[pytest.mark.xfail(reason=each.not_yet, strict=True)] if each.not_yet else [],
        )
        for each in conversations()
    ]


@pytest.mark.parametrize("conversation", _cases())
def test_the_helpline_answers_as_it_is_written_here(conversation: Conversation, request: pytest.FixtureRequest) -> None:
    valkey = request.getfixturevalue("valkey") if conversation.memory == "valkey" else ""
    try:
        with capture_logs() as logs:
            answers = play(conversation, valkey).answers
    except PromptsError as error:
        pytest.fail(f"run 'helpline prompts check': {error.faults[0]}", pytrace=False)
    _nothing_private_is_logged(conversation, str(logs))
    asked = [f"{step.does} {step.what!r}" for step in conversation.steps]
    asked = ["the call begins", *asked] if conversation.channel == "voice" else asked
    differences = [
        f"{number}. {what}\n{side_by_side(expected, actual)}"
        for number, (what, expected, actual) in enumerate(
            zip(asked, conversation.answers, answers, strict=True), start=1
        )
        if expected != actual
    ]
    if differences:
        pytest.fail(f"{conversation.file}: {conversation.title}\n\n" + "\n\n".join(differences), pytrace=False)


def _nothing_private_is_logged(conversation: Conversation, logs: str) -> None:
    assert NUMBER not in logs
    for step in conversation.steps:
        assert " " not in step.what or step.what not in logs, f"the log holds what a caller wrote: {step.what}"


def test_there_are_enough_conversations_with_titles_of_their_own() -> None:
    titles = [_name(conversation) for conversation in conversations()]
    assert len(titles) >= FEWEST
    assert sorted(titles) == sorted(set(titles))


@pytest.mark.parametrize("where", ["fr", "en", "sms", "voice"])
def test_every_leaf_of_the_tree_is_read_in_each_language_and_on_each_channel(where: str) -> None:
    seen: set[str] = set()
    for conversation in conversations():
        if conversation.memory or conversation.not_yet or where not in ("fr", "en", conversation.channel):
            continue
        with capture_logs():
            played = play(conversation)
        seen |= {node for node, language in played.seen if where in (language, conversation.channel)}
    assert sorted(set(_leaves()) - seen - NOT_SEEN.get(where, set())) == []


def test_regenerating_keeps_everything_but_the_answers(tmp_path: Path) -> None:
    for path in all_files():
        copy = tmp_path / path.name
        copy.write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
        before = read_conversations(copy)
        assert not write_conversations(copy, before), f"{path.name} is not written as --regenerate writes it"
        changed = [each.with_answers(tuple("x: y # z\n\nw" for _ in each.answers)) for each in before]
        write_conversations(copy, changed)
        after = read_conversations(copy)
        assert [each.answers for each in after] == [each.answers for each in changed]
        assert [_asked(each) for each in after] == [_asked(each) for each in before]


def _asked(conversation: Conversation) -> tuple[str, list[tuple[str, ...]]]:
    return conversation.title, [_without_answer(step) for step in conversation.steps]


def _without_answer(step: Step) -> tuple[str, ...]:
    return tuple(value for name, value in step.written.items() if name != "answer")
