"""From where somebody asks: who asks too often is told so by address."""

from __future__ import annotations

import ipaddress

_ONE_LINE = 64  # bits: who has one address of IPv6 has all of its network


def client_address(remote: str | None, forwarded: str) -> str:
    """The address of a request. `forwarded` is its X-Forwarded-For, whose last entry the web server in front wrote.

    It is believed only from a neighbour. Who still writes one himself is held back by name, and by all together.
    """
    neighbour = _address(remote or "")
    if neighbour is None:
        return ""
    told = _address(forwarded.rpartition(",")[2].strip())
    found = told if told and neighbour.is_private else neighbour
    if isinstance(found, ipaddress.IPv6Address):
        return str(ipaddress.IPv6Network((found, _ONE_LINE), strict=False))
    return str(found)


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return None
    return (isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped) or found
