import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from helpline.server.embedded_valkey import EmbeddedValkey
from helpline.server.errors import ServerError
from tests.server.running import all_end, is_alive, running

STARTS_VALKEY = """
import sys, time
from pathlib import Path
from helpline.server.embedded_valkey import EmbeddedValkey
valkey = EmbeddedValkey(Path(sys.argv[1]))
valkey.start()
print(valkey.url, flush=True)
time.sleep(600)
"""


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[EmbeddedValkey]:
    server = EmbeddedValkey(tmp_path / "valkey")
    server.start()
    yield server
    server.stop()


def client(valkey: EmbeddedValkey) -> "redis.Redis":
    return redis.Redis.from_url(valkey.url, decode_responses=True)


def pid_of(valkey: EmbeddedValkey) -> int:
    return int(valkey.pid_file.read_text())


def test_it_answers_and_forgets_nothing_to_save_memory(valkey: EmbeddedValkey) -> None:
    with client(valkey) as connection:
        assert connection.ping()
        assert connection.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        assert connection.config_get("appendonly") == {"appendonly": "yes"}


def test_only_this_user_reaches_it(valkey: EmbeddedValkey) -> None:
    with client(valkey) as connection:
        assert connection.config_get("port") == {"port": "0"}
    socket = Path(valkey.url.removeprefix("unix://"))
    assert socket.is_socket()
    assert socket.stat().st_mode & 0o077 == 0
    assert socket.parent.stat().st_mode & 0o077 == 0


def test_data_is_there_after_a_restart(valkey: EmbeddedValkey) -> None:
    with client(valkey) as connection:
        connection.set("session", "menu 3")
    valkey.stop()
    assert not valkey.pid_file.exists()
    valkey.start()
    with client(valkey) as connection:
        assert connection.get("session") == "menu 3"


def test_data_is_there_after_it_was_killed(valkey: EmbeddedValkey) -> None:
    with client(valkey) as connection:
        connection.set("session", "menu 3")
    os.kill(pid_of(valkey), signal.SIGKILL)
    assert valkey.wait() == -signal.SIGKILL
    assert valkey.pid_file.exists()
    valkey.start()
    with client(valkey) as connection:
        assert connection.get("session") == "menu 3"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a process with its parent")
def test_it_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    valkey = EmbeddedValkey(tmp_path / "valkey")
    with running([sys.executable, "-c", STARTS_VALKEY, str(tmp_path / "valkey")], tmp_path / "out") as parent:
        parent.wait_for("unix://")
        family = parent.family()
        assert pid_of(valkey) in family
        parent.end(signal.SIGKILL)
        all_end(family)


def test_one_left_over_is_stopped_and_its_data_kept(valkey: EmbeddedValkey, tmp_path: Path) -> None:
    leftover = pid_of(valkey)
    with client(valkey) as connection:
        connection.set("session", "menu 3")
    successor = EmbeddedValkey(tmp_path / "valkey")
    successor.start()
    try:
        assert not is_alive(leftover)
        assert pid_of(successor) != leftover
        with client(successor) as connection:
            assert connection.get("session") == "menu 3"
    finally:
        successor.stop()


def test_one_left_over_that_hangs_is_stopped_too(
    valkey: EmbeddedValkey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("helpline.server.embedded_valkey.GRACE", 0.3)
    leftover = pid_of(valkey)
    os.kill(leftover, signal.SIGSTOP)
    successor = EmbeddedValkey(tmp_path / "valkey")
    successor.start()
    successor.stop()
    assert not is_alive(leftover)


def test_a_stranger_with_the_number_of_a_dead_valkey_is_left_alone(tmp_path: Path) -> None:
    valkey = EmbeddedValkey(tmp_path / "valkey")
    with running([sys.executable, "-c", "import time; time.sleep(600)"], tmp_path / "out") as stranger:
        valkey.pid_file.parent.mkdir()
        valkey.pid_file.write_text(f"{stranger.pid}\n")
        valkey.start()
        try:
            assert is_alive(stranger.pid)
            assert pid_of(valkey) != stranger.pid
        finally:
            valkey.stop()


@pytest.mark.parametrize("content", ["", "not a number", "4194304999"])
def test_a_stale_pid_file_is_replaced(tmp_path: Path, content: str) -> None:
    valkey = EmbeddedValkey(tmp_path / "valkey")
    valkey.pid_file.parent.mkdir()
    valkey.pid_file.write_text(content)
    valkey.start()
    assert is_alive(pid_of(valkey))
    valkey.stop()
    assert not valkey.pid_file.exists()


@pytest.mark.parametrize("name", ["f" * 120, "a folder with spaces", 'quotes " and \\ and é', "100% #1?"])
def test_any_folder_will_do(tmp_path: Path, name: str) -> None:
    valkey = EmbeddedValkey(tmp_path / name)
    valkey.start()
    try:
        assert len(valkey.url) < 200
        with client(valkey) as connection:
            assert connection.ping()
    finally:
        valkey.stop()


def test_when_it_cannot_start_its_own_words_are_shown(tmp_path: Path) -> None:
    valkey = EmbeddedValkey(tmp_path / "valkey")
    valkey.pid_file.parent.mkdir()
    (tmp_path / "valkey" / "appendonlydir").mkdir()
    (tmp_path / "valkey" / "appendonlydir" / "appendonly.aof.manifest").write_text("not a manifest")
    with pytest.raises(ServerError, match=r"(?s)Valkey did not start.*valkey\.log.*manifest"):
        valkey.start()


def test_ctrl_c_in_the_terminal_does_not_reach_it(valkey: EmbeddedValkey) -> None:
    group = subprocess.run(["ps", "-o", "pgid=", "-p", str(pid_of(valkey))], capture_output=True, text=True, check=True)
    assert int(group.stdout) == pid_of(valkey)


def test_whoever_only_asks_for_the_address_is_told_where_it_will_be(tmp_path: Path) -> None:
    folder = tmp_path / ("a-long-name" * 10) / "valkey"
    valkey = EmbeddedValkey(folder)
    valkey.start()
    try:
        assert EmbeddedValkey(folder).url == valkey.url
        assert redis.Redis.from_url(EmbeddedValkey(folder).url).ping()
    finally:
        valkey.stop()
