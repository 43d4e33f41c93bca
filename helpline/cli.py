"""The `helpline` command. A subcommand's module is loaded when it runs, so that --help is quick."""

from importlib import import_module
from typing import NamedTuple

import click

from helpline.collecting import without_collecting


class Lazy(NamedTuple):
    """A command that is not loaded yet: where it is ("module:function") and its line in --help."""

    target: str
    help: str


COMMANDS = {
    "server": Lazy("helpline.server.command:server", "Start the helpline and everything it needs."),
    "talk": Lazy("helpline.simulator.talk.command:talk", "Text with the running helpline, or call it."),
    "prompts": Lazy("helpline.prompts_command.command:prompts", "Check the words, or show them as callers get them."),
    "callers": Lazy("helpline.callers_command.command:callers", "What is kept of a caller, its end; invite people."),
    "reminders": Lazy("helpline.reminders_command.command:reminders", "See what will be sent and how it goes; pause."),
    "operators": Lazy(
        "helpline.operators_command.command:operators", "Who may use the desk: add, list, remove, reset."
    ),
    "capacity": Lazy("helpline.capacity.command:capacity", "Whether so many people can be reminded in time."),
    "migrate": Lazy("helpline.records_command.command:migrate", "Bring the database to the tables of this helpline."),
    "backup": Lazy("helpline.records_command.command:backup", "Write everything in the database to a file."),
    "restore": Lazy("helpline.records_command.command:restore", "Put a backup back, paused."),
}


class LazyGroup(click.Group):
    """A group whose commands are imported one by one, when they are run."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of COMMANDS."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, or None."""
        if cmd_name not in COMMANDS:
            return None
        module, _, function = COMMANDS[cmd_name].target.partition(":")
        with without_collecting():
            command = getattr(import_module(module), function)
        if not isinstance(command, click.Command):
            raise TypeError(f"{COMMANDS[cmd_name].target} must be a click command: add @click.command()")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list in --help, without importing what it lists."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, command.help) for name, command in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """An SMS and voice helpline. Begin with `helpline server`.

    Each command has a --help with examples. Those with --json print one JSON object for programs, and nothing else;
    what goes wrong is told on standard error, and by the exit code.

    \b
    Examples:
      helpline server
      helpline talk
      helpline reminders status --json
    """
