"""Starts and ends the supervisor as a process that stays when the terminal is closed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx

from deploy.local import processes, state
from deploy.local.state import Part, State
from deploy.local.supervisor import end_leftovers

START_SECONDS = 240.0
READY_SECONDS = 90.0
END_SECONDS = 90.0
LONGEST_LINE = 300


class NotUp(Exception):
    """The stack could not be started; the message says why and where to look."""


def up(folder: Path, tell: Callable[[str], None]) -> State:
    """Leave the stack running and every service ready; `tell` hears each step. Raise NotUp when it cannot be."""
    found = state.read(folder)
    if found is None or not found.running:
        found = _wait_up(folder, _spawn(folder), tell)
    for name in (*(part.name for part in found.services), "gateway"):
        tell(f"waiting for {name}")
        _wait_ready(folder, name)
    return state.read(folder) or found


def down(folder: Path) -> bool:
    """End the stack; its data stays. False when nothing ran. Raise NotUp when it does not end in time."""
    found = state.read(folder)
    if found is None:
        return False
    if not found.supervisor.alive:
        left = any(part.alive for part in found.parts)
        end_leftovers(found)
        return left
    os.kill(found.supervisor.pid, signal.SIGTERM)
    if state.wait_gone([found.supervisor], END_SECONDS):
        raise NotUp(f"the supervisor (pid {found.supervisor.pid}) did not end in {END_SECONDS:g} s")
    return True


def log_of(folder: Path, name: str) -> Path:
    return folder / "logs" / f"{name}.log"


def _spawn(folder: Path) -> subprocess.Popen[bytes]:
    log = log_of(folder, "supervisor")
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "deploy.local.supervisor", str(folder)],
            cwd=processes.ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def _wait_up(folder: Path, spawned: subprocess.Popen[bytes], tell: Callable[[str], None]) -> State:
    deadline, phase = time.monotonic() + START_SECONDS, ""
    while time.monotonic() < deadline:
        found = state.read(folder)
        if found and found.running:
            if found.phase != phase:
                phase = found.phase
                tell(phase)
            if phase == "up":
                spawned.returncode = 0  # it lives on: whoever started it must not be told that it waits for a child
                return found
        elif spawned.poll() is not None:
            log = log_of(folder, "supervisor")
            why = found.trouble if found and found.trouble else processes.last_lines(log, 10)
            raise NotUp(f"the stack did not start: {why}\n(see {log})")
        time.sleep(0.1)
    raise NotUp(f"the stack did not start in {START_SECONDS:g} s: see {log_of(folder, 'supervisor')}")


def _wait_ready(folder: Path, name: str) -> None:
    """Looks the address up each time: a part that was started again may have said more by then."""
    deadline, part = time.monotonic() + READY_SECONDS, None
    while time.monotonic() < deadline:
        found = state.read(folder)
        part = found.part(name) if found else None
        if part and well(part.ready_at):
            return
        time.sleep(0.1)
    log = log_of(folder, name)
    said = "\n".join(line[:LONGEST_LINE] for line in processes.last_lines(log, 3).splitlines())
    raise NotUp(f"{name} was not ready after {READY_SECONDS:g} s{_reasons(part)}; its log {log} ends:\n{said}")


def _reasons(part: Part | None) -> str:
    """What the service itself says is missing; the gateway says nothing of the kind."""
    if part is None or part.health:
        return ""
    try:
        answer = httpx.get(part.ready_at, timeout=5).json()
    except (httpx.TransportError, ValueError):
        return ""
    return "".join(f"; {reason}" for reason in answer.get("reasons", ()))


def ready(url: str) -> bool:
    """Whether the service at this address says that it can do its work."""
    return well(f"{url}/readyz")


def well(url: str) -> bool:
    """Whether this very address answers 200."""
    try:
        return httpx.get(url, timeout=2).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False
