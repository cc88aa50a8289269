"""Which loopback ports are free, the usual ones first."""

import random
import socket
from collections.abc import Collection

LOOPBACK = "127.0.0.1"
# Below the range that the system lends to outgoing connections: a server that is killed and
# started again on its port finds it free.
LOWEST, HIGHEST = 20_000, 32_000


def free(port: int) -> bool:
    """Whether a server could listen on the port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def next_free(preferred: int, taken: Collection[int] = ()) -> int:
    """The preferred port, or the first one above it that is free and not taken."""
    for port in range(preferred, min(preferred + 1000, 65_536)):
        if port not in taken and free(port):
            return port
    raise OSError(f"no free port from {preferred} on: end some program that listens there")


def any_free() -> int:
    """Some free port, far from the usual ones, so that two test runs do not meet."""
    return next_free(random.SystemRandom().randrange(LOWEST, HIGHEST))
