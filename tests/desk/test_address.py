"""From where somebody asks."""

from __future__ import annotations

import pytest

from helpline.desk.address import client_address


@pytest.mark.parametrize(
    ("remote", "forwarded", "address"),
    [
        ("8.8.4.4", "", "8.8.4.4"),
        ("8.8.4.4", "198.51.100.7", "8.8.4.4"),  # no web server of ours is there
        ("127.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("127.0.0.1", "1.2.3.4, 198.51.100.7", "198.51.100.7"),  # what came before, anybody may have written
        ("10.0.0.2", "198.51.100.7", "198.51.100.7"),
        ("127.0.0.1", "nonsense", "127.0.0.1"),
        ("::ffff:127.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("2a01:e0a:1:2:3:4:5:6", "", "2a01:e0a:1:2::/64"),
        ("127.0.0.1", "2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"),
        ("", "198.51.100.7", ""),
        (None, "", ""),
    ],
)
def test_it_is_the_one_that_a_stranger_cannot_choose(remote: str | None, forwarded: str, address: str) -> None:
    assert client_address(remote, forwarded) == address
