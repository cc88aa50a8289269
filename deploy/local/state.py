"""What the running stack is, as the supervisor writes it down and everyone else reads it."""

import os
import time
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from deploy.local.processes import ROOT, started_at

if TYPE_CHECKING:  # only a name here: reading where the stack is must be quick
    from shared.process.settings import Settings

FILE = "state.json"
SAME_START_SECONDS = 2.0  # the system derives it from the clock, which may be put right in between
SERVICES = ("roster", "credentials", "aggregator", "insights")


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One process of the stack, and where it answers."""

    name: str
    address: str
    pid: int
    started: float
    restarts: int = 0
    ended: str = ""  # how its last end came, and its last words
    health: str = ""  # where it says how it is, when that is not its address

    @property
    def ready_at(self) -> str:
        """What answers 200 when it can do its work."""
        return self.health or f"{self.address}/readyz"

    @property
    def alive(self) -> bool:
        """Whether that very process runs; a pid alone may be another's by now."""
        began = started_at(self.pid) if self.pid > 0 else None
        return began is not None and abs(began - self.started) < SAME_START_SECONDS


class State(msgspec.Struct, frozen=True, kw_only=True):
    """The whole stack. `phase` is what the supervisor is at; `trouble` is why it gave up."""

    phase: str
    supervisor: Part
    parts: tuple[Part, ...] = ()
    trouble: str = ""

    @property
    def running(self) -> bool:
        """Whether a supervisor looks after it now."""
        return self.supervisor.alive and not self.trouble

    def part(self, name: str) -> Part | None:
        return next((part for part in self.parts if part.name == name), None)

    @property
    def services(self) -> tuple[Part, ...]:
        return tuple(part for part in self.parts if part.name in SERVICES)


def default_folder() -> Path:
    """Where the stack of this clone keeps everything; AURORA_LOCAL_FOLDER names another place."""
    return Path(os.environ.get("AURORA_LOCAL_FOLDER") or ROOT / ".local").resolve()


def read(folder: Path) -> State | None:
    """The stack as last written down, or None when none ever was."""
    try:
        return msgspec.json.decode((folder / FILE).read_bytes(), type=State)
    except FileNotFoundError:
        return None


def write(folder: Path, state: State) -> None:
    """Replace what is written down, whole or not at all: readers come at any moment."""
    beside = folder / f"{FILE}.new"
    beside.write_bytes(msgspec.json.format(msgspec.json.encode(state), indent=1))
    beside.replace(folder / FILE)


def wait_gone(parts: Collection[Part], seconds: float) -> list[Part]:
    """Those that still run after this long. One that has ended but was never reaped counts as gone."""
    deadline = time.monotonic() + seconds
    left = [part for part in parts if part.alive]
    while left and time.monotonic() < deadline:
        time.sleep(0.05)
        left = [part for part in left if part.alive]
    return left


def environment(settings: "Settings") -> dict[str, str]:
    """The settings as the `AURORA_...` variables that a process is started with."""
    return {f"AURORA_{name.upper()}": str(value) for name, value in settings.model_dump().items()}
