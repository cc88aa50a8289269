"""The loops of a process tell whether they get on with their work, and are told when they are to end."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Any

from aiokafka.errors import KafkaError
from pymongo.errors import ConnectionFailure, OperationFailure

from shared.errors import Retryable, Stopped
from shared.process.logs import tells
from shared.process.settings import STUCK_AFTER_SECONDS

START_WITHIN_SECONDS = 900.0  # indexes over all records, and what a crash left half restated
FRAMES_SHOWN = 3


class Loop:
    """One loop that should run for as long as its process.

    It turns: it calls one of `turned`, `well`, `committed`, `waits_for` again and again. It gets on:
    while it `has` work, something is committed. What it waits for by name (MongoDB, Kafka, an
    operator) a new process would have no sooner: to say so counts as getting on.
    """

    def __init__(
        self, name: str, *, within_seconds: float = STUCK_AFTER_SECONDS, clock: Callable[[], float] = monotonic
    ) -> None:
        self.name = name
        self.within_seconds = within_seconds
        self.task: asyncio.Task[None] | None = None
        self.running = False
        self.restarts = 0
        self.last_error = ""
        self.waiting_for = ""
        self.work = 0
        self.ending = asyncio.Event()
        self._clock = clock
        self._starting = True
        self._turned_at = self._committed_at = clock()

    def begins(self) -> None:
        """It is started, for the first time or again."""
        self.running = True

    def turned(self) -> None:
        """It went round once more, or is about to."""
        self._starting = False
        self._turned_at = self._clock()

    def well(self) -> None:
        """It went round once more and waits for nothing but news."""
        self.turned()
        self.waiting_for = self.last_error = ""

    def committed(self) -> None:
        """Something is done that nobody needs to do again."""
        self.well()
        self._committed_at = self._clock()

    def waits_for(self, what: str) -> None:
        """It cannot go on before `what`, which a new process could not either."""
        self._turned_at = self._committed_at = self._clock()
        self.waiting_for = what

    def failed(self, error: BaseException) -> None:
        """It was ended by an error: a wait, when that names what is away; else nothing speaks for it."""
        self.last_error = said_of(error)
        if named(error):
            self.waits_for(self.last_error)

    def has(self, work: int) -> None:
        """So much is to be done now; the time without a commit begins when there was nothing before."""
        if not self.work:
            self._committed_at = self._clock()
        self.work = work

    def rests(self) -> None:
        """It is ended on purpose, and need not turn before it begins again."""
        self.has(0)
        self._turned_at = float("inf")

    def afresh(self) -> None:
        """All that it is given time for begins now: the whole process stood still."""
        self._turned_at = max(self._turned_at, self._clock())
        self._committed_at = self._clock()

    def trouble(self) -> str:
        """Why a new process might do better; empty while this one does what it can."""
        now = self._clock()
        within = max(self.within_seconds, START_WITHIN_SECONDS if self._starting else 0.0)
        failed = f"; it last failed with {self.last_error}" if self.last_error else ""
        if now - self._turned_at > within:
            return f"the loop {self.name} has not turned for {now - self._turned_at:.0f} s{failed}{self._where()}"
        if self.work and now - self._committed_at > within:
            return (
                f"the loop {self.name} has {self.work:,} to do and has committed nothing for "
                f"{now - self._committed_at:.0f} s{failed}{self._where()}"
            )
        return ""

    def _where(self) -> str:
        frames = waits_at(self.task) if self.task else []
        return f"; it is at {' < '.join(reversed(frames[-FRAMES_SHOWN:]))}" if frames else ""


class Progress:
    """The loops of one process, which end together."""

    def __init__(self, *, within_seconds: float = STUCK_AFTER_SECONDS, clock: Callable[[], float] = monotonic) -> None:
        self.loops: list[Loop] = []
        self.ending = asyncio.Event()
        self._within_seconds = within_seconds
        self._clock = clock

    def begins(self) -> None:
        """A life of the process begins: what an earlier one had is over."""
        self.loops.clear()
        self.ending = asyncio.Event()

    def loop(self, name: str, *, times: float = 1.0) -> Loop:
        """A loop that is looked after; `times` the usual patience for one with long steps."""
        loop = Loop(name, within_seconds=times * self._within_seconds, clock=self._clock)
        loop.ending = self.ending
        self.loops.append(loop)
        return loop

    def troubles(self) -> list[str]:
        """Why a new process might do better, loop by loop."""
        return [trouble for loop in self.loops if (trouble := loop.trouble())]

    def checks(self) -> dict[str, str]:
        """Of each loop: `ok`, or what is wrong with it or what it waits for."""
        return {loop.name: loop.trouble() or _waits(loop) or "ok" for loop in self.loops}

    def afresh(self) -> None:
        """The whole process stood still, as on a computer that slept: nobody is late for that."""
        for loop in self.loops:
            loop.afresh()


def _waits(loop: Loop) -> str:
    return f"waits for {loop.waiting_for}" if loop.waiting_for else loop.last_error


def named(error: BaseException) -> bool:
    """Whether the error says what is away or refuses, so that a new process would meet it too."""
    return isinstance(error, Retryable | Stopped | KafkaError | ConnectionFailure | OperationFailure)


def said_of(error: BaseException) -> str:
    """An error in words that everybody may read: its message only when that cannot quote what somebody typed."""
    if isinstance(error, Retryable | Stopped):
        return str(error)
    code = getattr(error, "code", None)
    number = f" ({code})" if isinstance(code, int) else ""
    return f"{type(error).__name__}{number}: {error}" if tells(error) else f"{type(error).__name__}{number}"


def waits_at(task: asyncio.Task[None]) -> list[str]:
    """The lines that a suspended task stands at, the outermost first."""
    frames: list[str] = []
    awaited: Any = task.get_coro()
    while awaited is not None:
        frame = getattr(awaited, "cr_frame", None) or getattr(awaited, "gi_frame", None)
        if frame is not None:
            code = frame.f_code
            frames.append(f"{Path(code.co_filename).name}:{frame.f_lineno} {code.co_name}")
        awaited = getattr(awaited, "cr_await", None) or getattr(awaited, "gi_yieldfrom", None)
    return frames
