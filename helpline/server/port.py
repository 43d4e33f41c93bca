"""Whether the web server will get its port, asked before anything is started."""

import errno
import socket
import time

from helpline.server.errors import ServerError

PAUSE = 0.1


def wait_for_port(host: str, port: int, patience: float) -> None:
    """Returns when `host:port` is free; after `patience` seconds says who is in the way and what to do."""
    deadline = time.monotonic() + patience
    while problem := _problem(host, port):
        if time.monotonic() >= deadline:
            raise ServerError(problem)
        time.sleep(PAUSE)


def _problem(host: str, port: int) -> str:
    another = f"Choose another port: PORT={port + 1 if port < 65535 else 8000} scripts/server"
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen(1)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return f"Port {port} is taken by another program.\n{another}"
        if error.errno in (errno.EACCES, errno.EPERM):
            return f"Port {port} may not be used by this user: {error.strerror}.\n{another}"
        return f"HELPLINE_HOST={host} is not an address of this machine: {error.strerror}.\nTry 127.0.0.1"
    return ""
