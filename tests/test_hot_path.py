"""Rendered words are prepared at start: what a turn does is little."""

import cProfile
import pstats
from collections.abc import Callable

from tests.conftest import Line
from tests.phone import Phone

# Work that belongs to the start: reading and checking prompts, cutting pages, preparing forms.
AT_START = {
    "sms_pages",
    "voice_pages",
    "voice_page",
    "node_forms",
    "all_forms",
    "prepare",
    "parse_prompts",
    "check",
    "load_folder",
    "inspect_folder",
    "tongue_of",
    "topics_of",
    "commands_of",
    "safe_load",
    "compose_document",
    "compiling of regexes",
}


def functions_called(work: Callable[[], object]) -> set[str]:
    profile = cProfile.Profile()
    profile.enable()
    work()
    profile.disable()
    stats = pstats.Stats(profile).stats  # type: ignore[attr-defined]
    ours = [(file, name) for file, _, name in stats if "/sqlalchemy/" not in file]  # it has a "check" of its own
    return {"compiling of regexes" if file.endswith("re/_compiler.py") else name for file, name in ours}


def test_a_text_reads_nothing_and_prepares_nothing(line: Line, phone: Phone) -> None:
    bodies = ["menu", "2", "mot de passe oublie", "6", "quand est l'actualisation", "STOP", "blabla", "EN"]
    for body in bodies:
        phone.text(body)
    other = line.phone()
    called = functions_called(lambda: [other.text(body) for body in bodies])
    assert "respond" in called
    assert called & AT_START == set()


def test_a_turn_of_a_call_reads_nothing_and_prepares_nothing(line: Line, phone: Phone) -> None:
    def call() -> None:
        reply = phone.dial()
        for key in ("1", "2", "2", "6", "9", "*", "0", "1", "1"):
            reply = phone.press(reply, key)
        phone.wait(reply)

    call()
    line.clock.pass_by(minutes=1)  # what was answered within a minute is known, and not thought about again
    called = functions_called(call)
    assert "respond" in called
    assert called & AT_START == set()
