"""Every fact that callers need reaches them, walked key by key as a caller walks."""

import html
import re
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from helpline.conversation.engine import follow, respond
from helpline.conversation.heard import Heard
from helpline.conversation.session import Place, Session
from helpline.conversation.turn import Context, Outcome, Turn
from helpline.identity import identity_of
from helpline.menus.check_facts import plain
from helpline.menus.prompts import Prompts, depths
from helpline.menus.shapes import CHANNELS, Channel
from helpline.menus.voice_form import pronounced
from helpline.prompts_folder import load_prompts
from helpline.sms.compose import compose
from helpline.voice.speech import Spoken, speech
from tests.conftest import settings_for

REQUIRED = (Path(__file__).parent.parent / "data" / "required_facts.txt").read_text().split()
KEYS_TO_TOPIC, KEYS_TO_FACT = 3, 5
# The monthly update is open, on its last day, closed: what is computed leads elsewhere.
DAYS = [datetime(2026, 12, day, 9, tzinfo=UTC) for day in (3, 15, 20)]
LANGUAGES = ("fr", "en")
ANSWERS = {"day": "2027-06-15", "time": "14:30"}  # to questions on the way


@dataclass(frozen=True)
class Walked:
    """A node that was reached: after how many keys from the main menu, and the words of its pages in their order."""

    keys: int
    pages: tuple[str, ...]


@cache
def prompts() -> Prompts:
    settings = settings_for(Path(tempfile.gettempdir()) / "helpline-tests")
    return load_prompts(settings.prompts_dir, settings.languages, identity_of(settings))


@cache
def walked(channel: Channel, language: str) -> Mapping[str, Walked]:
    """Every node that keys lead to, on any of the days, by the shortest way."""
    found: dict[str, Walked] = {}
    for day in DAYS:
        for node, reached in _walk(Context(channel, day, "x"), language):
            if node not in found or reached.keys < found[node].keys:
                found[node] = reached
    return found


def _walk(context: Context, language: str) -> Iterator[tuple[str, Walked]]:
    start = respond(prompts(), Session(language=language), Heard("key", ("#",)), context)
    waiting = [(start, 0)]
    entered: set[str] = set()
    seen = {start.session.place}
    while waiting:
        turn, keys = waiting.pop(0)
        place = turn.session.place
        if place.page == 0 and place.node not in entered:
            entered.add(place.node)
            yield place.node, Walked(keys, tuple(_pages(turn.session, context)))
        asked = prompts().menus.nodes[place.node].ask
        heard = [Heard("answer", (ANSWERS[asked],))] if asked else [_key(key) for key in "123456"]
        for following in (each for one in heard for each in _following(turn.session, one, context)):
            if following.session.place not in seen and not following.session.choices:
                seen.add(following.session.place)
                waiting.append((following, keys + 1))


def _key(key: str) -> Heard:
    return Heard("key", (key,), literal=True)


def _following(session: Session, heard: Heard, context: Context) -> Iterator[Turn]:
    """What a key or an answer leads to; where it does something, whatever may come of that."""
    turn = respond(prompts(), session, heard, context)
    if turn.effect is None:
        yield turn
        return
    for name in prompts().menus.nodes[turn.effect.node].outcomes:
        yield follow(prompts(), session, heard, turn.session, turn.effect, Outcome(name), context)


def _pages(session: Session, context: Context) -> Iterator[str]:
    """The words of this page and of those that "6" leads on to."""
    turn = respond(prompts(), session, Heard("key", ("9",)), context)
    while True:
        yield _words(turn, context)
        following = respond(prompts(), turn.session, Heard("key", ("6",)), context)
        if following.session.place != Place(session.place.node, turn.session.place.page + 1):
            return
        turn = following


def _words(turn: Turn, context: Context) -> str:
    if context.channel == "sms":
        return " ".join(compose(prompts(), turn, context))
    pieces = speech(prompts(), turn, frozenset(), context)
    said = " ".join(piece.ssml for piece in pieces if isinstance(piece, Spoken))
    return html.unescape(re.sub(r"<[^>]*>", " ", said))


def _holds(words: str, phrase: str, channel: Channel, language: str) -> bool:
    """Whether words hold one of the ways to put a phrase, as this channel puts it."""
    ways = phrase.split(" / ")
    if channel == "voice":
        ways += [pronounced(way, prompts().menus.languages[language]) for way in ways]
    bare = re.sub(r"[^\w' ]+", " ", plain(words))
    return any(" ".join(re.sub(r"[^\w' ]+", " ", plain(way)).split()) in " ".join(bare.split()) for way in ways)


def test_the_list_of_required_facts_is_whole() -> None:
    assert len(REQUIRED) == len(set(REQUIRED)) == 138


def test_every_required_fact_is_cited_by_a_place_near_the_main_menu() -> None:
    near = {name for name, keys in depths(prompts().menus).items() if keys <= KEYS_TO_TOPIC}
    cited = {fact for name in near for fact in prompts().menus.nodes[name].facts}
    assert sorted(set(REQUIRED) - cited) == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("channel", CHANNELS)
def test_every_required_fact_reaches_a_caller(channel: Channel, language: str) -> None:
    reached = walked(channel, language)
    missing: dict[str, object] = {}
    for name in REQUIRED:
        phrases = prompts().menus.facts[name].words[language]
        citing = [node for node in prompts().menus.nodes.values() if name in node.facts]
        near = [node.id for node in citing if node.id in reached and reached[node.id].keys <= KEYS_TO_TOPIC]
        said = [
            node
            for node in near
            if all(
                _holds(" ".join(reached[node].pages[: KEYS_TO_FACT + 1]), phrase, channel, language)
                for phrase in phrases
            )
        ]
        if not said:
            missing[name] = near or [(node.id, node.id in reached and reached[node.id].keys) for node in citing]
    assert missing == {}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("channel", CHANNELS)
def test_keys_lead_to_every_place_that_the_tree_promises(channel: Channel, language: str) -> None:
    reached = walked(channel, language)
    promised = {
        name for name in depths(prompts().menus) if prompts().menus.nodes[name].kind not in ("choose", "effect")
    }
    assert promised - reached.keys() - {"language"} == set()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("channel", CHANNELS)
def test_a_topic_has_at_most_three_pages(channel: Channel, language: str) -> None:
    assert {node for node, found in walked(channel, language).items() if len(found.pages) > 3} == set()
