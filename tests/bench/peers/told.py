"""What every candidate is told by its environment, and the one line that it says when it has read all."""

import json
import os
import sys
import time
from dataclasses import dataclass, field

KAFKA, MONGO_URL, DATABASE, TOPIC = (
    os.environ.get(f"BENCH_{name}", "") for name in ("KAFKA", "MONGO_URL", "DATABASE", "TOPIC")
)
EVENTS = int(os.environ.get("BENCH_EVENTS", "0"))
ALREADY = int(os.environ.get("BENCH_ALREADY", "0"))  # counted in a run before this one
GROUP = os.environ.get("BENCH_GROUP", "")


@dataclass
class Clock:
    """Runs from the end of the first batch to the end of the last: connecting is nobody's throughput."""

    total: int = EVENTS
    read: int = 0
    began_at: float = 0.0
    already: int = 0
    cpu: float = field(default=0.0)

    def done(self, read: int) -> bool:
        """So many more are dealt with; whether that was all."""
        self.read += read
        if not self.began_at and self.read > ALREADY:
            self.began_at, self.already, self.cpu = time.perf_counter(), self.read, time.process_time()
        return self.read >= self.total

    def tell(self) -> None:
        seconds = time.perf_counter() - self.began_at
        told = {"events": self.read - self.already, "seconds": seconds, "cpu": time.process_time() - self.cpu}
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()
