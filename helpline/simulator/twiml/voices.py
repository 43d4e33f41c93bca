"""The voices of the carrier, and the languages of each (twilio.com/docs/voice/twiml/say, November 2026)."""

from __future__ import annotations

import re


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


# After each name how it exists: s standard, n neural, g generative.
_POLLY = {
    "ar-AE": "Hala:n Zayd:n",
    "arb": "Zeina:s",
    "ca-ES": "Arlet:n",
    "cmn-CN": "Zhiyu:sn",
    "cs-CZ": "Jitka:n",
    "cy-GB": "Gwyneth:s",
    "da-DK": "Mads:s Naja:s Sofie:n",
    "de-AT": "Hannah:ng",
    "de-CH": "Sabrina:n",
    "de-DE": "Daniel:ng Hans:s Marlene:s Vicki:sng",
    "en-AU": "Nicole:s Olivia:ng Russell:s",
    "en-GB": "Amy:sng Arthur:n Brian:sn Emma:sn",
    "en-GB-WLS": "Geraint:s",
    "en-IE": "Niamh:n",
    "en-IN": "Aditi:s Kajal:ng Raveena:s",
    "en-NZ": "Aria:n",
    "en-SG": "Jasmine:n",
    "en-US": (
        "Danielle:ng Gregory:n Ivy:sn Joanna:sng Joey:sn Justin:sn Kendra:sn Kevin:n Kimberly:sn Matthew:sng "
        "Ruth:ng Salli:sng Stephen:ng"
    ),
    "en-ZA": "Ayanda:ng",
    "es-ES": "Conchita:s Enrique:s Lucia:sng Sergio:ng",
    "es-MX": "Andres:ng Mia:sng",
    "es-US": "Lupe:sng Miguel:s Pedro:ng Penelope:s",
    "fi-FI": "Suvi:n",
    "fr-BE": "Isabelle:ng",
    "fr-CA": "Chantal:s Gabrielle:ng Liam:ng",
    "fr-FR": "Celine:s Lea:sng Mathieu:s Remi:ng",
    "hi-IN": "Aditi:s Kajal:n",
    "is-IS": "Dora:s Karl:s",
    "it-IT": "Adriano:n Bianca:sng Carla:s Giorgio:s",
    "ja-JP": "Kazuha:n Mizuki:s Takumi:sn Tomoko:n",
    "ko-KR": "Jihye:n Seoyeon:sng",
    "nb-NO": "Ida:n Liv:s",
    "nl-BE": "Lisa:n",
    "nl-NL": "Laura:ng Lotte:s Ruben:s",
    "pl-PL": "Ewa:s Jacek:s Jan:s Maja:s Ola:ng",
    "pt-BR": "Camila:sng Ricardo:s Thiago:n Vitoria:sn",
    "pt-PT": "Cristiano:s Ines:sn",
    "ro-RO": "Carmen:s",
    "ru-RU": "Maxim:s Tatyana:s",
    "sv-SE": "Astrid:s Elin:n",
    "tr-TR": "Burcu:n Filiz:s",
    "yue-CN": "Hiujin:n",
}
_KINDS = {"s": "", "n": "-Neural", "g": "-Generative"}
_GOOGLE = _names(
    """af-ZA ar-XA bg-BG bn-IN ca-ES cmn-CN cmn-TW cs-CZ da-DK de-DE el-GR en-AU en-GB en-IN en-US es-ES es-US et-EE
    eu-ES fi-FI fil-PH fr-CA fr-FR gl-ES gu-IN he-IL hi-IN hu-HU id-ID is-IS it-IT ja-JP kn-IN ko-KR lt-LT lv-LV ml-IN
    mr-IN ms-MY nb-NO nl-BE nl-NL pa-IN pl-PL pt-BR pt-PT ro-RO ru-RU sk-SK sl-SI sr-RS sv-SE ta-IN te-IN th-TH tr-TR
    uk-UA ur-IN vi-VN yue-HK"""
)
_GOOGLE_VOICE = re.compile(
    r"Google\.([a-z]{2,3}-[A-Z]{2})-(?:(?:Standard|Wavenet|Neural2)-[A-Z]|Chirp3-HD-[A-Z][a-z]+)"
)
# Of Ukrainian there is one voice of each kind, and no other kind.
_GOOGLE_ONLY = {"uk-UA": frozenset({"Google.uk-UA-Standard-A", "Google.uk-UA-Wavenet-A"})}
_BASIC_LANGUAGES = _names("en-US en-GB es-ES fr-FR de-DE en es fr de")
_BASIC = {"man": _BASIC_LANGUAGES, "woman": _BASIC_LANGUAGES}
# What a language may be called beside the name under which its voices stand.
_SAME = {"arb": {"arb", "ar-XA", "ar-SA", "ar"}, "ar-XA": {"ar-XA", "arb", "ar"}, "cmn-CN": {"cmn-CN", "zh-CN"}}
# Speech recognition; Pashto and Tigrinya have none.
_HEARD = _names(
    """af am ar az bg bn bs ca cmn cs da de el en es et eu fa fi fil fr gl gu he hi hr hu hy id is it iw ja jv ka km kn
    ko lo lt lv mk ml mn mr ms my nb ne nl no pa pl pt ro ru si sk sl sq sr su sv sw ta te th tr uk ur uz vi yue zh
    zu"""
)
POLLY_CHARACTERS, GOOGLE_BYTES = 3000, 5000


def _polly() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for language, names in _POLLY.items():
        for name, _, kinds in (entry.partition(":") for entry in names.split()):
            for kind in kinds:
                found.setdefault(f"Polly.{name}{_KINDS[kind]}", set()).add(language)
    return {name: frozenset(languages) for name, languages in found.items()}


_NAMED = _polly() | _BASIC


def languages_of(voice: str) -> frozenset[str]:
    """The languages that a voice speaks; none where there is no such voice."""
    if match := _GOOGLE_VOICE.fullmatch(voice):
        language = match[1]
        exists = language in _GOOGLE and voice in _GOOGLE_ONLY.get(language, {voice})
        return frozenset({language}) if exists else frozenset()
    return _NAMED.get(voice, frozenset())


def speaks(voice: str, language: str) -> bool:
    """Whether a voice speaks a language as it is called in TwiML."""
    return any(language in _SAME.get(each, {each}) for each in languages_of(voice))


def is_spoken(language: str) -> bool:
    """Whether any voice speaks it, so that a Say without a voice is heard."""
    known = {*_POLLY, *_GOOGLE, *_BASIC_LANGUAGES, *(each for names in _SAME.values() for each in names)}
    return language in known


def is_understood(language: str) -> bool:
    """Whether speech in it is recognised."""
    return language.partition("-")[0] in _HEARD
