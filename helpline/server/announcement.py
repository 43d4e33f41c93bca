"""What the operator reads when the helpline has started."""

import json
import shlex
import shutil
import sys
import threading
import time
import urllib.error
import urllib.request
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from helpline.operators.accounts import listed
from helpline.records.engine import open_records, reading
from helpline.settings import Settings

PAUSE = 0.05
LONG = 15.0


def announce_when_ready(settings: Settings, would_send: Path | None = None) -> None:
    """Wait beside the server until it answers, then tell what to do with it."""
    threading.Thread(target=_wait_and_announce, args=(settings, would_send), daemon=True).start()


def announcement(settings: Settings, would_send: Path | None = None) -> str:
    """Where the helpline is, what to try, and where it stands what real callers need.

    `would_send` is the file with the texts that a demo would send.
    """
    talk = _command(settings, "talk")
    lines = ["", f"The helpline is ready: {settings.public_url}", ""]
    if settings.is_demo:
        lines += ["This is the demo mode: no text is sent, no call is made, nothing costs anything.", ""]
        if settings.has_phones:
            lines += [f"Open {settings.public_url}/ for a phone in the browser: text, call, travel in time.", ""]
            if not _is_only_here(settings.host):
                lines += [
                    f"HELPLINE_HOST={settings.host}: who reaches it can be any phone and read every text.",
                    "",
                ]
        lines += [
            "Or in a second terminal:",
            f"  {talk}          text with it",
            f"  {talk} --call   call it",
        ]
        lines += [
            "",
            f"The operators' desk: {settings.public_url}/desk/   To get in, in a second terminal:",
            f"  {_command(settings, 'operators add')} YOUR-NAME --role editor",
        ]
        if would_send:
            lines += ["", f"Reminders that it would send are written to {would_send}"]
        lines += ["", "To serve real callers: docs/going-live.md, and the settings in README.md."]
    lines += ["", "Stop it with Ctrl-C.", ""]
    return "\n".join(lines)


def without_operators(settings: Settings) -> str:
    """What to say where nobody can look at the desk; nothing where somebody can, or the database cannot tell."""
    if settings.is_demo:
        return ""  # the announcement has it
    engine = open_records(settings.database_url)
    try:
        with reading(engine).connect() as connection:
            if listed(connection):
                return ""
    except SQLAlchemyError:
        return ""
    finally:
        engine.dispose()
    add = f"{_command(settings, 'operators add')} YOUR-NAME --role editor"
    return f"There is no operator yet: nobody sees who asks to be called. Add one:\n  {add}\n"


def _is_only_here(host: str) -> bool:
    """Whether nobody but this machine reaches what listens on `host`."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _command(settings: Settings, words: str) -> str:
    """`helpline talk` and others as they work in another terminal: found, and with this server's port and folder."""
    given = {"port": f"PORT={settings.port}", "var_dir": f"VAR_DIR={shlex.quote(str(settings.var_dir))}"}
    program = "helpline" if shutil.which("helpline") else shlex.quote(str(Path(sys.executable).parent / "helpline"))
    return " ".join([*(given[name] for name in given if name in settings.model_fields_set), program, words])


def _wait_and_announce(settings: Settings, would_send: Path | None) -> None:
    url = f"{settings.local_address}/healthz"
    began, warned = time.monotonic(), False
    while problem := _problem(url):
        if not warned and time.monotonic() - began > LONG:
            say(f"The web server does not answer yet at {url}: {problem}. Still trying.")
            warned = True
        time.sleep(PAUSE)
    say(announcement(settings, would_send))
    if warning := without_operators(settings):
        say(warning)
    for name, means in _degraded(f"{settings.local_address}/readyz").items():
        say(f"Not everything is there yet: {name}. {means}\n")


def _degraded(url: str) -> dict[str, str]:
    """The parts that are not as they should be, and what that means."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310
            parts = json.load(answer)["parts"]
    except (OSError, ValueError, KeyError):
        return {}
    return {name: part.get("means", "") for name, part in parts.items() if part.get("state") != "ok"}


def _problem(url: str) -> str:
    try:
        with urllib.request.urlopen(url, timeout=5):  # noqa: S310
            return ""
    except urllib.error.HTTPError as error:
        return f"it says {error.code}"
    except OSError as error:
        return str(error)


def say(text: str) -> None:
    """Tell the operator, as long as there is somebody to tell."""
    with suppress(OSError):
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
