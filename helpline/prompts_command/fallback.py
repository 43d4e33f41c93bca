"""What Twilio says to callers while our server does not answer: two files of TwiML, to be hosted elsewhere.

Twilio asks the fallback URL of a number when the webhook gives an error or no answer in time
(twilio.com/docs/usage/webhooks/webhooks-overview, November 2026). Nothing is known of a caller there: each language is
said, in the order of the line.
"""

from __future__ import annotations

from collections.abc import Mapping

from helpline.menus import gsm7
from helpline.menus.prompts import Prompts
from helpline.voice.speech import Spoken
from helpline.voice.twiml import ending

PLACE = "fallback"
TEXTS, CALLS = "sms.xml", "voice.xml"


def fallback_files(prompts: Prompts) -> Mapping[str, str]:
    """The content of each file, by its name. Recordings are not used: they lie on the server that is away."""
    from helpline.sms.webhook import messages_twiml  # with all of Flask, which no other command for words needs

    pieces = [Spoken(code, prompts.form(PLACE, code).voice[0].body) for code in prompts.languages]
    languages = {code: prompts.menus.languages[code] for code in prompts.languages}
    return {TEXTS: messages_twiml((text_of(prompts),)), CALLS: ending(pieces, languages, "")}


def text_of(prompts: Prompts) -> str:
    """The one text that answers everybody."""
    return "\n".join(prompts.form(PLACE, code).sms[0].text for code in prompts.languages)


def segments_of(prompts: Prompts) -> int:
    """As how many segments it is billed."""
    return gsm7.segments(text_of(prompts))
