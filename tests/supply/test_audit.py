"""A weakness is told, and so is what was not looked at: silence is not taken for good news."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from tests.supply.audit import judged
from tests.supply.lock import LOCK, Locked

PACKAGES = [Locked("a", "1.0"), Locked("b", "2.0"), Locked("colorama", "0.4", "sys_platform == 'win32'")]
WELL = {"name": "b", "version": "2.0", "vulns": []}
WEAK = {"name": "a", "version": "1.0", "vulns": [{"id": "PYSEC-2026-1", "fix_versions": ["1.1"]}]}
SKIPPED = {"name": "a", "skip_reason": "Dependency not found on PyPI and could not be audited: a (1.0)"}


def test_all_looked_up_and_none_weak_is_well() -> None:
    words, code = judged({"dependencies": [{**WEAK, "vulns": []}, WELL]}, PACKAGES)
    assert (words, code) == (["2 packages checked: no known weakness."], 0)


def test_a_weakness_is_named_with_what_to_do() -> None:
    words, code = judged({"dependencies": [WEAK, WELL]}, PACKAGES)
    assert code == 1
    assert words[0] == "a 1.0: PYSEC-2026-1, mended in 1.1"
    assert "scripts/lock --upgrade-package" in words[-1]


def test_what_the_database_does_not_know_was_not_checked() -> None:
    words, code = judged({"dependencies": [SKIPPED, WELL]}, PACKAGES)
    assert code == 2
    assert words == ["Not checked: a. The database does not know these, or was not reached."]
    assert judged({"dependencies": [SKIPPED, {**WEAK, "name": "b"}]}, PACKAGES)[1] == 1


def test_where_none_was_found_nothing_was_checked() -> None:
    for report in ({}, {"dependencies": []}, {"dependencies": [SKIPPED, {**SKIPPED, "name": "b"}]}):
        words, code = judged(report, PACKAGES)
        assert code == 2
        assert words[0].startswith("Nothing was checked")


def test_the_script_says_so_where_nothing_can_be_reached(tmp_path: Path) -> None:
    nowhere = {"PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_RETRIES": "0"}
    others = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    script = LOCK.parent / "scripts" / "audit"
    done = subprocess.run(
        [script], env={**others, **nowhere, "TMPDIR": str(tmp_path)}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "Nothing was checked: pip-audit could not be installed." in done.stderr
    assert list(tmp_path.iterdir()) == []
