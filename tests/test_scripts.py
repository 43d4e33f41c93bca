import json
import os
import re
import signal
import socket
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
import redis

from helpline.server.embedded_valkey import EmbeddedValkey
from tests.server.running import Running, all_end, free_port, running, wait_until

CHECKOUT = Path(__file__).parent.parent
SCRIPTS = CHECKOUT / "scripts"
OF_THE_MACHINE = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LANG") if name in os.environ}


class Place:
    """A folder and a port for one server after another."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.var = folder / "var"
        self.port = free_port()
        self._servers = 0

    def server(self, **environ: str) -> AbstractContextManager[Running]:
        self._servers += 1
        env = {**OF_THE_MACHINE, "PORT": str(self.port), "VAR_DIR": str(self.var), "WEB_CONCURRENCY": "1", **environ}
        return running([str(SCRIPTS / "server")], self.folder / f"output-{self._servers}", env)

    def get(self, path: str) -> int:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=30) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            error.close()
            return error.code

    def server_pid(self) -> int:
        file = self.var / "server.pid"
        return int(file.read_text() or 0) if file.exists() else 0

    def valkey_pid(self) -> int:
        file = self.var / "demo-valkey" / "valkey.pid"
        return int(file.read_text() or 0) if file.exists() else 0

    def answers(self) -> bool:
        with suppress(OSError):
            return self.get("/healthz") == 200
        return False

    def workers(self, server: Running) -> list[int]:
        """The web workers: what the web process has started."""
        web = [pid for pid in server.family() if "helpline.server.web" in command_of(pid)]
        return [pid for pid in web if parent_of(pid) in web]

    def redis_state(self) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=30) as answer:
            return str(json.load(answer)["parts"]["redis"]["state"])

    def kept(self) -> "redis.Redis":
        return redis.Redis.from_url(EmbeddedValkey(self.var / "demo-valkey").url, decode_responses=True)


def command_of(pid: int) -> str:
    return subprocess.run(["ps", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout


def parent_of(pid: int) -> int:
    shown = subprocess.run(["ps", "-o", "ppid=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return int(shown.strip() or 0)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def refusal(server: Running) -> str:
    assert server.ended() == 1
    assert "Traceback" not in server.output
    return server.output


def test_one_command_starts_a_helpline_that_answers(place: Place) -> None:
    with place.server() as server:
        server.wait_for("Stop it with Ctrl-C")
        assert place.get("/healthz") == 200
        assert "demo mode" in server.output
        assert "To serve real callers: docs/going-live.md" in server.output
        assert f"PORT={place.port} VAR_DIR={place.var} " in server.output
        # What callers say comes in such addresses, and must not be written anywhere.
        assert place.get("/nowhere?said=mysecret") == 404
        family = server.family()
        assert server.end() == 0
        all_end(family)
        assert "Traceback" not in server.output
        assert "mysecret" not in server.output


def test_it_ends_in_order_when_its_window_is_closed(place: Place) -> None:
    with place.server() as server:
        server.wait_for("is ready")
        family = server.family()
        assert server.end(signal.SIGHUP) == 0
        all_end(family)


def test_a_start_can_be_broken_off(place: Place) -> None:
    with place.server() as server:
        wait_until(place.server_pid, lambda: server.output)
        family = server.family()
        assert server.end(signal.SIGINT) == 0
        all_end([server.pid, *family])
        assert "Traceback" not in server.output


def test_after_it_was_killed_it_starts_again_with_all_that_it_knew(place: Place) -> None:
    with place.server() as server:
        server.wait_for("is ready")
        token = (place.var / "demo-token").read_text()
        with place.kept() as kept:
            kept.set("session", "menu 3")
        family = server.family()
        server.end(signal.SIGKILL)
        with place.server() as second:
            second.wait_for("is ready")
            with place.kept() as kept:
                assert kept.get("session") == "menu 3"
            assert (place.var / "demo-token").read_text() == token
            all_end(family)
            assert second.end() == 0


def test_a_taken_port_is_named_with_the_way_out(place: Place) -> None:
    with socket.create_server(("127.0.0.1", place.port)), place.server() as server:
        message = refusal(server)
        assert f"Port {place.port} is taken" in message
        assert f"PORT={place.port + 1} scripts/server" in message


def test_wrong_settings_are_all_named(place: Place) -> None:
    with place.server(WEB_CONCURRENCY="many", SMS_SENDER="Relais") as server:
        message = refusal(server)
        assert "WEB_CONCURRENCY must be" in message
        assert "SMS_SENDER is a name" in message


def test_prompts_that_cannot_be_used_are_named(place: Place, tmp_path: Path) -> None:
    (tmp_path / "prompts").mkdir()
    with place.server(PROMPTS_DIR=str(tmp_path / "prompts")) as server:
        assert "a part of it did: web" in refusal(server)
        assert "The file is missing" in server.output


def test_a_folder_that_is_a_file_is_named(place: Place) -> None:
    place.var.write_text("")
    with place.server() as server:
        assert "is a file, not a folder" in refusal(server)


def test_a_redis_that_is_not_there_is_named_at_the_start(place: Place) -> None:
    with place.server(REDIS_URL="redis://127.0.0.1:1/0") as server:
        server.wait_for("Not everything is there yet: redis")


# Of one server, in this order: the last one ends it.


@dataclass
class Served:
    place: Place
    server: Running


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    place = Place(tmp_path_factory.mktemp("served"))
    with place.server() as server:
        server.wait_for("is ready")
        yield Served(place, server)


def test_a_second_helpline_on_the_same_folder_is_refused(served: Served) -> None:
    place = served.place
    assert place.server_pid() == served.server.pid
    with place.server(PORT=str(free_port())) as second:
        message = refusal(second)
        assert f"already running with the folder {place.var} (process {served.server.pid})" in message
        assert "VAR_DIR=" in message


def test_when_valkey_ends_by_itself_it_is_started_again_with_its_data(served: Served) -> None:
    place, server = served.place, served.server
    first = place.valkey_pid()
    assert first > 1  # 0 would be this test and all beside it
    os.kill(first, signal.SIGKILL)
    server.wait_for("Valkey ended by itself")
    wait_until(lambda: place.valkey_pid() not in (0, first), lambda: server.output)
    wait_until(lambda: place.redis_state() == "ok", lambda: server.output)


def test_web_workers_that_die_again_and_again_are_started_anew(served: Served) -> None:
    place, server = served.place, served.server
    for _ in range(3):
        for worker in place.workers(server):
            os.kill(worker, signal.SIGKILL)
        wait_until(lambda: place.answers() and place.workers(server), lambda: server.output)
    assert place.get("/healthz") == 200
    assert server.end() == 0


@pytest.mark.parametrize(
    "name", ["setup", "server", "test", "lock", "crash-test", "chaos", "fuzz-memory", "licences", "audit"]
)
def test_every_script_explains_itself(name: str, tmp_path: Path) -> None:
    shown = subprocess.run([SCRIPTS / name, "--help"], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert f"Usage: scripts/{name}" in shown


def setup_in(folder: Path, python: str | None, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run a copy of scripts/setup on a machine that has only `python`, a shell script."""
    (folder / "scripts").mkdir()
    (folder / "bin").mkdir()
    (folder / "scripts" / "setup").write_bytes((SCRIPTS / "setup").read_bytes())
    for tool in ("bash", "cat", "cmp", "dirname", "rm"):
        found = subprocess.run(["which", tool], capture_output=True, text=True, check=True).stdout.strip()
        (folder / "bin" / tool).symlink_to(found)
    if python:
        (folder / "bin" / "python3").write_text(python)
        (folder / "bin" / "python3").chmod(0o755)
    return subprocess.run(
        ["bash", folder / "scripts" / "setup"],
        env={"PATH": str(folder / "bin"), **environ},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("python", [None, "#!/bin/sh\nexit 1\n"])
def test_without_python_the_setup_says_what_to_install(tmp_path: Path, python: str | None) -> None:
    result = setup_in(tmp_path, python)
    assert result.returncode == 1
    assert "needs Python 3.11 or newer" in result.stderr
    assert "sudo apt install python3" in result.stderr
    assert "brew install" in result.stderr


def test_a_python_of_ones_choice_that_does_not_do_is_named(tmp_path: Path) -> None:
    result = setup_in(tmp_path, None, PYTHON="/nowhere/python")
    assert result.returncode == 1
    assert "PYTHON=/nowhere/python is not a Python that runs" in result.stderr


def test_without_venv_the_setup_says_what_to_install(tmp_path: Path) -> None:
    result = setup_in(tmp_path, '#!/bin/sh\ncase "$2" in *ensurepip*) exit 1 ;; esac\n')
    assert result.returncode == 1
    assert "sudo apt install python3-venv" in result.stderr
    assert not (tmp_path / ".venv").exists()


def test_a_setup_with_nothing_to_do_is_silent() -> None:
    subprocess.run([SCRIPTS / "setup"], check=True)
    again = subprocess.run([SCRIPTS / "setup"], capture_output=True, text=True, check=True)
    assert again.stdout + again.stderr == ""


def test_the_lock_has_hashes_for_everything_and_names_no_address() -> None:
    lock = (CHECKOUT / "requirements.lock").read_text()
    packages = re.findall(r"^[a-z][^ ]*==[^ ]+.*\\\n    --hash=sha256:[0-9a-f]{64}", lock, re.MULTILINE)
    assert len(packages) == len(re.findall(r"^[a-z]", lock, re.MULTILINE)) > 40
    assert "://" not in lock
    assert not re.search(r"^--", lock, re.MULTILINE)
