"""The processes of a run: started, killed, frozen, started again, and looked after."""

import asyncio
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import psutil

from deploy.local import processes
from deploy.local.processes import Program
from tests.faults.pace import within

LOOK_SECONDS = 0.3


@dataclass
class Part:
    """One process that may be started again and again; `wanted` while it should be running."""

    name: str
    program: Callable[[], Program]
    most_megabytes: int
    process: subprocess.Popen[bytes] | None = None
    wanted: bool = False
    frozen: bool = False
    megabytes: float = 0.0
    ends: list[int] = field(default_factory=list)
    # A module, with what it is told, that runs the service otherwise than it is.
    through: tuple[str, ...] = ()

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        """A frozen child would not hear a plain request to end, should this process die: it is killed then."""
        program = self.program()
        if self.through:
            python, option, service = program.command
            program = replace(program, command=(python, option, *self.through, service))
        self.process = processes.start(program, when_left=signal.SIGKILL)
        self.wanted, self.frozen = True, False

    def kill(self) -> None:
        """As a power cut: kill -9, and wait until it is gone."""
        self.wanted = False
        if self.process:
            self.process.kill()
            self.process.wait()

    async def end(self, *, within_seconds: float = 20.0) -> float:
        """Ask it to end, and return after how many seconds it had. Raise TimeoutError when it takes longer."""
        assert self.process
        self.wanted, began = False, time.monotonic()
        self.process.terminate()
        async with asyncio.timeout(within(within_seconds)):
            while self.process.poll() is None:
                await asyncio.sleep(0.05)
        return time.monotonic() - began

    def freeze(self) -> None:
        assert self.process
        self.frozen = True
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self.process
        self.process.send_signal(signal.SIGCONT)
        self.frozen = False

    def stop(self) -> None:
        """At the end of a run: nothing in it is worth a graceful end."""
        self.kill()

    def measure(self) -> None:
        """Note the most memory that it ever had."""
        if self.process and self.running:
            try:
                self.megabytes = max(self.megabytes, psutil.Process(self.process.pid).memory_info().rss / 1e6)
            except psutil.NoSuchProcess:
                return


async def look_after(everyone: Callable[[], list[Part]]) -> None:
    """Start again what ends by itself, as a supervisor would, and keep an eye on memory."""
    measured_at = 0.0
    while True:
        parts = everyone()
        for part in parts:
            if part.wanted and not part.running:
                assert part.process
                part.ends.append(part.process.returncode)
                part.start()
        if time.monotonic() - measured_at > 1.0:
            measured_at = time.monotonic()
            for part in parts:
                part.measure()
        await asyncio.sleep(LOOK_SECONDS)
