"""A thread of its own, which no wedged loop holds up, looks after a process and ends it when need be."""

import json
import os
import select
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from time import monotonic, sleep
from types import FrameType

from shared.process.progress import Progress

LOOK_SECONDS = 0.5
SAY_WITHIN_SECONDS = 1.0
# A pipe that can be written to takes this much at once: saying why never holds up the end.
LONGEST_LINE_BYTES = 4096
STOOD_STILL_SECONDS = 5.0
END_WITHIN_SECONDS = 18.0
STUCK, TOO_LATE = 70, 71  # exit codes: it ended itself; it was asked to end and could not


class Warden:
    """Ends its process, saying why, when a loop is stuck, and in time when it was asked to end."""

    def __init__(
        self, service: str, *, leave: Callable[[int], None] = os._exit, clock: Callable[[], float] = monotonic
    ) -> None:
        self.progress: Progress | None = None
        self.reason = ""
        self._service = service
        self._leave = leave
        self._clock = clock
        self._ending_since: float | None = None

    def start(self, ask_to_end: Callable[[], None]) -> None:
        """Look from now on; `ask_to_end` begins an end in order, with the requests and the batch in hand."""
        threading.Thread(target=self._watch, args=(ask_to_end,), name="warden", daemon=True).start()

    def ending(self) -> None:
        """The process was asked to end: from now on it has so long, and no longer."""
        if self._ending_since is None:
            self._ending_since = self._clock()

    def look(self, ask_to_end: Callable[[], None]) -> None:
        """Look once whether a loop is stuck or an end is overdue."""
        if self._ending_since is not None:
            if self._clock() - self._ending_since > END_WITHIN_SECONDS:
                self._say(self.reason or f"the end took longer than {END_WITHIN_SECONDS:g} s and was cut short")
                self._leave(STUCK if self.reason else TOO_LATE)
            return
        troubles = self.progress.troubles() if self.progress else []
        if troubles:
            self.reason = f"{'; '.join(troubles)}. The process ends so that a new one can do better"
            self.ending()
            self._say(self.reason)
            ask_to_end()

    def last_words(self) -> None:
        """If the process ended itself, say why once more, as its last line, and leave with a code of its own."""
        if self.reason:
            self._say(self.reason)
            self._leave(STUCK)

    def ended_by(self, number: int, _: FrameType | None) -> None:
        """As a handler of the signal that uvicorn raises again at the very end: the last words come first."""
        self.last_words()
        signal.signal(number, signal.SIG_DFL)
        signal.raise_signal(number)
        # Still here: the first process of a container is not ended by a signal that it does not handle.
        self._leave(128 + number)

    def _watch(self, ask_to_end: Callable[[], None]) -> None:
        seen = self._clock()
        while True:
            sleep(LOOK_SECONDS)
            now = self._clock()
            if now - seen > STOOD_STILL_SECONDS and self.progress:
                self.progress.afresh()
            seen = now
            self.look(ask_to_end)

    def _say(self, reason: str) -> None:
        # Not through logging: a thread that is wedged may hold its lock. Nor for ever: what is wedged may be
        # whoever should read what we say.
        line = {"service": self._service, "event": reason, "level": "critical", "at": datetime.now(UTC).isoformat()}
        with suppress(OSError, ValueError):
            told = sys.__stderr__.fileno() if sys.__stderr__ else 2
            if select.select([], [told], [], SAY_WITHIN_SECONDS)[1]:
                os.write(told, f"{json.dumps(line)}\n".encode()[-LONGEST_LINE_BYTES:])
