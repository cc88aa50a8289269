"""Keeps a local stack running: starts its parts in order, starts a part that dies again, and says so."""

import asyncio
import fcntl
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from deploy import topics
from deploy.local import mongo, processes, state
from deploy.local.stack import Stack, laid_out, moved_ports
from deploy.local.state import SERVICES, Part, State
from shared.doors.local_key import make_key
from shared.errors import Stopped

LOOK_SECONDS = 0.3
LONG_LIVED_SECONDS = 60.0
LONGEST_PAUSE_SECONDS = 30.0
LOG_MEGABYTES = 20
GRACE_SECONDS = 20.0


class Ending(Exception):
    """Somebody asked the stack to end."""


@dataclass(slots=True)
class Watched:
    """One part as it runs now; `quick_deaths` counts those that came soon after a start."""

    name: str
    process: subprocess.Popen[bytes]
    started: float = field(default_factory=time.monotonic)
    restarts: int = 0
    quick_deaths: int = 0
    again_at: float | None = None
    ended: str = ""

    def pause_after_death(self, now: float) -> float:
        """How long to wait before the next start: longer each time it did not live long."""
        self.quick_deaths = 0 if now - self.started > LONG_LIVED_SECONDS else self.quick_deaths + 1
        return 0.0 if not self.quick_deaths else min(LONGEST_PAUSE_SECONDS, 0.25 * 2.0**self.quick_deaths)


class Supervisor:
    """Everything that runs, and how it is written down."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.parts: list[Watched] = []
        self.trouble = ""

    def bring_up(self) -> None:
        """Start everything, each part once what it needs answers. Raise when Kafka or MongoDB cannot start."""
        make_key(self.stack.keys)
        self._note("starting Kafka and MongoDB")
        self.stack.kafka.prepare()
        kafka, mongod = self._start("kafka"), self._start("mongo")
        mongo.wait([self.stack.mongod], [mongod.process], self.stack.log("mongo"))
        say("MongoDB takes writes")
        self.stack.kafka.wait(kafka.process, self.stack.log("kafka"))
        say("Kafka answers")
        self._note("making the topics")
        declared = topics.declared(self.stack.settings("roster").topic_prefix)
        asyncio.run(topics.provide(self.stack.kafka.bootstrap, declared))
        self.stack.gateway.prepare()
        for name in (*SERVICES, "gateway"):
            self._start(name)
        self._note("up")

    def look_after(self) -> None:
        """Start again whatever has died, for ever."""
        while True:
            for part in self.parts:
                self._look_at(part)
            time.sleep(LOOK_SECONDS)

    def bring_down(self) -> None:
        """End the services first, then what they depend on."""
        self._note("stopping")
        for names in ((*SERVICES, "gateway"), ("kafka", "mongo")):
            running = [part.process for part in self.parts if part.name in names]
            for process in running:
                if process.poll() is None:
                    process.terminate()
            for process in running:
                processes.stop(process)
        self.parts.clear()
        self._note("down")

    def _look_at(self, part: Watched) -> None:
        now = time.monotonic()
        if part.again_at is None and part.process.poll() is not None:
            pause = part.pause_after_death(now)
            part.again_at = now + pause
            part.ended = processes.told(part.process.returncode, self.stack.log(part.name))
            say(f"{part.name} {part.ended}")
            say(f"{part.name} is started again in {pause:g} s")
            self._note("up")
        if part.again_at is not None and now >= part.again_at:
            part.process = processes.start(self.stack.program(part.name))
            part.started, part.again_at, part.restarts = now, None, part.restarts + 1
            say(f"{part.name} runs again with pid {part.process.pid}")
            self._note("up")

    def _start(self, name: str) -> Watched:
        roll(self.stack.log(name))
        part = Watched(name, processes.start(self.stack.program(name)))
        self.parts.append(part)
        say(f"{name} started with pid {part.process.pid} at {self.stack.address(name)}")
        return part

    def give_up(self, trouble: str) -> None:
        """Leave a note of why for whoever asks."""
        say(trouble)
        self.trouble = trouble

    def _note(self, phase: str) -> None:
        own = Part(name="supervisor", address="", pid=os.getpid(), started=_started(os.getpid()))
        parts = tuple(
            Part(
                name=part.name,
                address=self.stack.address(part.name),
                pid=part.process.pid,
                started=_started(part.process.pid),
                restarts=part.restarts,
                ended=part.ended,
                health=self.stack.gateway.health if part.name == "gateway" else "",
            )
            for part in self.parts
        )
        state.write(self.stack.folder, State(phase=phase, supervisor=own, parts=parts, trouble=self.trouble))


def _started(pid: int) -> float:
    return processes.started_at(pid) or 0.0


def say(what: str) -> None:
    """One line of the supervisor's own log."""
    sys.stdout.write(f"{datetime.now().astimezone().isoformat(timespec='seconds')} {what}\n")
    sys.stdout.flush()


def roll(log: Path) -> None:
    """Set a log aside once it has grown large; one older one is kept."""
    if log.exists() and log.stat().st_size > LOG_MEGABYTES * 1_000_000:
        log.replace(log.with_suffix(".log.1"))


def end_leftovers(left: State | None) -> None:
    """End what an earlier supervisor left running when it was killed: it holds the ports and the data."""
    alive = [part for part in (left.parts if left else ()) if part.alive]
    for part in alive:
        os.kill(part.pid, signal.SIGTERM)
    for part in state.wait_gone(alive, GRACE_SECONDS):
        os.kill(part.pid, signal.SIGKILL)


def _end(*_: object) -> None:
    """The first signal ends everything in order; a second one must not end the ending."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    raise Ending


def supervise(folder: Path) -> int:
    """Run the stack of this folder until somebody ends it. 1 when it could not be started."""
    end_leftovers(state.read(folder))
    stack = laid_out(folder)
    for name, (usual, port) in moved_ports(stack).items():
        say(f"port {usual} is in use: {name} takes {port}")
    supervisor = Supervisor(stack)
    try:
        supervisor.bring_up()
        supervisor.look_after()
    except Ending:
        say("asked to end")
    except (RuntimeError, OSError, Stopped, subprocess.SubprocessError) as trouble:
        supervisor.give_up(str(trouble))
    finally:
        supervisor.bring_down()
        say("everything has ended")
    return 1 if supervisor.trouble else 0


def main() -> None:
    """`python -m deploy.local.supervisor FOLDER`; a second one for the same folder refuses."""
    folder = Path(sys.argv[1]).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)  # what people of a school have written lies in it
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.exit(f"another supervisor looks after {folder}")
        signal.signal(signal.SIGTERM, _end)
        signal.signal(signal.SIGINT, _end)
        sys.exit(supervise(folder))


if __name__ == "__main__":
    main()
