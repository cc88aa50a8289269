"""A real Caddy in front of whatever a test runs, which the test may kill and start again."""

import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.gateway.caddyfile import BY_PATH, REST
from deploy.local import ports, processes
from deploy.local.daemon import well
from deploy.local.gateway import Gateway

READY_SECONDS = 30.0


@dataclass(slots=True)
class Running:
    """One gateway; `url` is what users open."""

    made: Gateway
    log: Path
    process: subprocess.Popen[bytes] | None

    @property
    def url(self) -> str:
        return self.made.address

    def kill(self) -> None:
        """As a power cut: kill -9, and wait until it is gone."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def stop(self) -> None:
        if self.process is not None:
            processes.stop(self.process)

    def start(self) -> None:
        """Start it on the ports it had, and return when it answers."""
        self.process = processes.start(self.made.program(self.log))
        deadline = time.monotonic() + READY_SECONDS
        while not well(self.made.health):
            lives = self.process.poll() is None and time.monotonic() < deadline
            assert lives, processes.last_lines(self.log)
            time.sleep(0.02)


@contextmanager
def gateway(folder: Path, services: Mapping[str, str], *, port: int | None = None, **more: object) -> Iterator[Running]:
    """A gateway to these services (name: address); nothing answers in the place of any other."""
    nobody = f"{ports.LOOPBACK}:9"
    upstreams = {name: services.get(name, nobody).removeprefix("http://") for name in (*BY_PATH, REST)}
    made = Gateway(folder, port or ports.any_free(), ports.any_free(), upstreams, **more)  # type: ignore[arg-type]
    made.prepare()
    running = Running(made, folder / "caddy.log", None)
    try:
        running.start()
        yield running
    finally:
        running.stop()
