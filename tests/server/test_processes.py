import os
import signal
import subprocess
import sys
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.server.running import PATIENCE, Running, all_end, descendants, is_alive, running, wait_until

RUNS_PROCFILE = """
import os, sys
from pathlib import Path
from helpline.server.errors import ServerError
from helpline.server import kept_process, processes
from helpline.server.processes import Processes
processes.GRACE = kept_process.GRACE = 0.5
kept_process.FIRST_PAUSE = 0.2
if __name__ == "__main__":
    started = Processes(Path(sys.argv[1]), os.environ, come_back=("comes_back",))
    try:
        started.run(on_started=lambda: print("all started", flush=True))
    except ServerError as error:
        sys.exit(str(error))
"""
WORKS = "import time; print('{} works', flush=True); time.sleep(600)"
CHATTY = "import itertools, time\nfor n in itertools.count(): print('{} works', n, flush=True); time.sleep(.01)"
STUBBORN = "import signal, time; [signal.signal(n, signal.SIG_IGN) for n in (1, 2, 15)]; " + WORKS


def start(folder: Path, **commands: str) -> AbstractContextManager[Running]:
    program = folder / "program.py"
    program.write_text(RUNS_PROCFILE)
    lines = []
    for name, code in commands.items():
        script = folder / f"{name}.py"
        script.write_text(code.format(name))
        lines.append(f"{name}: exec {sys.executable} {script}\n")
    (folder / "Procfile").write_text("".join(lines))
    return running([sys.executable, str(program), str(folder / "Procfile")], folder / "output")


def wait_for_all(program: Running, *names: str) -> None:
    for name in names:
        program.wait_for(f"{name} works")


def test_every_process_of_the_procfile_runs_under_its_name(tmp_path: Path) -> None:
    with start(tmp_path, web=WORKS, worker=WORKS) as program:
        wait_for_all(program, "web", "worker")
        shown = [line for line in program.output.splitlines() if "works" in line]
        assert any("web" in line.split("|")[0] for line in shown)
        assert any("worker" in line.split("|")[0] for line in shown)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_all_end_with_the_helpline(tmp_path: Path, number: signal.Signals) -> None:
    with start(tmp_path, web=WORKS, worker=WORKS) as program:
        wait_for_all(program, "web", "worker")
        family = program.family()
        assert program.end(number) == 0
        all_end(family)


def test_ctrl_c_in_a_terminal_reaches_every_process_and_all_end(tmp_path: Path) -> None:
    with start(tmp_path, web=WORKS, worker=WORKS) as program:
        wait_for_all(program, "web", "worker")
        family = program.family()
        os.killpg(program.pid, signal.SIGINT)
        assert program.ended() == 0
        all_end(family)
        assert "Traceback" not in program.output


def test_a_signal_before_everything_has_started_is_obeyed(tmp_path: Path) -> None:
    with start(tmp_path, web=WORKS, worker=WORKS) as program:
        program.wait_for("all started")
        family = program.family()
        assert program.end() == 0
        all_end(family)
        assert "Traceback" not in program.output


def test_when_the_helpline_is_killed_nothing_is_left(tmp_path: Path) -> None:
    with start(tmp_path, web=WORKS, worker=STUBBORN) as program:
        wait_for_all(program, "web", "worker")
        family = program.family()
        program.end(signal.SIGKILL)
        all_end(family)


def test_one_that_does_not_listen_is_made_to_end(tmp_path: Path) -> None:
    with start(tmp_path, web=WORKS, worker=STUBBORN) as program:
        wait_for_all(program, "web", "worker")
        family = program.family()
        assert program.end() == 0
        all_end(family)


def test_when_one_ends_by_itself_the_others_end_and_the_operator_reads_which(tmp_path: Path) -> None:
    with start(tmp_path, web=WORKS, worker="print('no job', flush=True); raise SystemExit(3)") as program:
        family = program.family()
        assert program.ended() == 1
        assert "a part of it did: worker (exit code 3)" in program.output
        assert "no job" in program.output
        assert "Traceback" not in program.output
        assert not any(map(is_alive, family))


def test_when_one_is_killed_what_it_started_ends_too(tmp_path: Path) -> None:
    parent = (
        "import subprocess, sys, time; child = subprocess.Popen([sys.executable, '-c', 'import time; "
        "time.sleep(600)']); print('web works, child', child.pid, flush=True); time.sleep(600)"
    )
    with start(tmp_path, web=parent) as program:
        program.wait_for("web works, child")
        family = program.family()
        web = next(int(line.split("pid=")[1].rstrip(")")) for line in program.output.splitlines() if "pid=" in line)
        os.kill(web, signal.SIGKILL)
        assert program.ended() == 1
        assert "web (exit code -9)" in program.output
        all_end(family)


def pids_of(program: Running, name: str) -> list[int]:
    """The processes of that name that were started, in order."""
    told = [line for line in program.output.splitlines() if f"{name} started (pid=" in line]
    return [int(line.split("pid=")[1].rstrip(")")) for line in told]


def test_one_that_comes_back_is_started_again_and_the_others_stay(tmp_path: Path) -> None:
    with start(tmp_path, web=WORKS, comes_back=WORKS) as program:
        for times in (1, 2, 3):
            wait_until(lambda times=times: len(pids_of(program, "comes_back")) == times, lambda: program.output)
            os.kill(pids_of(program, "comes_back")[-1], signal.SIGKILL)
        wait_until(lambda: len(pids_of(program, "comes_back")) == 4, lambda: program.output)
        assert "ended by itself (exit code -9)" in program.output
        assert len(pids_of(program, "web")) == 1
        family = program.family()
        assert program.end() == 0
        all_end(family)
        assert "Traceback" not in program.output


def test_one_that_cannot_live_is_tried_again_until_the_helpline_stops(tmp_path: Path) -> None:
    with start(tmp_path, web=WORKS, comes_back="raise SystemExit(3)") as program:
        wait_until(lambda: len(pids_of(program, "comes_back")) >= 3, lambda: program.output)
        family = program.family()
        assert program.end() == 0
        all_end(family)
        assert "Traceback" not in program.output


def test_when_the_helpline_is_killed_what_came_back_ends_too(tmp_path: Path) -> None:
    with start(tmp_path, web=WORKS, comes_back=WORKS) as program:
        wait_until(lambda: len(pids_of(program, "comes_back")) == 1, lambda: program.output)
        os.kill(pids_of(program, "comes_back")[0], signal.SIGKILL)
        wait_until(lambda: len(pids_of(program, "comes_back")) == 2, lambda: program.output)
        family = program.family()
        assert pids_of(program, "comes_back")[1] in family
        program.end(signal.SIGKILL)
        all_end(family)


def test_it_ends_in_order_when_its_window_was_closed(tmp_path: Path) -> None:
    with start(tmp_path, web=CHATTY):
        pass
    command = [sys.executable, str(tmp_path / "program.py"), str(tmp_path / "Procfile")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as program:
        assert program.stdout
        while b"web works" not in program.stdout.readline():
            pass
        family = descendants(program.pid)
        program.stdout.close()
        program.terminate()
        assert program.wait(PATIENCE) == 0
        all_end(family)
