"""Runs a command that the kernel ends when this program's parent dies, even by `kill -9`.

    python ends_with_parent.py PARENT_PID COMMAND [ARGUMENT...]

Linux only; elsewhere the command just runs. Imports little, as it stands between the server and its start.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def end_with(parent: int, number: int = signal.SIGTERM) -> bool:
    """Have this process sent a signal when its parent ends. False if the parent is gone already."""
    orphaned = False
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, number, 0, 0, 0)
        orphaned = os.getppid() != parent
    return not orphaned


def main(parent: int, command: list[str]) -> None:
    """Become `command`, unless the parent is gone already."""
    if end_with(parent):
        os.execv(command[0], command)  # noqa: S606


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
