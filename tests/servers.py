"""A real broker and a real replica set for a whole run: one of each, however many workers it has."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from deploy.local import mongo, ports, processes
from deploy.local.kafka import Kafka
from deploy.local.mongo import Mongod

# Nothing can listen there, so that nothing ever answers.
NO_KAFKA = f"{ports.LOOPBACK}:1"


@contextmanager
def broker(folder: Path) -> Iterator[str]:
    """The address of a broker without topics."""
    server = Kafka(folder, ports.any_free(), ports.any_free(), heap_megabytes=384)
    server.prepare()
    process = processes.start(server.program(folder / "kafka.log"))
    try:
        server.wait(process, folder / "kafka.log")
        yield server.bootstrap
    finally:
        processes.stop(process)


@contextmanager
def replica_set(folder: Path) -> Iterator[str]:
    """The address of a replica set of one member, where fail points work."""
    member = Mongod(folder, ports.any_free(), cache_gigabytes=0.25, oplog_megabytes=256, test_commands=True)
    process = processes.start(member.program(folder / "mongo.log"))
    try:
        mongo.wait([member], [process], folder / "mongo.log")
        yield mongo.url_of([member])
    finally:
        processes.stop(process)


class ForWorkers:
    """The servers of a run by several workers: started by the run itself, since each worker may end before another."""

    def __init__(self) -> None:
        self._open = ExitStack()
        self._told: dict[str, str] = {}

    def told(self) -> dict[str, str]:
        """Where the servers are, by the name of the fixture that says so; started when this is first asked."""
        if not self._told:
            folder = Path(self._open.enter_context(TemporaryDirectory(prefix="aurora-servers-")))
            self._told["mongo_url"] = self._open.enter_context(replica_set(folder / "mongo"))
            self._told["kafka"] = self._open.enter_context(broker(folder / "kafka"))
        return self._told

    def close(self) -> None:
        self._open.close()
