"""The directions in which parts may know each other (docs/architecture.md)."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "helpline"

MAY_IMPORT = {
    "menus": {"menus"},
    "conversation": {"conversation", "menus"},
    "telemetry": {"telemetry", "authentication", "records"},
    "turns": {"turns", "conversation", "menus", "telemetry"},
    "carrier": {"carrier", "telemetry", "authentication"},
    "sms": {"sms", "turns", "conversation", "menus", "carrier", "telemetry", "prompts_folder"},
    "voice": {"voice", "turns", "conversation", "menus", "carrier", "telemetry", "prompts_folder", "authentication"},
    # It speaks to a server over HTTP: of the answers it knows only how words are measured and read aloud.
    "simulator": {"simulator", "menus", "voice", "server", "settings", "setting_rules", "terminal", "demo"},
    # It asks the carrier over HTTP; they share what a number says by itself.
    "demo": {"demo", "authentication", "conversation", "course", "menus", "settings", "setting_rules", "simulator"},
    "server": {"server", "app", "clock", "menus", "settings", "records"},
    "records": {"records"},
    "consent": {"consent", "records", "carrier", "menus", "conversation", "telemetry"},
    "reminders": {
        *("reminders", "records", "carrier", "consent", "conversation", "menus"),
        *("telemetry", "prompts_folder", "course"),
    },
    "callers_command": {
        "callers_command",
        "clock",
        "consent",
        "records",
        "menus",
        "settings",
        "setting_rules",
        "identity",
        "prompts_folder",
        "telemetry",
        "terminal",
        "server",
    },
}
# What the demo has is known to whoever wires the web and to what tells the date, and to nobody else.
KNOW_THE_DEMO = {"app.py", "clock.py"}
# Of the demo the carrier knows the date that it shares, of speech how words are marked for reading aloud.
OF_DEMO, OF_VOICE = {"helpline.demo.date"}, {"helpline.voice.ssml"}
OF_SIMULATOR = {"helpline.simulator.numbers"}
PURE = ("menus", "conversation")
NEVER_IN_PURE = {"flask", "redis", "twilio", "requests", "sqlalchemy", "socket", "os", "pathlib", "time", "random"}


def modules(part: str) -> list[Path]:
    return sorted((PACKAGE / part).rglob("*.py"))


def imports(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


@pytest.mark.parametrize("part", MAY_IMPORT)
def test_each_part_knows_only_the_parts_below_it(part: str) -> None:
    wrong = [
        f"{path.relative_to(PACKAGE)} imports {name}"
        for path in modules(part)
        for name in imports(path)
        if name.startswith("helpline.") and name.split(".")[1] not in MAY_IMPORT[part]
    ]
    assert modules(part)
    assert wrong == []


def test_the_simulator_knows_nothing_of_how_a_helpline_answers() -> None:
    known = {name for path in modules("simulator") for name in imports(path)}
    assert {name for name in known if name.startswith("helpline.demo")} <= OF_DEMO
    assert {name for name in known if name.startswith("helpline.voice")} <= OF_VOICE


def test_only_what_wires_the_web_and_tells_the_date_knows_the_demo() -> None:
    within = {*modules("demo"), *modules("simulator")}
    outside = [path for path in PACKAGE.rglob("*.py") if path not in within]
    knowing = [path for path in outside if any(name.startswith("helpline.demo") for name in imports(path))]
    assert {str(path.relative_to(PACKAGE)) for path in knowing} == KNOW_THE_DEMO


def test_of_the_carrier_the_page_knows_only_what_a_number_says() -> None:
    known = {name for path in modules("demo") for name in imports(path) if name.startswith("helpline.simulator")}
    assert known <= OF_SIMULATOR


@pytest.mark.parametrize("name", ["flask", "redis", "rq", "twilio"])
def test_consent_works_without_the_web_and_without_redis(name: str) -> None:
    wrong = [path for path in modules("consent") if any(found.split(".")[0] == name for found in imports(path))]
    assert wrong == []


@pytest.mark.parametrize("part", PURE)
def test_menus_and_conversation_know_nothing_of_the_world(part: str) -> None:
    wrong = [
        f"{path.relative_to(PACKAGE)} imports {name}"
        for path in modules(part)
        for name in imports(path)
        if name.split(".")[0] in NEVER_IN_PURE
    ]
    assert wrong == []


def test_no_file_is_too_long_to_be_read() -> None:
    long = {
        str(path.relative_to(PACKAGE)): len(path.read_text(encoding="utf-8").splitlines())
        for path in PACKAGE.rglob("*.py")
    }
    assert {name: lines for name, lines in long.items() if lines > 350} == {}
