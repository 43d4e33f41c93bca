"""What a message in the carrier's list says about its caller, for who has forgotten everything since a backup.

Read from both sides: from what the caller wrote, and from what we answered, since the answer tells how it ended.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime
from typing import Literal

from helpline.conversation.ears import Ears
from helpline.conversation.hearing import hear
from helpline.conversation.moves import resolve
from helpline.conversation.session import Place
from helpline.conversation.turn import Context
from helpline.menus import gsm7
from helpline.menus.dated_places import sent_of
from helpline.menus.dates import date_values
from helpline.menus.pages import put
from helpline.menus.prompts import Prompts
from helpline.menus.windows import PARIS, today_in_paris
from helpline.reminders.words import ANSWERS, NoWords, place_of, words

# stop, not_me, erase, done, signed_up: it was said, or is so; asks_erase: to be confirmed by yes, or not.
# noted, ended_one, done_one: something with a date of its own was; which: they were asked what is done. called_back: we
# said that we call them at once. wants_call: by a person, which was noted; no_call: not any more.
Meaning = Literal[
    "stop",
    "not_me",
    "erase",
    "asks_erase",
    "done",
    "signed_up",
    "noted",
    "ended_one",
    "done_one",
    "which",
    "called_back",
    "wants_call",
    "no_call",
    "yes",
    "other",
]

_HEARD: dict[str, Meaning] = {
    "stop": "stop",
    "not_me": "not_me",
    "erase": "asks_erase",
    "done": "done",
    "no_call": "no_call",
}
# How an effect ended, by the page that then comes.
_ENDED: dict[tuple[str, str], Meaning] = {
    ("stop", "stopped"): "stop",
    ("not_me", "stopped"): "not_me",
    ("erase", "erased"): "erase",
    ("done", "done_all"): "done",
    ("done", "done_last"): "done",
    ("done", "done_one"): "done_one",
    ("done", "which"): "which",
    ("done_item", "done_update"): "done",
    ("done_item", "done_item"): "done_one",
    ("end_item", "ended"): "ended_one",
    ("note", "saved"): "noted",
    ("note", "saved_call"): "noted",
    ("subscribe_all", "saved"): "signed_up",
    ("subscribe_last", "saved"): "signed_up",
    ("confirm_all", "saved"): "signed_up",
    ("confirm_last", "saved"): "signed_up",
    ("call_back", "calling"): "called_back",
    ("person", "requested"): "wants_call",
    ("person_cancel", "cancelled"): "no_call",
}
_SENT: dict[str, Meaning] = {"stopped": "stop", "welcome": "signed_up"}
_REMIND = "remind"
_GAP = re.compile(r"\{[a-z_]+\}")
HalfDay = tuple[date, bool]
Fragments = tuple[str, ...]  # words of a page between its gaps, in their order
_FEW_LETTERS = 12  # a page with less of its own says nothing about a text


class Recall:
    """Understands messages of the carrier's list. `service` is the name that our texts begin with."""

    def __init__(self, prompts: Prompts, service: str) -> None:
        self._prompts, self._service, self._ears = prompts, service, Ears.of(prompts.menus)
        self._pages = dict(_pages(prompts))
        self._texts: dict[HalfDay, dict[Fragments, Meaning]] = {}
        self._dated: dict[HalfDay, frozenset[Fragments]] = {}
        self._reminders: dict[tuple[str, str, str, HalfDay], frozenset[str]] = {}

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
        for fragments, meaning in self._said(at).items():
            if _holds(body, fragments):
                return meaning
        return "other"

    def is_reminder(self, kind: str, wave: str, occurrence: str, body: str, at: datetime) -> bool:
        """Whether a text is, to the letter, what a message of ours says on that day, in any language."""
        key = (kind, wave, occurrence, self._half_day(at))
        found = self._reminders.get(key)
        if found is None:
            found = self._reminders[key] = frozenset(self._worded(kind, wave, occurrence, at))
        return body in found

    def is_about_a_thing(self, body: str, at: datetime) -> bool:
        """Whether a text is about something with a date of its own, whichever that is."""
        day = self._half_day(at)
        found = self._dated.get(day)
        if found is None:
            found = self._dated[day] = frozenset(self._about_things(at))
        return any(_holds(body, fragments) for fragments in found)

    def is_ours(self, body: str) -> bool:
        """Whether a text begins like those that we send by ourselves, though its words have been edited since."""
        return body.startswith(gsm7.to_gsm7(self._service))

    def _said(self, at: datetime) -> dict[Fragments, Meaning]:
        day = self._half_day(at)
        found = self._texts.get(day)
        if found is None:
            found = self._texts[day] = {
                fragments: meaning
                for node, meaning in self._pages.items()
                for language in self._prompts.languages
                if (fragments := self._first_words(node, language, at))
            }
        return found

    def _about_things(self, at: datetime) -> Iterable[Fragments]:
        for kind in self._prompts.menus.calendar.kinds.values():
            for node in sent_of(kind):
                for language in self._prompts.languages:
                    if node in self._prompts.menus.nodes and (found := self._first_words(node, language, at)):
                        yield found

    def _half_day(self, at: datetime) -> HalfDay:
        """As long as that, the dates in words stay the same: a wave that has begun is not the next one any more."""
        return today_in_paris(at), at.astimezone(PARIS).time() >= self._prompts.menus.calendar.hours.begins

    def _first_words(self, node: str, language: str, at: datetime) -> Fragments:
        """A page without its options, as it was sent on that day, around what only its caller knows."""
        place = resolve(self._prompts, Place(node), Context("sms", at))
        form = self._prompts.forms.get((place.node, language))
        if form is None or not form.sms:
            return ()
        menus = self._prompts.menus
        text = gsm7.to_gsm7(put(form.sms[0].text, date_values(menus.calendar, at, menus.languages[language].locale)))
        lines = [line for line in text.split("\n") if not line[:1].isdigit()]
        fragments = tuple(part for each in _GAP.split("\n".join(lines)) if (part := each.strip()))
        return fragments if sum(map(len, fragments)) >= _FEW_LETTERS else ()

    def _worded(self, kind: str, wave: str, occurrence: str, at: datetime) -> Iterable[str]:
        for language in self._prompts.languages:
            try:
                yield words(self._prompts, kind, wave, language, at, occurrence)[0]
            except NoWords:
                continue


def _holds(body: str, fragments: Fragments) -> bool:
    """Whether a text has all of these, one after the other."""
    at = 0
    for fragment in fragments:
        found = body.find(fragment, at)
        if found < 0:
            return False
        at = found + len(fragment)
    return True


def _pages(prompts: Prompts) -> Iterable[tuple[str, Meaning]]:
    """The pages that tell how something ended."""
    for node in prompts.menus.nodes.values():
        for outcome, target in node.outcomes.items():
            meaning = _ENDED.get((node.effect, outcome))
            if meaning:
                yield target, meaning
    for kind, wave in ANSWERS:
        name = place_of(kind, wave, "").node
        if kind in _SENT and name in prompts.menus.nodes:
            yield name, _SENT[kind]
    for name in prompts.menus.calendar.kinds:
        if f"{name}.welcome" in prompts.menus.nodes:
            yield f"{name}.welcome", "noted"
