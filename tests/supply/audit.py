"""What pip-audit found, held against requirements.lock: what was not looked at is no good news. By scripts/audit.

    python -m tests.supply.audit REPORT

REPORT is pip-audit's, as JSON. Ends with 0 if every package was looked at and none has a known weakness, with 1 if
some have, with 2 if some were not looked at.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from tests.supply.lock import LOCK, Locked, locked

WELL, WEAK, NOT_LOOKED_AT = 0, 1, 2


def main() -> int:
    try:
        report = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        report = {}
    words, code = judged(report, locked(LOCK.read_text(encoding="utf-8")))
    click.echo("\n".join(words), err=bool(code))
    return code


def judged(report: dict[str, Any], packages: list[Locked]) -> tuple[list[str], int]:
    """What to say, and how to end. Packages of other machines than this one are left out by pip-audit."""
    told = {str(one.get("name", "")).lower(): one for one in report.get("dependencies", [])}
    here = [package for package in packages if not package.where or package.name.lower() in told]
    left_out = [package.name for package in here if "vulns" not in told.get(package.name.lower(), {})]
    weak = [line for one in told.values() for line in _weaknesses(one)]
    if len(left_out) == len(here):
        return ["Nothing was checked: the database of known weaknesses was not reached. Try again from elsewhere."], 2
    words = [*weak]
    if left_out:
        words.append(f"Not checked: {', '.join(left_out)}. The database does not know these, or was not reached.")
    if weak:
        words.append("To mend one: scripts/lock --upgrade-package NAME, scripts/test, and put it into use.")
        return words, WEAK
    if left_out:
        return words, NOT_LOOKED_AT
    return [f"{len(here)} packages checked: no known weakness."], WELL


def _weaknesses(package: dict[str, Any]) -> list[str]:
    return [
        f"{package['name']} {package.get('version', '')}: {found.get('id', '?')}, mended in "
        f"{', '.join(found.get('fix_versions') or ()) or 'no version yet'}"
        for found in package.get("vulns", ())
    ]


if __name__ == "__main__":
    raise SystemExit(main())
