"""What a message in the carrier's list says about its caller, for who has forgotten everything since a backup.

Read from both sides: from what the caller wrote, and from what we answered, since the answer tells how it ended.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Literal

from helpline.conversation.ears import Ears
from helpline.conversation.hearing import hear
from helpline.conversation.moves import resolve
from helpline.conversation.session import Place
from helpline.conversation.turn import Context
from helpline.menus import gsm7
from helpline.menus.dates import date_values
from helpline.menus.pages import put
from helpline.menus.prompts import Prompts
from helpline.menus.windows import PARIS, today_in_paris
from helpline.reminders.words import ANSWERS, NoWords, node_of, words

# stop, not_me, erase, done, signed_up: it was said, or is so; asks_erase: to be confirmed by yes, or not
Meaning = Literal["stop", "not_me", "erase", "asks_erase", "done", "signed_up", "yes", "other"]

_HEARD: dict[str, Meaning] = {"stop": "stop", "not_me": "not_me", "erase": "asks_erase", "done": "done"}
# How an effect ended, by the page that then comes.
_ENDED: dict[tuple[str, str], Meaning] = {
    ("stop", "stopped"): "stop",
    ("not_me", "stopped"): "not_me",
    ("erase", "erased"): "erase",
    ("done", "done_all"): "done",
    ("done", "done_last"): "done",
    ("subscribe_all", "saved"): "signed_up",
    ("subscribe_last", "saved"): "signed_up",
    ("confirm_all", "saved"): "signed_up",
    ("confirm_last", "saved"): "signed_up",
}
_SENT: dict[str, Meaning] = {"stopped": "stop", "welcome": "signed_up"}
_REMIND = "remind"
HalfDay = tuple[date, bool]


class Recall:
    """Understands messages of the carrier's list. `service` is the name that our texts begin with."""

    def __init__(self, prompts: Prompts, service: str) -> None:
        self._prompts, self._service, self._ears = prompts, service, Ears.of(prompts.menus)
        self._pages = dict(_pages(prompts))
        self._texts: dict[HalfDay, dict[str, Meaning]] = {}
        self._reminders: dict[tuple[str, str, HalfDay], frozenset[str]] = {}

    def inbound(self, body: str) -> Meaning:
        """What a caller said, read without knowing what they had been asked."""
        heard = hear(self._ears, body, "")
        if heard.kind == "command":
            return _HEARD.get(heard.values[0], "other") if heard.values else "other"
        if heard.kind == "key":
            # A 7 is "it is done" only on some pages: our answer to it tells.
            return "yes" if heard.values[0] == "1" else "other"
        if heard.kind == "yes":
            return "yes"
        return "signed_up" if heard.kind == "topics" and heard.values[:1] == (_REMIND,) else "other"

    def outbound(self, body: str, at: datetime) -> Meaning:
        """How something ended, by the words that we said then; `other` for everything else, and for edited words."""
        for text, meaning in self._said(at).items():
            if text in body:
                return meaning
        return "other"

    def is_reminder(self, kind: str, wave: str, body: str, at: datetime) -> bool:
        """Whether a text is, to the letter, what a message of ours says on that day, in any language."""
        key = (kind, wave, self._half_day(at))
        found = self._reminders.get(key)
        if found is None:
            found = self._reminders[key] = frozenset(self._worded(kind, wave, at))
        return body in found

    def is_ours(self, body: str) -> bool:
        """Whether a text begins like those that we send by ourselves, though its words have been edited since."""
        return body.startswith(gsm7.to_gsm7(self._service))

    def _said(self, at: datetime) -> dict[str, Meaning]:
        day = self._half_day(at)
        found = self._texts.get(day)
        if found is None:
            found = self._texts[day] = {
                text: meaning
                for node, meaning in self._pages.items()
                for language in self._prompts.languages
                if (text := self._first_words(node, language, at))
            }
        return found

    def _half_day(self, at: datetime) -> HalfDay:
        """As long as that, the dates in words stay the same: a wave that has begun is not the next one any more."""
        return today_in_paris(at), at.astimezone(PARIS).time() >= self._prompts.menus.calendar.hours.begins

    def _first_words(self, node: str, language: str, at: datetime) -> str:
        """A page without its options, as it was sent on that day."""
        place = resolve(self._prompts, Place(node), Context("sms", at))
        form = self._prompts.forms.get((place.node, language))
        if form is None or not form.sms:
            return ""
        menus = self._prompts.menus
        text = gsm7.to_gsm7(put(form.sms[0].text, date_values(menus.calendar, at, menus.languages[language].locale)))
        lines = [line for line in text.split("\n") if not line[:1].isdigit()]
        return "\n".join(lines).strip()

    def _worded(self, kind: str, wave: str, at: datetime) -> Iterable[str]:
        for language in self._prompts.languages:
            try:
                yield words(self._prompts, kind, wave, language, at)[0]
            except NoWords:
                continue


def _pages(prompts: Prompts) -> Iterable[tuple[str, Meaning]]:
    """The pages that tell how something ended."""
    for node in prompts.menus.nodes.values():
        for outcome, target in node.outcomes.items():
            meaning = _ENDED.get((node.effect, outcome))
            if meaning:
                yield target, meaning
    for kind, wave in ANSWERS:
        if kind in _SENT and node_of(kind, wave) in prompts.menus.nodes:
            yield node_of(kind, wave), _SENT[kind]
