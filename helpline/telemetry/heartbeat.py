"""Calls an address for as long as all is well: somebody outside notices when it falls silent."""

from __future__ import annotations

import threading
import urllib.request
from http.client import HTTPException

import structlog

PATIENCE_SECONDS = 5.0

log = structlog.get_logger(__name__)


class Heartbeat:
    """HEARTBEAT_URL, called beside everything else. Without one nothing is called."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._thread: threading.Thread | None = None

    def beat(self) -> None:
        """Call it, unless the call before is still under way."""
        if self._url and not (self._thread and self._thread.is_alive()):
            self._thread = threading.Thread(target=self._call, name="heartbeat", daemon=True)
            self._thread.start()

    def _call(self) -> None:
        try:
            with urllib.request.urlopen(self._url, timeout=PATIENCE_SECONDS) as answer:  # noqa: S310 the setting's rule
                answer.read(1)
        except (OSError, HTTPException, ValueError) as error:
            # Not the address: it is a secret of its own.
            log.warning("heartbeat not heard", error=type(error).__name__)
