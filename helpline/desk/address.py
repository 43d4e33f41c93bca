"""From where somebody asks: who asks too often is told so by address."""

from __future__ import annotations

import ipaddress

from helpline.neighbours import address, is_neighbour

_ONE_LINE = 64  # bits: who has one address of IPv6 has all of its network


def client_address(remote: str | None, forwarded: str) -> str:
    """The address of a request. `forwarded` is its X-Forwarded-For, whose last entry the web server in front wrote.

    It is believed only from a neighbour. Who still writes one himself is held back by name, and by all together.
    """
    hop = address(remote or "")
    if hop is None:
        return ""
    told = address(forwarded.rpartition(",")[2].strip())
    found = told if told and is_neighbour(remote) else hop
    if isinstance(found, ipaddress.IPv6Address):
        return str(ipaddress.IPv6Network((found, _ONE_LINE), strict=False))
    return str(found)
