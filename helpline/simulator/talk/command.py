"""`helpline talk`: the phone in the terminal."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

import click

from helpline.server.plainly import told_plainly
from helpline.setting_rules import e164
from helpline.settings import Settings, load_settings
from helpline.simulator.line.call import Call
from helpline.simulator.line.numbers import is_withheld, why_no_texts
from helpline.simulator.line.texts import TextLine
from helpline.simulator.line.webhooks import CarrierError, Webhooks
from helpline.simulator.script.run import play_script, scripts_in
from helpline.simulator.talk.screen import Screen
from helpline.simulator.talk.talking import text_with, walk
from helpline.terminal import printable

# 06 39 98 is kept for fiction: nobody has this number.
SOMEBODY = "+33639980001"


@click.command()
@click.option("--call", "calls", is_flag=True, help="Call instead of texting.")
@click.option("--lang", "language", metavar="CODE", help="Text the language first (fr: FR, en: EN).")
@click.option("--from", "number", metavar="NUMBER", default=SOMEBODY, show_default=True, help="Who texts.")
@click.option("--url", metavar="URL", help="Where the server is; usually it is the one of this machine.")
@click.option(
    "--script",
    type=click.Path(exists=True, path_type=Path),
    metavar="FILE",
    help=(
        "Play the conversations of a file (or of a folder's .yaml files), each from a fresh number, and compare. "
        "Meanwhile the date of the demo moves, for everybody who uses it, and comes back at the end."
    ),
)
@click.option("--yes", is_flag=True, help="Play a script also against a server that is no demo.")
def talk(calls: bool, language: str | None, number: str, url: str | None, script: Path | None, yes: bool) -> None:
    """Text with the helpline that runs in another terminal, or call it.

    A script (tests/conversations/README.md says how it is written) ends with exit code 1 if an answer differs, or if
    nothing could be played.

    \b
    Examples:
      helpline talk --lang en
      helpline talk --call
      echo "mot de passe" | helpline talk
      helpline talk --script tests/conversations/update.yaml
    """
    with told_plainly():
        settings = load_settings()
    spoken = _language(language, settings)
    sender = _number(number)
    webhooks = Webhooks.of(settings, _address(url))
    screen = Screen()
    try:
        webhooks.look()
        if script:
            _play(script, webhooks, settings, screen, yes)
        elif calls:
            _call(webhooks, settings, sender, spoken, screen)
        elif problem := why_no_texts(sender):
            raise click.BadParameter(f"{problem} Call with --call.", param_hint="--from")
        else:
            text_with(TextLine(webhooks, settings, sender), screen, spoken)
    except CarrierError as error:
        raise click.ClickException(printable(str(error))) from error


def _play(script: Path, webhooks: Webhooks, settings: Settings, screen: Screen, is_meant: bool) -> None:
    if not play_script(scripts_in(script), webhooks, settings, screen, is_meant):
        raise SystemExit(1)


def _call(webhooks: Webhooks, settings: Settings, number: str, language: str, screen: Screen) -> None:
    if language:
        TextLine(webhooks, settings, number).send(language.upper())
        screen.note(f"(Texted {language.upper()} first: the call begins in that language.)")
    walk(Call(webhooks, settings, number), screen)


def _language(code: str | None, settings: Settings) -> str:
    if code and code.lower() not in settings.languages:
        raise click.BadParameter(f"use one of {', '.join(settings.languages)}.", param_hint="--lang")
    return (code or "").lower()


def _number(text: str) -> str:
    if is_withheld(text):
        return text.lower()
    number = e164(text)
    if number is None or not re.fullmatch(r"[+\d .()-]+", text):
        hint = f"write a phone number, for example {SOMEBODY}, or anonymous for a withheld one."
        raise click.BadParameter(hint, param_hint="--from")
    return number


def _address(url: str | None) -> str:
    if not url:
        return ""
    try:
        parts = urlsplit(url)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        valid = False
    if not valid:
        raise click.BadParameter("write an address, for example http://localhost:8000.", param_hint="--url")
    return url.rstrip("/")
