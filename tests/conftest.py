"""One real broker and one real replica set for the whole run; what each test needs of its own on them."""

import asyncio
import os
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

import hypothesis
import pytest
import structlog
from pymongo import MongoClient

from deploy import topics
from deploy.local import mongo, ports, processes
from deploy.local.kafka import Kafka
from deploy.local.mongo import Mongod
from shared.doors.local_key import make_key
from shared.process.logs import without_values
from shared.process.settings import Settings
from tests.processes import Service, running

# As `make` says; pytest may be started without it.
os.environ.setdefault("AURORA_ENVIRONMENT", "local")
# A shared machine is slow at times: how long an example takes is no finding.
hypothesis.settings.register_profile("default", deadline=None)
hypothesis.settings.register_profile("thorough", deadline=None, max_examples=2000)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

REAL = {"kafka", "mongo_url", "settings", "mongo_settings", "start_service"}
failed = pytest.StashKey[bool]()


class Sweeper:
    """Takes away what a test had of its own while the next one runs: it is a tenth of the whole run's time."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1)
        self._begun: list[Future[None]] = []

    def later(self, sweep: Callable[[], None]) -> None:
        self._begun.append(self._thread.submit(sweep))

    def done(self) -> None:
        """Return when all is away. Raise what a sweep raised."""
        begun, self._begun = self._begun, []
        for sweep in begun:
            sweep.result()


SWEEPER = Sweeper()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever asks for a real server is `real`: `make unit` leaves it out."""
    for item in items:
        if REAL.intersection(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.real)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):
    report = yield
    if report.failed:
        item.stash[failed] = True
    return report


@pytest.fixture(scope="session", autouse=True)
def plain_logs() -> None:
    """What is logged is printed as the services log it: structlog's own tracebacks draw every local, for seconds."""
    structlog.configure(
        processors=[structlog.processors.add_log_level, without_values, structlog.processors.JSONRenderer(default=str)],
        cache_logger_on_first_use=False,
    )


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real broker without topics."""
    folder = tmp_path_factory.mktemp("kafka")
    broker = Kafka(folder, ports.any_free(), ports.any_free(), heap_megabytes=384)
    broker.prepare()
    process = processes.start(broker.program(folder / "kafka.log"))
    try:
        broker.wait(process, folder / "kafka.log")
        yield broker.bootstrap
        SWEEPER.done()
    finally:
        processes.stop(process)


@pytest.fixture(scope="session")
def mongo_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real replica set of one member, where fail points work."""
    folder = tmp_path_factory.mktemp("mongo")
    member = Mongod(folder, ports.any_free(), cache_gigabytes=0.25, oplog_megabytes=256, test_commands=True)
    process = processes.start(member.program(folder / "mongo.log"))
    try:
        mongo.wait([member], [process], folder / "mongo.log")
        yield mongo.url_of([member])
        SWEEPER.done()
    finally:
        processes.stop(process)


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a signing key of this run and the jwks.json that belongs to it."""
    folder = tmp_path_factory.mktemp("keys")
    make_key(folder)
    return folder


@pytest.fixture
def mongo_settings(mongo_url: str, keys: Path) -> Iterator[Settings]:
    """Settings whose databases are this test's alone; no Kafka answers at their address."""
    prefix = f"t{uuid4().hex[:10]}"
    yield _settings(prefix, mongo_url, f"{ports.LOOPBACK}:{ports.any_free()}", keys)
    SWEEPER.later(lambda: _drop_databases(mongo_url, prefix))


@pytest.fixture
def settings(kafka: str, mongo_url: str, keys: Path) -> Iterator[Settings]:
    """Settings whose databases and topics are this test's alone; the topics exist, with 12 partitions."""
    prefix = f"t{uuid4().hex[:10]}"
    declared = topics.declared(f"{prefix}-")
    asyncio.run(topics.provide(kafka, declared))
    yield _settings(prefix, mongo_url, kafka, keys)
    SWEEPER.later(lambda: asyncio.run(topics.remove(kafka, declared)))
    SWEEPER.later(lambda: _drop_databases(mongo_url, prefix))


@pytest.fixture
def start_service(
    request: pytest.FixtureRequest, settings: Settings, tmp_path: Path
) -> Iterator[Callable[..., Service]]:
    """`start_service("roster")`: the service as a process of its own, ready; its log is shown if the test fails.

    Keywords are settings that differ for this one, such as `heartbeat_seconds=0.2`.
    """
    started: list[Service] = []
    with ExitStack() as stack:

        def start(name: str, **changes: object) -> Service:
            log = tmp_path / f"{name}-{len(started)}.log"
            started.append(stack.enter_context(running(name, settings, log, **changes)))
            return started[-1]

        yield start
    if request.node.stash.get(failed, False):
        for service in started:
            sys.stderr.write(
                f"\n--- log of {service.name} (pid {service.pid}) ---\n{processes.last_lines(service.log)}\n"
            )


def _settings(prefix: str, mongo_url: str, kafka: str, keys: Path) -> Settings:
    return Settings(
        mongo_url=mongo_url,
        kafka_bootstrap_servers=kafka,
        database_prefix=prefix,
        topic_prefix=f"{prefix}-",
        jwks=str(keys / "jwks.json"),
        requests_per_minute=0,
    )


def _drop_databases(mongo_url: str, prefix: str) -> None:
    with MongoClient(mongo_url) as client:
        for name in client.list_database_names():
            if name.startswith(f"{prefix}_"):
                client.drop_database(name)
