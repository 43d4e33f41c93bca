"""A core for each web worker: its threads wake each other where they are, not across the machine.

Python computes on one core at a time in each process, and threads that answer callers hand it to each other several
times a request. Each time the one that is woken on another core costs more than what it does there.
"""

from __future__ import annotations

import os
import random
import socket

_claims: list[socket.socket] = []  # kept for as long as the process lives; then the system gives the core free


def keep_to_one_core(claimed_as: str = "helpline-core") -> int | None:
    """Let this process run on one core that no other web worker of this machine has; which one.

    Call it before there are other threads: each begins where the one that starts it runs. None where there is only one
    core, where each has its worker, and on systems that cannot: then it runs where it likes.
    """
    if not hasattr(os, "sched_setaffinity"):
        return None
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        return None
    # By chance: workers in other containers cannot see ours, and would all begin with the same.
    core = next((core for core in random.sample(cores, len(cores)) if _claim(f"{claimed_as}-{core}")), None)
    if core is not None:
        os.sched_setaffinity(0, {core})
    return core


def _claim(name: str) -> bool:
    """Whether nobody has this name. It is none of a file, and ends with the process, however that ends."""
    claim = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        claim.bind(f"\0{name}")
    except OSError:
        claim.close()
        return False
    _claims.append(claim)
    return True
