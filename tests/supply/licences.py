"""Every package of requirements.lock with its licence, as the installed package states it. Run it by scripts/licences.

It ends with 1 where a licence is not known to be one that we may use, or a package is not there to be asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import metadata
from itertools import chain

import click
from packaging.markers import Marker

from tests.supply.lock import LOCK, Locked, locked

# They ask for their notice and nothing of our own code.
FREE = frozenset(
    {
        *("MIT", "MIT-0", "BSD", "BSD-2-Clause", "BSD-3-Clause", "0BSD", "ISC", "Zlib", "Unlicense"),
        *("Apache-2.0", "MPL-2.0", "PSF-2.0", "Python-2.0"),
    }
)
# Others, by name and with the reason.
ALLOWED = {
    "psycopg": "LGPL: used as a library, unchanged; anybody may put another build in its place",
    "psycopg-binary": "LGPL: as psycopg; it is only installed beside it",
    "python-stdnum": "LGPL: used as a library, unchanged",
}
# What packages wrote before there were SPDX names: of the classifiers, and of the field `License`.
_WRITTEN = {
    "MIT License": "MIT",
    "BSD License": "BSD",
    "Apache Software License": "Apache-2.0",
    "Apache 2.0": "Apache-2.0",
    "ISC License (ISCL)": "ISC",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "GNU Lesser General Public License v2 or later (LGPLv2+)": "LGPL-2.1-or-later",
    "GNU Lesser General Public License v3 (LGPLv3)": "LGPL-3.0-only",
}
_NOTHING = frozenset({"OSI Approved", "DFSG approved"})  # classifiers that name no licence
_FIRST_LINES = {"MIT License": "MIT", "The MIT License (MIT)": "MIT", "BSD 3-Clause License": "BSD-3-Clause"}


@dataclass(frozen=True, slots=True)
class Verdict:
    """A package, its licence in words, and what is to be done; nothing where it is well. `note`: why it is allowed."""

    package: Locked
    licence: str
    to_do: str = ""
    note: str = ""


def main() -> int:
    verdicts = [judged(package) for package in locked(LOCK.read_text(encoding="utf-8"))]
    widths = [max(map(len, column)) for column in zip(*((v.package.name, v.licence) for v in verdicts), strict=True)]
    for one in verdicts:
        row = (text.ljust(width) for text, width in zip((one.package.name, one.licence), widths, strict=True))
        click.echo("  ".join((*row, one.note)).rstrip())
    wrong = [one for one in verdicts if one.to_do]
    click.echo(f"\n{len(verdicts)} packages, {len(wrong)} to look at.")
    for one in wrong:
        click.echo(f"{one.package.name} {one.package.version}: {one.to_do}", err=True)
    return 1 if wrong else 0


def judged(package: Locked) -> Verdict:
    """A package, as it is installed here."""
    if package.where and not Marker(package.where).evaluate():
        return Verdict(package, "not looked at", note=f"not installed here: {package.where}")
    try:
        about = metadata.distribution(package.name)
    except metadata.PackageNotFoundError:
        return Verdict(package, "unknown", "it is not installed here: run scripts/setup, then this again")
    return verdict(package, stated(about.metadata, licence_file(about)))


def verdict(package: Locked, licence: str) -> Verdict:
    """Whether a licence is one that we may use."""
    if licence and is_free(licence):
        return Verdict(package, licence)
    if reason := ALLOWED.get(package.name):
        return Verdict(package, licence or "unknown", note=reason)
    to_do = (
        f"its licence ({licence or 'none is stated'}) is none that we know. Read it; then name it in FREE, or the "
        "package with a reason in ALLOWED (tests/supply/licences.py), or choose another package"
    )
    return Verdict(package, licence or "unknown", to_do)


def is_free(expression: str) -> bool:
    """Whether an SPDX expression leaves us free: of OR one side is enough, of AND all are needed."""
    text = expression.strip()
    while text.startswith("(") and text.endswith(")") and _is_one(text):
        text = text[1:-1].strip()
    for word, together in ((" OR ", any), (" AND ", all)):
        if len(parts := _split(text, word)) > 1:
            return together(is_free(part) for part in parts)
    return text in FREE


def stated(about: metadata.PackageMetadata, file: str = "") -> str:
    """The licence as an SPDX expression, as far as a package says: by the expression, by classifiers, by its field."""
    if expression := about.get("License-Expression"):
        return str(expression)
    classifiers = [
        text.split(" :: ")[-1] for text in about.get_all("Classifier") or () if text.startswith("License ::")
    ]
    named = [_WRITTEN.get(text, text) for text in classifiers if text not in _NOTHING]
    if named:
        return " AND ".join(dict.fromkeys(named))
    field = str(about.get("License") or "").strip()
    return _WRITTEN.get(field, field.splitlines()[0] if field else _FIRST_LINES.get(file, file))


def licence_file(about: metadata.Distribution) -> str:
    """The first line of the licence that comes with a package."""
    files = (file for file in about.files or () if re.fullmatch(r"LICEN[CS]E(\.\w+)?", file.name))
    lines = chain.from_iterable((file.read_text() or "").splitlines() for file in files)
    return next((line.strip() for line in lines if line.strip()), "")


def _is_one(text: str) -> bool:
    """Whether the first bracket is closed by the last one."""
    depth = 0
    for place, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if depth == 0:
            return place == len(text) - 1
    return False


def _split(text: str, word: str) -> list[str]:
    """The parts between a word that stands outside all brackets."""
    parts: Iterable[str] = text.split(word)
    found: list[str] = []
    for part in parts:
        if found and found[-1].count("(") > found[-1].count(")"):
            found[-1] += word + part
        else:
            found.append(part)
    return found


if __name__ == "__main__":
    raise SystemExit(main())
