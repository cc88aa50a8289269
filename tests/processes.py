"""A service as a process that a test may kill, freeze and thaw."""

import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.local import ports, processes
from deploy.local.daemon import ready
from deploy.local.state import environment
from shared.process.settings import Settings

READY_SECONDS = 120.0


@dataclass(slots=True)
class Service:
    """One running service; `url` is where it answers."""

    name: str
    url: str
    log: Path
    process: subprocess.Popen[bytes]

    @property
    def pid(self) -> int:
        return self.process.pid

    def kill(self) -> None:
        """As a power cut: kill -9, and wait until it is gone."""
        self.process.kill()
        self.process.wait()

    def freeze(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def stop(self, *, within_seconds: float = 20.0) -> int:
        """Ask it to end; raise TimeoutExpired when it takes longer. Its exit code."""
        self.process.terminate()
        return self.process.wait(within_seconds)

    def wait_ready(self, seconds: float = READY_SECONDS) -> None:
        """Return when /readyz says so. Raise AssertionError, with the log, when it dies or never does."""
        deadline = time.monotonic() + seconds
        while not ready(self.url):
            died = self.process.poll()
            if died is not None or time.monotonic() > deadline:
                what = f"ended with {died}" if died is not None else f"was not ready after {seconds:g} s"
                raise AssertionError(f"{self.name} {what}; its log ends:\n{processes.last_lines(self.log)}")
            time.sleep(0.1)


@contextmanager
def running(
    name: str,
    settings: Settings,
    log: Path,
    *,
    wait: bool = True,
    environ: dict[str, str] | None = None,
    **changes: object,
) -> Iterator[Service]:
    """The service on a free port (or `http_port`) with these settings, ended when the block ends."""
    told = settings.model_copy(update={"http_port": ports.any_free(), **changes, "http_host": ports.LOOPBACK})
    port = told.http_port
    process = processes.start(processes.service(name, log, {**environment(told), **(environ or {})}))
    service = Service(name, f"http://{ports.LOOPBACK}:{port}", log, process)
    try:
        if wait:
            service.wait_ready()
        yield service
    finally:
        if process.poll() is None:
            service.thaw()
        processes.stop(process)
