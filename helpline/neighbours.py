"""Who stands right before us: what a web server in front says of a request is believed from a neighbour only."""

from __future__ import annotations

import ipaddress

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def address(text: str) -> Address | None:
    """The address that a text is, an IPv4 one as itself; None where it is none."""
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return None
    return (isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped) or found


def is_neighbour(remote: str | None) -> bool:
    """Whether a request comes from this machine or a network of its own, and not from the internet."""
    if not remote:  # a socket in a folder
        return True
    found = address(remote)
    return found is not None and found.is_private
