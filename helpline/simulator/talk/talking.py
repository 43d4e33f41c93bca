"""The two conversations of the phone in the terminal: by text, and in a call."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from helpline.simulator.line.call import ENDS, KEYS, Call
from helpline.simulator.line.texts import TextLine
from helpline.simulator.line.webhooks import CarrierError
from helpline.simulator.talk.keyboard import typed_lines
from helpline.simulator.talk.screen import Screen
from helpline.simulator.twiml.reading import Heard

_TRY = {"en": "update, password, register"}
_TRY_FRENCH = "actu, mot de passe, inscription"
_ENDS = {"busy": "(The line is busy.)", "no-answer": "(The call is not taken.)"}


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
        screen.note("Calling. Type keys (1, 6, 0, *, #, or 1212), Enter for silence, words to speak. Ctrl-D hangs up.")
    _listen(call.begin(), screen)
    typed = typed_lines(screen, "key> ", empty=True)
    if call.rings_for:
        _ring(call, typed, screen)
    while not call.is_over and not call.rings_for:
        if call.dials:
            screen.note(f"({', '.join(ENDS)}: how does it go? Enter: {ENDS[0]})")
        text = next(typed, None)
        if text is None:
            break
        _answer(call, text, screen)
    screen.note(_how_it_ends(call))
    call.hang_up()


def _ring(call: Call, typed: Iterator[str], screen: Screen) -> None:
    """The line rings on. Whatever is typed now, nobody hears it; who ends the input hangs up."""
    screen.note(f"(It rings for {call.rings_for} s more. Enter: wait. Ctrl-D: hang up, which costs nothing.)")
    if next(typed, None) is not None:
        _listen(call.pick_up(), screen)


def _how_it_ends(call: Call) -> str:
    if call.is_over:
        return _ENDS.get(call.status, "(The line is closed.)")
    return "(You hang up before it is answered.)" if call.rings_for else "(You hang up.)"


def _answer(call: Call, text: str, screen: Screen) -> None:
    keys = text.replace(" ", "")
    if call.dials:
        _transfer(call, text.strip().lower() or ENDS[0], screen)
    elif not keys:
        _wait(call, screen)
    elif set(keys) <= KEYS:
        _press(call, keys, screen)
    elif call.waits and call.waits.speech:
        _listen(call.say(text.strip().removeprefix("+").strip()), screen)
    else:
        screen.note("(This call takes keys only; VOICE_SPEECH=1 on the server turns speech on.)")


def _transfer(call: Call, status: str, screen: Screen) -> None:
    if status in ENDS:
        _listen(call.transferred(status), screen)


def _wait(call: Call, screen: Screen) -> None:
    if call.waits:
        screen.note(f"(silence, {call.waits.timeout:g} s)")
    _listen(call.silence(), screen)


def _press(call: Call, keys: str, screen: Screen) -> None:
    """Press keys one after the other; where the question waits for more of them, the line's end is the silence."""
    several = len(keys) > 1
    while keys and call.waits:
        if not call.waits.keys:
            screen.note("(This question takes no keys, only words.)")
            return
        before = keys
        heard, keys = call.press(keys)
        if several:
            screen.note(f"(key {before[: len(before) - len(keys)]})")
        _listen(heard, screen)
    if call.pressed:
        _wait(call, screen)


def _listen(heard: Iterator[Heard], screen: Screen) -> None:
    for piece in heard:
        screen.heard(piece)
