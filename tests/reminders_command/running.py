"""`helpline reminders ...` as an operator runs it, and what it then shows."""

from __future__ import annotations

import json
from typing import Any

from click.testing import CliRunner, Result

from helpline.cli import main
from tests.reminders.bench import shipped_prompts

FROM_SHELL = (
    "HELPLINE_ENV",
    "HELPLINE_LANGUAGES",
    "PROMPTS_DIR",
    "TWILIO_ACCOUNT_SID",
    "TWILIO_AUTH_TOKEN",
    "SMS_PRICE",
)
PROMPTS = shipped_prompts()
CALENDAR = PROMPTS.menus.calendar
NOWHERE = "redis://127.0.0.1:1/0"


def run(env: dict[str, str], *words: str) -> Result:
    return CliRunner().invoke(main, ["reminders", *words], env={**dict.fromkeys(FROM_SHELL), **env})


def shown(env: dict[str, str], *words: str, code: int = 0) -> str:
    result = run(env, *words)
    assert result.exit_code == code, result.output
    return result.stdout


def as_json(env: dict[str, str], *words: str) -> dict[str, Any]:
    """Standard output is one object, and nothing else."""
    found = json.loads(shown(env, *words, "--json"))
    assert isinstance(found, dict)
    return found
