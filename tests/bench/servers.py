"""A broker and a replica set of the bench's own, and programs beside them whose cost is read off the system."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import httpx
import psutil
from pymongo import MongoClient

from deploy import topics
from deploy.local import mongo, ports, processes
from deploy.local.kafka import Kafka
from deploy.local.mongo import Mongod
from deploy.local.processes import Program
from deploy.local.state import environment
from shared.doors.local_key import make_key
from shared.process.settings import Settings

READY_SECONDS = 60.0


@dataclass(frozen=True)
class Servers:
    """What every candidate of a comparison shares."""

    folder: Path
    kafka: str
    mongo_url: str
    kafka_pid: int
    mongo_pid: int

    @property
    def keys(self) -> Path:
        return self.folder / "keys"

    def settings(self, **changes: object) -> Settings:
        """Settings with databases and topics of their own; the topics exist."""
        prefix = f"b{uuid4().hex[:8]}"
        declared = topics.declared(f"{prefix}-")
        asyncio.run(topics.provide(self.kafka, declared))
        return Settings(
            mongo_url=self.mongo_url,
            kafka_bootstrap_servers=self.kafka,
            database_prefix=prefix,
            topic_prefix=f"{prefix}-",
            jwks=str(self.keys / "jwks.json"),
            http_port=ports.any_free(),
        ).model_copy(update=changes)

    def clear(self, settings: Settings) -> None:
        """Drop what those settings named, so that the next candidate finds the same empty servers."""
        asyncio.run(topics.remove(self.kafka, topics.declared(settings.topic_prefix)))
        with MongoClient(self.mongo_url) as client:
            for name in client.list_database_names():
                if name.startswith(f"{settings.database_prefix}_"):
                    client.drop_database(name)


@contextmanager
def started(folder: Path) -> Iterator[Servers]:
    """Both servers, ended with the block. Their cache and heap are those of the local stack."""
    broker = Kafka(folder / "kafka", ports.any_free(), ports.any_free())
    member = Mongod(folder / "mongo", ports.any_free(), cache_gigabytes=1.0, oplog_megabytes=1024)
    broker.prepare()
    make_key(folder / "keys")
    running: list[subprocess.Popen[bytes]] = []
    try:
        running.append(processes.start(broker.program(folder / "kafka.log")))
        running.append(processes.start(member.program(folder / "mongo.log")))
        broker.wait(running[0], folder / "kafka.log")
        mongo.wait([member], running[1:], folder / "mongo.log")
        yield Servers(folder, broker.bootstrap, mongo.url_of([member]), running[0].pid, running[1].pid)
    finally:
        for process in reversed(running):
            processes.stop(process)


@contextmanager
def program(name: str, command: Sequence[str], environment: Mapping[str, str], log: Path) -> Iterator[psutil.Process]:
    """A candidate as a process of its own, ended with the block."""
    process = processes.start(Program(name, (sys.executable, *command), log, environment))
    try:
        yield psutil.Process(process.pid)
    finally:
        processes.stop(process, grace_seconds=10.0)


def wait_ready(url: str, process: psutil.Process, log: Path) -> None:
    """Return when the address answers 200. Raise RuntimeError with the log when it never does."""
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
        try:
            if httpx.get(url, timeout=5).status_code == httpx.codes.OK:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.1)
    raise RuntimeError(f"{url} is not ready; its log ends:\n{processes.last_lines(log)}")


@contextmanager
def service(name: str, settings: Settings, log: Path) -> Iterator[tuple[str, psutil.Process]]:
    """One of our services as it is deployed, ready, on a port of its own: its address and process."""
    told = settings.model_copy(update={"http_port": ports.any_free()})
    url = f"http://{ports.LOOPBACK}:{told.http_port}"
    with program(name, ("-m", f"services.{name}"), environment(told), log) as process:
        wait_ready(f"{url}/readyz", process, log)
        yield url, process


def metric(url: str, name: str) -> float:
    """The sum of a metric over its labels."""
    text = httpx.get(f"{url}/metrics", timeout=10).text
    return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith(name))


def cpu_seconds(pid: int) -> float:
    """The processor time that a process has used so far, its threads included."""
    used = psutil.Process(pid).cpu_times()
    return float(used.user + used.system)
