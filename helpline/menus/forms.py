"""Every wording in the form in which it goes out, prepared once at start and whenever the prompts change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from helpline.menus import gsm7
from helpline.menus.adviser_hours import adviser_hours_in_words
from helpline.menus.dates import longest_date_values, longest_dated_values
from helpline.menus.pages import Option
from helpline.menus.shapes import Channel, Language, Menus, Node
from helpline.menus.sms_form import SmsPage, sms_pages
from helpline.menus.voice_form import VoicePage, voice_page, voice_pages


@dataclass(frozen=True, slots=True)
class Identity:
    """Who speaks: what the operator's settings put into the wordings. Empty values leave their sentences out.

    `has_adviser`: a phone rings for who wants a person.
    """

    service: str
    operator: str
    operator_phone: str = ""
    sms: str = ""
    voice_number: str = ""
    has_adviser: bool = False


IDENTITY_PLACEHOLDERS = ("service", "operator", "operator_phone", "sms", "voice_number")
# When our team calls; and when it answers, empty where nobody's phone rings.
ADVISER_HOURS, ADVISER_ANSWERS = "adviser_hours", "adviser_answers"


@dataclass(frozen=True, slots=True)
class NodeForms:
    """One node in one language, as text messages and as speech."""

    label: str
    spoken_label: str
    sms: tuple[SmsPage, ...]
    voice: tuple[VoicePage, ...]
    again: VoicePage | None

    def pages(self, channel: Channel) -> tuple[SmsPage, ...] | tuple[VoicePage, ...]:
        return self.sms if channel == "sms" else self.voice

    def options(self, channel: Channel, page: int) -> tuple[Option, ...]:
        """The options that a page offers; none for a page that is not there."""
        pages = self.pages(channel)
        return pages[page].options if page < len(pages) else ()


Forms = Mapping[tuple[str, str], NodeForms]


@dataclass(frozen=True, slots=True)
class _Values:
    """What the placeholders of one language stand for: in a text, aloud, and the longest that a date can be."""

    written: dict[str, str]
    said: dict[str, str]
    longest_dates: Mapping[str, str]


def all_forms(menus: Menus, identity: Identity) -> dict[tuple[str, str], NodeForms]:
    """The forms of every node, by (node id, language code)."""
    values = {code: _values(menus, identity, language) for code, language in menus.languages.items()}
    return {
        (node.id, code): node_forms(node, language, values[code])
        for node in menus.nodes.values()
        for code, language in menus.languages.items()
        if code in node.wordings
    }


def node_forms(node: Node, language: Language, values: _Values) -> NodeForms:
    wording, longest = node.wordings[language.code], values.longest_dates
    return NodeForms(
        label=gsm7.to_gsm7(wording.label),
        spoken_label=wording.label,
        sms=sms_pages(node, language, values.written, longest),
        voice=voice_pages(node, language, values.said, longest),
        again=voice_page(wording.again, language, values.said, longest) if wording.again else None,
    )


def _values(menus: Menus, identity: Identity, language: Language) -> _Values:
    most_reminders = max((len(kind.waves) for kind in menus.calendar.kinds.values()), default=0)
    return _Values(
        written=written_values(menus, identity, language),
        said=spoken_values(menus, identity, language),
        longest_dates={
            **longest_date_values(language.locale),
            **longest_dated_values(most_reminders, language.locale),
        },
    )


def written_values(menus: Menus, identity: Identity, language: Language) -> dict[str, str]:
    """What the placeholders stand for in a text message."""
    words = {name: by_language.get(language.code, "") for name, by_language in menus.service_words.items()}
    words[ADVISER_HOURS] = adviser_hours_in_words(menus.calendar.adviser_hours, language.locale)
    words[ADVISER_ANSWERS] = words[ADVISER_HOURS] if identity.has_adviser else ""
    return words | {name: getattr(identity, name) for name in IDENTITY_PLACEHOLDERS}


def spoken_values(menus: Menus, identity: Identity, language: Language) -> dict[str, str]:
    """The same for speech: telephone numbers in groups that can be written down."""
    values = written_values(menus, identity, language)
    for name in ("operator_phone", "sms", "voice_number"):
        values[name] = spoken_number(values[name], language)
    return values


def spoken_number(number: str, language: Language) -> str:
    """A telephone number for the ear: in pairs in French, digit by digit elsewhere."""
    groups = number.replace("+", " + ").split()
    if not groups:
        return ""
    if len(groups) > 1 and language.code == "fr":
        return ", ".join(groups)
    return ", ".join(" ".join(group) for group in groups)
