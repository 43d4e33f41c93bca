"""Secrets that the helpline makes for itself on first use and keeps in `var/`.

The demo's token stands in for Twilio's, so that signatures are checked there too. The fingerprint key stands for the
one of the environment, so that numbers are never kept in clear; the number key seals the numbers that are.
"""

import base64
import os
import secrets
from collections.abc import Callable
from pathlib import Path

SHORTEST = 32
DEMO_TOKEN, FINGERPRINT_KEY, NUMBER_KEYS = "demo-token", "fingerprint-key", "number-keys"


def random_hex() -> str:
    """A secret of letters and digits, as long as Twilio's token."""
    return secrets.token_hex(16)


def random_number_key() -> str:
    """A key that seals numbers: 32 bytes in URL-safe base64."""
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def kept_secret(var_dir: Path, name: str, make: Callable[[], str] = random_hex) -> str:
    """The secret of that name in `var_dir`, made on first use; every process that asks gets the same one."""
    path = var_dir / name
    var_dir.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        _create(path, make())
    secret = path.read_text(encoding="ascii").strip()
    if len(secret) < SHORTEST:
        raise OSError(0, f"{path} holds no secret; remove it to have a new one made", str(path))
    return secret


def _create(path: Path, secret: str) -> None:
    # A link appears complete or not at all, and fails if another process was first.
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secret + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
