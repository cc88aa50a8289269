"""`python -m tests.faults.other_clock SECONDS MODULE` runs a module whose clock is so many seconds off.

It is what the program's own Python asks that is moved, in this one process; timers go on as they are.
"""

import runpy
import sys
import time
from typing import Any

import time_machine
from aiokafka.producer.message_accumulator import BatchBuilder


def stamp_records_by_this_clock() -> None:
    """aiokafka stamps records in compiled code, which asks the system by itself."""
    append = BatchBuilder.append

    def stamped(self: BatchBuilder, *, timestamp: int | None, **parts: Any) -> Any:
        return append(self, timestamp=int(time.time() * 1000) if timestamp is None else timestamp, **parts)

    BatchBuilder.append = stamped


if __name__ == "__main__":
    seconds, module = float(sys.argv[1]), sys.argv[2]
    del sys.argv[1:]
    time_machine.travel(time.time() + seconds, tick=True).start()
    stamp_records_by_this_clock()
    runpy.run_module(module, run_name="__main__", alter_sys=True)
