"""Every fault of words, voices and phrases is named, with its file, its place and how to mend it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.menus.mistakes import FIFTEEN, Case, assert_named, broken_prompts, inspected, moved, place, text, voice


def without_english_voice(languages: str) -> str:
    before, english, after = languages.partition("\nen:\n")
    assert "\n  voice: " in after
    return before + english + re.sub(r"\n  voice: .*", "", after, count=1)


CASES = [
    Case(
        "voice prompt over 20 s",
        "prompt 1 speaks 22.5 s before the first key (45 words).",
        "put '---' between two sentences of 'voice', or say less.",
        broken=place(voice(*[f"{FIFTEEN}."] * 3)),
    ),
    Case(
        "simpler words over 20 s",
        "again speaks 22.5 s before the first key (45 words).",
        "or say less.",
        broken=place("text: Appelez le 3949.\nagain: |\n" + moved("\n".join([f"{FIFTEEN}."] * 3))),
    ),
    Case(
        "text over 2 segments",
        "Page 1 is over 2 segments: 3",
        "make the sentence shorter, or put '---' between two sentences.",
        broken=place(text("a" * 310)),
    ),
    Case(
        "text over 2 segments only with the longest date",
        "Page 1 is over 2 segments: 3",
        "make the sentence shorter",
        broken=place(text("a" * 285 + " {last_day}")),
    ),
    Case(
        "text that is cut for its author",
        "Its text was cut into 2 messages.",
        "put '---' where you would cut it.",
        broken=place(text(*[f"{'a' * 100}."] * 4)),
        severity="warning",
    ),
    Case(
        "accent lost",
        "'Fête' becomes 'Fete' in a text message.",
        "choose another word if there is one.",
        broken=place("text: Fête. Appelez le 3949."),
        severity="warning",
    ),
    Case(
        "letter that no phone shows",
        "No phone shows the letter '☎' in a text message.",
        "use plain letters.",
        broken=place("text: Appelez ☎ le 3949."),
    ),
    Case(
        "unknown placeholder",
        "Nothing is known by the name {servise} in its text.",
        "use one of adviser_answers, adviser_hours, cost, days_left,",
        broken=place("text: Voici {servise}."),
    ),
    Case(
        "placeholder with a capital or a digit",
        "Nothing is known by the name {Service} in its text.",
        "use one of",
        broken=place("text: Voici {Service}."),
    ),
    Case(
        "Say over the carrier's limit",
        "prompt 1 is too long for one Say.",
        "put '---' between two sentences.",
        broken=place(voice(*["a" * 99 + "."] * 31)),
    ),
    Case(
        "Say over the carrier's limit once encoded",
        "prompt 1 is too long for one Say.",
        "put '---' between two sentences.",
        broken=place(voice(*["é" * 99 + "."] * 10)),
    ),
    Case(
        "language without voice and recording",
        "'en' has no voice, and there is no recording of this page.",
        "record prompts/audio/en/broken.mp3, or give the language a voice in languages.yaml.",
        broken=place(),
        edits={"languages.yaml": without_english_voice},
        node="broken (en)",
    ),
    Case(
        "sentence over 15 words",
        f"A sentence has 16 words: '{FIFTEEN} seize.'",
        "make two of it.",
        broken=place(f"text: {FIFTEEN} seize. Appelez le 3949."),
    ),
    Case(
        "sentence of 12 words",
        "A sentence has 12 words: 'un deux",
        "make two of it.",
        broken=place("text: " + " ".join(FIFTEEN.split()[:12]) + ". Appelez le 3949."),
        severity="warning",
    ),
    Case(
        "a phrase that names what nobody fills",
        "Its phrase 'key' names {labl}, which nothing fills.",
        "use {key}, {label}.",
        edits={"languages.yaml": lambda text: text.replace("{label}, tapez", "{labl}, tapez")},
        file="languages.yaml",
        node="fr",
    ),
    Case(
        "a phrase without what it is for",
        "Its phrase 'key' does not name {key}.",
        "put {key} where it belongs.",
        edits={"languages.yaml": lambda text: text.replace("{label}, tapez {key}", "{label}, tapez")},
        file="languages.yaml",
        node="fr",
    ),
    Case(
        "a list of words that nothing reads",
        "'commands: stopp' means nothing.",
        "use one of stop, menu,",
        edits={"languages.yaml": lambda text: text.replace("    stop: |", "    stopp: x\n    stop: |", 1)},
        file="languages.yaml",
        node="fr",
    ),
    Case(
        "a brace that is left open",
        "A brace stands alone in its text.",
        "write a placeholder as {service}",
        broken=place("text: Voici service} et {service. Appelez le 3949."),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_a_mistake_is_named_with_its_place_and_how_to_mend_it(case: Case, tmp_path: Path) -> None:
    assert_named(case, tmp_path)


def test_a_recording_stands_in_for_a_voice(tmp_path: Path) -> None:
    case = Case("no voice", "", "", broken=place(), edits={"languages.yaml": without_english_voice})
    prompts = broken_prompts(tmp_path, case)
    recording = prompts / "audio" / "en" / "broken.mp3"
    recording.parent.mkdir(parents=True)
    recording.write_bytes(b"")
    without = [fault.node for fault in inspected(prompts) if "there is no recording" in fault.what]
    assert "broken (en)" not in without
    assert "contact (en)" in without
