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
    "simulator": {"simulator", "menus", "voice", "server", "settings", "setting_rules", "terminal"},
    "server": {"server", "app", "menus", "settings", "records", "wiring"},
    "records": {"records"},
    "consent": {"consent", "records", "carrier", "menus", "conversation", "telemetry"},
    "reminders": {
        *("reminders", "records", "carrier", "consent", "conversation", "menus"),
        *("telemetry", "prompts_folder"),
    },
    "callers_command": {
        "callers_command",
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
