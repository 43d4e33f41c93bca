"""The two conversations of the phone in the terminal: by text, and in a call."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from helpline.simulator.calls import KEYS, Call
from helpline.simulator.keyboard import typed_lines
from helpline.simulator.screen import Screen
from helpline.simulator.texts import TextLine
from helpline.simulator.twiml import Heard
from helpline.simulator.webhooks import CarrierError

_TRY = {"en": "update, password, register"}
_TRY_FRENCH = "actu, mot de passe, inscription"


def text_with(line: TextLine, screen: Screen, language: str) -> None:
    """Text until the input ends. In a pipe the first failure ends it; a person may try again."""
    at_terminal = sys.stdin.isatty()
    if at_terminal:
        screen.note(f"Texting from {line.number}. Try: {_TRY.get(language, _TRY_FRENCH)}. Ctrl-D ends.")
    if language:
        screen.typed(language.upper())
        screen.messages(line.send(language.upper()))
    for text in typed_lines(screen, "> "):
        try:
            screen.messages(line.send(text))
        except CarrierError as error:
            if not at_terminal:
                raise
            screen.problem(str(error))


def walk(call: Call, screen: Screen) -> None:
    """Lead a call until one side hangs up."""
    if sys.stdin.isatty():
        screen.note("Calling. Type keys (1, 6, 0, *, #), Enter for silence, words to speak. Ctrl-D hangs up.")
    _listen(call.begin(), screen)
    typed = typed_lines(screen, "key> ", empty=True)
    while not call.is_over:
        text = next(typed, None)
        if text is None:
            break
        _answer(call, text, screen)
    screen.note("(The line is closed.)" if call.is_over else "(You hang up.)")
    call.hang_up()


def _answer(call: Call, text: str, screen: Screen) -> None:
    keys = text.replace(" ", "")
    if not keys:
        screen.note(f"(silence, {call.timeout} s)")
        _listen(call.silence(), screen)
    elif set(keys) <= KEYS:
        _press(call, keys, screen)
    elif call.takes_speech:
        _listen(call.say(text.strip().removeprefix("+").strip()), screen)
    else:
        screen.note("(This call takes keys only; VOICE_SPEECH=1 on the server turns speech on.)")


def _press(call: Call, keys: str, screen: Screen) -> None:
    several = len(keys) > 1
    while keys and not call.is_over:
        if not call.takes_keys:
            screen.note("(This question takes no keys, only words.)")
            return
        before = keys
        heard, keys = call.press(keys)
        if several:
            screen.note(f"(key {before[: len(before) - len(keys)]})")
        _listen(heard, screen)


def _listen(heard: Iterator[Heard], screen: Screen) -> None:
    for piece in heard:
        screen.heard(piece)
