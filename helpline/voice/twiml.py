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
RINGS_SECONDS = 20  # before a voicemail takes the call
LONGEST_TALK_SECONDS = 3600
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


@dataclass(frozen=True, slots=True)
class Dialling:
    """Another phone that a call is put through to: whose, under which number of ours, and where its end is told.

    `asked_url`: what is said to whoever picks up there, before the two are connected.
    """

    number: str
    caller_id: str
    ended_url: str
    asked_url: str


def passing_on(pieces: Sequence[Speech], languages: dict[str, Language], audio_url: str, dialling: Dialling) -> str:
    """Say something and call another phone. Its own end is told to an address, and nothing after it is reached.

    Never under the caller's number: it is not ours to show, and where it is withheld the call would fail.
    """
    dial = (
        f'<Dial answerOnBridge="true" timeout="{RINGS_SECONDS}" timeLimit="{LONGEST_TALK_SECONDS}" method="POST" '
        f"callerId={quoteattr(dialling.caller_id)} action={quoteattr(dialling.ended_url)}>"
        f'<Number method="POST" url={quoteattr(dialling.asked_url)}>{escape(dialling.number)}</Number></Dial>'
    )
    return f"{_HEAD}{_said(pieces, languages, audio_url)}{dial}</Response>"


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
