"""Looks for secrets in everything that a helpline leaves: its files, its Redis and its database, in all usual forms."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import quote, quote_plus

from redis import Redis
from sqlalchemy import Engine, MetaData, select

SHORTEST = 6  # what is shorter is found anywhere by chance


def forms_of_number(number: str) -> set[str]:
    """A French number as people and programs write it."""
    national = "0" + number.removeprefix("+33")
    pairs = re.findall("..", national)
    written = {number, number[1:], "00" + number[1:], national, national[1:], f"{number[:3]} {national[1:]}"}
    written |= {mark.join(pairs) for mark in (" ", ".", "-", "%20", "+")}
    return written | {f"{number[:3]} {national[1]} {' '.join(pairs[1:])}"}


def forms_of(secret: str) -> set[bytes]:
    """A secret as it is, and as programs write it."""
    written = forms_of_number(secret) if re.fullmatch(r"\+33\d{9}", secret) else {secret, secret.replace(" ", "")}
    found: set[bytes] = set()
    for one in written:
        raw = one.encode()
        found |= {raw, raw.hex().encode(), raw.hex().upper().encode(), quote(one).encode(), quote_plus(one).encode()}
        found |= {base64.b64encode(raw).rstrip(b"="), base64.urlsafe_b64encode(raw).rstrip(b"=")}
        found |= {base64.b32encode(raw).rstrip(b"="), one.encode("utf-16-le"), one.encode("unicode_escape")}
        # In the middle of something longer that was encoded as a whole.
        found |= {base64.b64encode(b"x" * skip + raw)[4 if skip else 0 : -4] for skip in (1, 2)}
    return {_small(one) for one in found if len(one) >= SHORTEST}


def files(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file below, with its name, as it lies on the disk."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield f"file {path.relative_to(folder)}", str(path.name).encode() + b"\n" + path.read_bytes()


def in_redis(client: Redis) -> Iterator[tuple[str, bytes]]:
    """Every key, with everything under it, whatever its kind."""
    for key in client.keys("*"):
        yield f"redis {key!r}", key + b"\n" + _under(client, key)


def _under(client: Redis, key: bytes) -> bytes:
    kind = client.type(key)
    if kind == b"string":
        return client.get(key) or b""
    if kind == b"hash":
        return b"\n".join(part for pair in client.hgetall(key).items() for part in pair)
    if kind == b"list":
        return b"\n".join(client.lrange(key, 0, -1))
    if kind == b"set":
        return b"\n".join(client.smembers(key))
    if kind == b"zset":
        return b"\n".join(client.zrange(key, 0, -1))
    if kind == b"stream":
        return repr(client.xrange(key)).encode()
    raise AssertionError(f"what is a {kind!r}?")


def in_sql(engine: Engine) -> Iterator[tuple[str, bytes]]:
    """Every column of every row of every table that there is, known to this program or not."""
    metadata = MetaData()
    metadata.reflect(engine)
    with engine.connect() as connection:
        for table in metadata.sorted_tables:
            for row in connection.execute(select(table)):
                for column, held in row._mapping.items():
                    yield f"sql {table.name}.{column}", held if isinstance(held, bytes) else str(held).encode()


def found_in(secrets: Mapping[str, str], places: Iterator[tuple[str, bytes]]) -> set[tuple[str, str]]:
    """Which secret is where, by their names."""
    pattern = {name: re.compile(b"|".join(map(re.escape, sorted(forms_of(each))))) for name, each in secrets.items()}
    folded = ((place, _small(held)) for place, held in places)
    return {(name, place) for place, held in folded for name, search in pattern.items() if search.search(held)}


def _small(held: bytes) -> bytes:
    """In small letters, those with accents too."""
    return held.decode(errors="surrogateescape").lower().encode(errors="surrogateescape")
