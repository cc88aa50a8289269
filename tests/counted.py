"""What a piece of work asks of MongoDB and Kafka, counted: the same number on every machine, however busy it is."""

import json
import os
from collections import Counter
from collections.abc import Awaitable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

import bson
from aiokafka.conn import AIOKafkaConnection
from aiokafka.protocol.produce import ProduceRequest
from pymongo.monitoring import CommandListener

from shared import mongo

T = TypeVar("T")
BASELINE = Path(__file__).parent / "counted_operations.json"
ANEW = "AURORA_COUNTED_ANEW"
ADVICE = (
    "Where more is meant, or less is won for good, `make counted` writes the new baseline, to be shown in the change."
)
SLACK = 0.02
COMMANDS, DOCUMENTS, BYTES = "MongoDB commands", "MongoDB documents", "MongoDB bytes"
REQUESTS, SENT = "Kafka requests", "Kafka bytes"
# What the driver and the server add to everything: clocks, sessions, how the servers stand.
BESIDE = {"lsid", "txnNumber", "operationTime", "electionId", "opTime", "atClusterTime"}

# Whether a command goes out for what is counted: what goes round beside it, such as a heartbeat, is left out.
counted: ContextVar[bool] = ContextVar("counted", default=False)


class Counts(CommandListener):
    """The commands and documents of what is `counted`, and whatever is produced to Kafka.

    Only what is produced: how often a consumer has polled is a matter of time.
    """

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._ours: set[int] = set()
        # Motor tells of its commands from several threads.
        self._lock = Lock()

    def started(self, event: Any) -> None:
        if counted.get():
            self._ours.add(event.request_id)
            sent = sum(len(event.command.get(each, ())) for each in ("documents", "updates", "deletes"))
            of_this_name = f"{COMMANDS}: {event.command_name}"
            self._count({COMMANDS: 1, of_this_name: 1, DOCUMENTS: sent, BYTES: _length(event.command)})

    def succeeded(self, event: Any) -> None:
        if event.request_id in self._ours:
            cursor = event.reply.get("cursor", {})
            came = sum(len(cursor.get(each, ())) for each in ("firstBatch", "nextBatch"))
            self._count({DOCUMENTS: came, BYTES: _length(event.reply)})

    def failed(self, event: Any) -> None:
        """Nothing comes back; that it was asked is counted already."""

    def produced(self, request: ProduceRequest) -> None:
        self._count({REQUESTS: 1, SENT: sum(len(batch) for _, parts in request._topics for _, batch in parts)})

    def _count(self, more: Mapping[str, int]) -> None:
        with self._lock:
            self._counts.update(more)

    @contextmanager
    def of(self) -> Iterator[Counter[str]]:
        """What is counted while the block runs, told when it has ended."""
        before, found = self._counts.copy(), Counter[str]()
        yield found
        found.update(self._counts - before)


async def counting(work: Awaitable[T]) -> T:
    """What some work comes to, all that it asks of MongoDB being counted."""
    token = counted.set(True)
    try:
        return await work
    finally:
        counted.reset(token)


def listening(monkeypatch: Any) -> Counts:
    """Counts that every client and producer made from now on tells."""
    counts, send = Counts(), AIOKafkaConnection.send
    monkeypatch.setattr(mongo, "AsyncIOMotorClient", partial(mongo.AsyncIOMotorClient, event_listeners=[counts]))

    def telling(self: Any, request: Any, *more: Any, **named: Any) -> Any:
        if isinstance(request, ProduceRequest):
            counts.produced(request)
        return send(self, request, *more, **named)

    monkeypatch.setattr(AIOKafkaConnection, "send", telling)
    return counts


def held_to(baseline: Path, found: Mapping[str, Mapping[str, int]]) -> None:
    """Raise AssertionError where a piece of work has another number than the baseline; or write them all down there."""
    before = json.loads(baseline.read_text())
    if os.environ.get(ANEW):
        now = before | {what: dict(counts) for what, counts in found.items()}
        baseline.write_text(json.dumps(now, indent=2, sort_keys=True) + "\n")
        return
    said = [one for what, counts in found.items() for one in differences(what, before.get(what, {}), counts)]
    assert not said, "\n".join([*said, ADVICE])


def differences(what: str, before: Mapping[str, int], now: Mapping[str, int]) -> list[str]:
    """A sentence for each number that has risen, or fallen, by more than the slack."""
    said = []
    for name in sorted(before.keys() | now.keys()):
        was, is_now = before.get(name, 0), now.get(name, 0)
        if abs(is_now - was) > SLACK * was:
            by = f"{abs(is_now - was) / was:.1%}" if was else "from nothing"
            said.append(f"{what}: {name} {'rose' if is_now > was else 'fell'} from {was:,} to {is_now:,} ({by})")
    return said


def _length(message: Mapping[str, Any]) -> int:
    return len(bson.encode({name: each for name, each in message.items() if name not in BESIDE and name[0] != "$"}))
