"""Starts the embedded Valkey again when it ends by itself: meanwhile calls go on, and texts are answered by keyword."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress

from helpline.server.embedded_valkey import EmbeddedValkey
from helpline.server.errors import ServerError

MOST_IN_A_ROW = 5
IN_A_ROW_SECONDS = 60.0
PAUSE = 0.5


class ValkeyKeeper:
    """Watches one embedded Valkey, beside everything else. `give_up` is told the reason when it ends too often."""

    def __init__(self, valkey: EmbeddedValkey, say: Callable[[str], None], give_up: Callable[[str], None]) -> None:
        self._valkey, self._say, self._give_up = valkey, say, give_up
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._ends: list[float] = []

    def start(self) -> None:
        """Watch, for as long as this process lives or until `stop`."""
        threading.Thread(target=self._keep, name="valkey", daemon=True).start()

    def stop(self) -> None:
        """End it for good."""
        self._stopping.set()
        with self._lock:
            self._valkey.stop()

    def _keep(self) -> None:
        while not self._stopping.is_set():
            code = self._valkey.wait()
            if self._stopping.is_set():
                return
            now = time.monotonic()
            self._ends = [end for end in self._ends if now - end < IN_A_ROW_SECONDS] + [now]
            reason = f"Valkey ended by itself (exit code {code}). See {self._valkey.log_file}"
            if len(self._ends) > MOST_IN_A_ROW:
                self._give_up(f"{reason}. It ended {len(self._ends)} times within a minute.")
                return
            self._say(f"{reason}. Starting it again; calls go on, texts are answered by keyword until then.")
            self._start_again()

    def _start_again(self) -> None:
        with self._lock:
            if not self._stopping.is_set():
                with suppress(ServerError):  # it ends once more, and is counted once more
                    self._valkey.start()
        time.sleep(PAUSE)
