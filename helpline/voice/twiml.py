"""TwiML for one turn of a call: what is said, then the keys that are waited for. Always under 64 kB.

Built as text, since the words are prepared and safe already; the tests read each answer back with an XML parser.
`finishOnKey=""` lets `#` arrive like any other key; it ends the digits of a date, where those are gathered. The
Redirect after each Gather is what silence leads to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from helpline.menus.shapes import Language
from helpline.voice.speech import Recorded, Speech, Spoken

SILENCE_SECONDS = 8
_HEAD = '<?xml version="1.0" encoding="UTF-8"?><Response>'


@dataclass(frozen=True, slots=True)
class Listening:
    """What a call waits for: where keys and silence go, and whether speech is taken too."""

    keys_url: str
    silence_url: str
    speech: bool = False
    hints: str = ""
    locale: str = ""


def asking(
    pieces: Sequence[Speech],
    languages: dict[str, Language],
    audio_url: str,
    listening: Listening,
    pause: int = 0,
    digits: int = 1,
    finish: str = "",
) -> str:
    """Say something and wait for a key, which may come while it is said.

    `pause`: so many seconds the call rings on before it is answered. `digits`: so many keys are waited for, or fewer
    and then the key `finish`.
    """
    heard = ' input="dtmf"'
    if listening.speech:
        heard = f' input="dtmf speech" speechTimeout="auto" language={quoteattr(listening.locale)}'
        heard += f" hints={quoteattr(listening.hints)}" if listening.hints else ""
    gather = (
        f'<Gather{heard} numDigits="{digits}" finishOnKey="{finish}" timeout="{SILENCE_SECONDS}" method="POST" '
        f"action={quoteattr(listening.keys_url)}>"
    )
    said = _said(pieces, languages, audio_url)
    rings = f'<Pause length="{pause}"/>' if pause else ""
    silence = f'<Redirect method="POST">{escape(listening.silence_url)}</Redirect>'
    return f"{_HEAD}{rings}{gather}{said}</Gather>{silence}</Response>"


def ending(pieces: Sequence[Speech], languages: dict[str, Language], audio_url: str) -> str:
    """Say something and hang up."""
    return f"{_HEAD}{_said(pieces, languages, audio_url)}<Hangup/></Response>"


def _said(pieces: Sequence[Speech], languages: dict[str, Language], audio_url: str) -> str:
    return "".join(_piece(piece, languages, audio_url) for piece in pieces)


def _piece(piece: Speech, languages: dict[str, Language], audio_url: str) -> str:
    match piece:
        case Recorded(file):
            return f"<Play>{escape(audio_url)}/{escape(file)}</Play>"
        case Spoken(code, ssml):
            language = languages[code]
            voice = f" voice={quoteattr(language.voice)}" if language.voice else ""
            return (
                f"<Say{voice} language={quoteattr(language.locale)}>"
                f"<prosody rate={quoteattr(language.rate)}>{ssml}</prosody></Say>"
            )
