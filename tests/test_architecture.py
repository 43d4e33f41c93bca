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
    "carrier": {"carrier", "telemetry", "authentication", "neighbours"},
    "sms": {"sms", "turns", "conversation", "menus", "carrier", "telemetry", "prompts_folder"},
    "voice": {"voice", "turns", "conversation", "menus", "carrier", "telemetry", "prompts_folder", "authentication"},
    # It speaks to a server over HTTP: of the answers it knows only how words are measured and read aloud.
    "simulator": {
        "simulator",
        "menus",
        "voice",
        "server",
        "settings",
        "setting_rules",
        "terminal",
        "date",
        "landlines",
    },
    # It asks the carrier over HTTP; they share what a number says by itself.
    "demo": {"demo", "authentication", "conversation", "date", "menus", "settings", "setting_rules", "simulator"},
    "operators": {"operators", "records"},
    # Pages: what they do is done by the parts.
    "desk": {
        *("desk", "operators", "authentication", "records", "reminders", "consent", "menus", "telemetry"),
        *("call_requests", "callers_command", "carrier", "conversation", "leaflet", "notices", "on_request"),
        *("prompts_command", "prompts_folder", "settings", "sms", "tallies", "voice", "wiring", "landlines", "date"),
        *("setting_rules", "identity", "neighbours"),
    },
    "call_requests": {
        *("call_requests", "consent", "on_request", "records", "conversation", "menus", "telemetry", "carrier"),
        "landlines",
    },
    "tallies": {"tallies", "records", "menus", "telemetry", "conversation"},
    "capacity": {"capacity", "date", "identity", "menus", "prompts_folder", "server", "settings", "terminal"},
    "notices": {"notices", "records", "menus", "telemetry"},
    "leaflet": {"leaflet", "menus", "settings"},
    "operators_command": {
        *("operators_command", "operators", "records", "menus"),
        *("date", "settings", "server", "telemetry", "terminal"),
    },
    "server": {
        *("server", "app", "background", "collecting", "date", "menus", "neighbours", "operators", "settings"),
        "records",
    },
    "date": {"date", "settings"},
    "records": {"records"},
    "consent": {"consent", "records", "carrier", "menus", "conversation", "telemetry", "landlines"},
    "on_request": {"on_request", "consent", "records", "conversation", "menus", "telemetry", "landlines"},
    "reminders": {
        *("reminders", "records", "carrier", "consent", "conversation", "menus"),
        *("telemetry", "prompts_folder", "date", "call_requests", "tallies"),
    },
    "callers_command": {
        "callers_command",
        "date",
        "consent",
        "landlines",
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
    "records_command": {
        *("records_command", "records", "reminders", "reminders_command"),
        *("date", "settings", "terminal", "server"),
    },
    "reminders_command": {
        *("reminders_command", "reminders", "records", "menus", "wiring", "date", "settings"),
        *("identity", "prompts_folder", "terminal", "server"),
    },
}
# What the demo has is known to whoever wires the web, and to nobody else.
KNOW_THE_DEMO = {"app.py"}
# The date that can be moved: to what tells the date, to who shares it, and to the types of who wires the web.
KNOW_THE_MOVED_DATE = {"app.py", "date/of_settings.py", "demo/routes.py", "simulator/carrier/__main__.py"}
OF_DATE = {"simulator": {"helpline.date.moved"}, "reminders": {"helpline.date.course", "helpline.date.real"}}
OF_VOICE = {"helpline.voice.ssml"}  # how words are marked for reading aloud
OF_SIMULATOR = {"helpline.simulator.line.numbers"}
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


def known_to(part: str, of: str) -> set[str]:
    return {name for path in modules(part) for name in imports(path) if name.startswith(f"helpline.{of}")}


def who_know(module: str) -> set[str]:
    knowing = [path for path in PACKAGE.rglob("*.py") if any(name.startswith(module) for name in imports(path))]
    return {str(path.relative_to(PACKAGE)) for path in knowing}


def test_the_simulator_knows_nothing_of_how_a_helpline_answers() -> None:
    assert known_to("simulator", "voice") <= OF_VOICE


@pytest.mark.parametrize("part", OF_DATE)
def test_who_lives_by_a_date_does_not_know_which_settings_make_it(part: str) -> None:
    assert known_to(part, "date") == OF_DATE[part]


def test_only_what_wires_the_web_knows_the_demo() -> None:
    assert {name for name in who_know("helpline.demo") if not name.startswith("demo/")} == KNOW_THE_DEMO


def test_the_date_that_can_be_moved_is_known_to_few() -> None:
    assert who_know("helpline.date.moved") == KNOW_THE_MOVED_DATE


def test_of_the_carrier_the_page_knows_only_what_a_number_says() -> None:
    assert known_to("demo", "simulator") <= OF_SIMULATOR


@pytest.mark.parametrize("name", ["flask", "redis", "rq"])
def test_who_is_an_operator_is_known_without_the_web_and_without_redis(name: str) -> None:
    wrong = [path for path in modules("operators") if any(found.split(".")[0] == name for found in imports(path))]
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
