import re
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from helpline.cli import COMMANDS, main


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name: str) -> None:
    result = CliRunner().invoke(main, [name, "--help"])
    assert result.exit_code == 0, result.output
    assert "Usage: " in result.output


def test_the_list_of_commands_says_what_each_does() -> None:
    result = CliRunner().invoke(main, ["--help"])
    assert result.exit_code == 0
    for name, command in COMMANDS.items():
        assert name in result.output
        assert command.help.split()[0] in result.output


def test_the_list_of_commands_has_examples_one_of_them_for_programs() -> None:
    shown = CliRunner().invoke(main, ["--help"]).output
    assert "  helpline server\n" in shown
    assert "  helpline reminders status --json\n" in shown


@pytest.mark.parametrize(
    "words",
    [
        "reminders pause",
        "reminders resume",
        "callers stop",
        "callers erase",
        "backup",
        "restore",
        "migrate",
        "operators add",
    ],
)
def test_what_changes_something_has_an_output_for_programs_with_an_example(words: str) -> None:
    shown = CliRunner().invoke(main, [*words.split(), "--help"]).output
    examples = shown.split("Example")[1].split("Options:")[0]
    assert re.search(rf"  helpline {words} .*--json\n|  helpline {words} --json\n", examples), shown
    assert "With --json:" in shown


def test_the_list_of_commands_loads_none_of_them() -> None:
    program = (
        "import sys\nfrom helpline.cli import main\nmain(['--help'], standalone_mode=False)\n"
        "print(sorted({'flask', 'redis', 'rich', 'honcho', 'granian', 'pydantic'} & set(sys.modules)))"
    )
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert shown.stdout.splitlines()[-1] == "[]"


def test_an_unknown_command_is_named() -> None:
    result = CliRunner().invoke(main, ["serve"])
    assert result.exit_code == click.UsageError.exit_code
    assert "serve" in result.output
