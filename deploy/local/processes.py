"""Programs as child processes: started with their log in a file, never outliving their parent."""

import ctypes
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PR_SET_PDEATHSIG = 1
LONGEST_WORDS = 400


@dataclass(frozen=True, slots=True)
class Program:
    """What to run, and where what it says goes."""

    name: str
    command: Sequence[str]
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)


def service(name: str, log: Path, environment: Mapping[str, str]) -> Program:
    """One of our own services, under the Python that runs us."""
    return Program(name, (sys.executable, "-m", f"services.{name}"), log, environment)


def start(program: Program, *, when_left: signal.Signals = signal.SIGTERM) -> subprocess.Popen[bytes]:
    """Start the program; it is sent `when_left` when the thread that calls this dies, however it dies.

    So call it from a thread that lives on: the main one.
    """
    program.log.parent.mkdir(parents=True, exist_ok=True)
    with program.log.open("ab") as log:
        program.log.chmod(0o600)
        return subprocess.Popen(
            program.command,
            cwd=ROOT,
            env={**os.environ, **program.environment},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            # A signal typed at the parent's terminal (Ctrl-C) is the parent's to pass on, in order.
            start_new_session=True,
            preexec_fn=_end_with(os.getpid(), when_left) if sys.platform == "linux" else None,  # noqa: PLW1509 (one call)
        )


def _end_with(parent: int, when_left: signal.Signals) -> Callable[[], None]:
    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def ask() -> None:
        prctl(PR_SET_PDEATHSIG, when_left)
        if os.getppid() != parent:
            os._exit(1)  # the parent died before the request was in place

    return ask


def stop(process: subprocess.Popen[bytes], *, grace_seconds: float = 20.0) -> None:
    """Ask the process to end, wait, and kill it if it has not ended by then."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(grace_seconds)
        except subprocess.TimeoutExpired:
            process.kill()
    process.wait()


def started_at(pid: int) -> float | None:
    """When the process was started, or None if there is none: a pid alone may be another's by now."""
    import psutil  # noqa: PLC0415 (who only asks where the stack is has no need of it)

    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else process.create_time()
    except psutil.NoSuchProcess:
        return None


def told(code: int, log: Path) -> str:
    """How a program ended. What one that was killed said last is no reason."""
    words = last_words(log)
    if code >= 0:
        return f"ended with {code}: {words}"
    name = signal.Signals(-code).name if -code in set(signal.Signals) else str(-code)
    return f"was killed by {name}; it had last said: {words}"


def last_words(log: Path) -> str:
    """What a program said last, without what only a program reads."""
    line = last_lines(log, 1)
    try:
        said = json.loads(line)
        return " ".join(str(said[name]) for name in ("event", "error") if name in said)[:LONGEST_WORDS]
    except (ValueError, TypeError):
        return line[:LONGEST_WORDS]


def last_lines(log: Path, count: int = 40) -> str:
    """The end of a log, for a message that must explain itself."""
    if not log.exists():
        return ""
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-count:])
