"""Every licence of what we use is known, and what is not is named with what to do."""

from __future__ import annotations

import subprocess
from email.message import Message
from importlib import metadata
from typing import cast

import pytest

from tests.supply.licences import ALLOWED, is_free, stated, verdict
from tests.supply.lock import LOCK, Locked, locked

SCRIPTS = LOCK.parent / "scripts"
SOMETHING = Locked("something", "1.0")


def test_everything_in_the_lock_has_a_licence_that_we_may_use() -> None:
    done = subprocess.run([SCRIPTS / "licences"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    names = [package.name for package in locked(LOCK.read_text(encoding="utf-8"))]
    assert len(names) > 50
    assert [line.split()[0] for line in done.stdout.splitlines()[: len(names)]] == names
    assert f"{len(names)} packages, 0 to look at." in done.stdout
    assert "LGPL" in done.stdout


def test_only_packages_of_the_lock_are_allowed_by_name() -> None:
    assert {*ALLOWED} <= {package.name for package in locked(LOCK.read_text(encoding="utf-8"))}


@pytest.mark.parametrize(
    "licence",
    ["MIT", "Apache-2.0 OR GPL-3.0-only", "MIT AND (Apache-2.0 OR BSD-2-Clause)", "(MIT)", "(MIT) AND (ISC)"],
)
def test_what_leaves_us_free_passes(licence: str) -> None:
    assert is_free(licence)
    assert not verdict(SOMETHING, licence).to_do


@pytest.mark.parametrize(
    "licence",
    ["", "GPL-3.0-only", "AGPL-3.0-or-later", "MIT AND GPL-2.0-only", "LGPL-3.0-only", "Our own", "(MIT", "OR"],
)
def test_what_is_not_known_to_does_not_and_says_what_to_do(licence: str) -> None:
    found = verdict(SOMETHING, licence)
    assert "choose another package" in found.to_do
    assert not verdict(Locked("psycopg", "3.3"), licence).to_do


@pytest.mark.parametrize(
    ("fields", "licence"),
    [
        ({"License-Expression": "MIT", "License": "something else"}, "MIT"),
        ({"Classifier": "License :: OSI Approved :: BSD License", "License": "Dual"}, "BSD"),
        ({"Classifier": "License :: OSI Approved :: GNU General Public License v3 (GPLv3)"}, None),
        ({"License": "Apache-2.0"}, "Apache-2.0"),
        ({}, "MIT"),
    ],
)
def test_a_package_states_its_licence_in_one_of_four_ways(fields: dict[str, str], licence: str | None) -> None:
    about = Message()
    for name, text in fields.items():
        about[name] = text
    found = stated(cast("metadata.PackageMetadata", about), "MIT License")
    assert found == licence if licence else not is_free(found)


def test_the_lock_is_read_with_its_markers() -> None:
    text = "a==1.0 \\\n    --hash=sha256:00\n    # via b\ncolorama==0.4 ; sys_platform == 'win32' \\\n"
    assert locked(text) == [Locked("a", "1.0"), Locked("colorama", "0.4", "sys_platform == 'win32'")]
