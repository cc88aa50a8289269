"""What a test has of its own on the one broker and the one replica set of the whole run."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, nullcontext
from pathlib import Path
from typing import Any
from uuid import uuid4

import hypothesis
import pytest
import structlog

from deploy import topics
from deploy.local import processes
from shared.doors.local_key import make_key
from shared.process.logs import without_values
from shared.process.settings import Settings
from tests import servers
from tests.databases import Databases, Sweeper
from tests.examples import BY_DEFAULT, THOROUGHLY
from tests.processes import Service, running
from tests.taking_long import TakingLong

# As `make` says; pytest may be started without it.
os.environ.setdefault("AURORA_ENVIRONMENT", "local")
# A shared machine is slow at times: how long an example takes is no finding.
hypothesis.settings.register_profile("default", deadline=None, max_examples=BY_DEFAULT)
hypothesis.settings.register_profile("thorough", deadline=None, max_examples=THOROUGHLY)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

REAL = {"kafka", "mongo_url", "settings", "mongo_settings", "start_service"}
failed = pytest.StashKey[bool]()
shared_servers = pytest.StashKey[servers.ForWorkers]()
SWEEPER = Sweeper()
DATABASES: dict[str, Databases] = {}


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker where the servers are that all of them share."""
    node.workerinput |= node.config.stash.setdefault(shared_servers, servers.ForWorkers()).told()


def pytest_configure(config: pytest.Config) -> None:
    """Where everything is run, what takes long is told."""
    if os.environ.get("CI") and not hasattr(config, "workerinput"):
        config.pluginmanager.register(TakingLong())


def pytest_unconfigure(config: pytest.Config) -> None:
    if shared_servers in config.stash:
        config.stash[shared_servers].close()


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


@pytest.fixture(autouse=True)
def no_process_unless_real(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """What starts a process says so, or `make unit` would take minutes again before anybody noticed."""
    if request.node.get_closest_marker("real") is None:

        def refused(*command: Any, **_: Any) -> None:
            raise AssertionError(f"a test that starts a process is marked `real`; this one would start {command[0]}")

        monkeypatch.setattr(subprocess, "Popen", refused)


@pytest.fixture(scope="session", autouse=True)
def plain_logs() -> None:
    """What is logged is printed as the services log it: structlog's own tracebacks draw every local, for seconds."""
    structlog.configure(
        processors=[structlog.processors.add_log_level, without_values, structlog.processors.JSONRenderer(default=str)],
        cache_logger_on_first_use=False,
    )


@pytest.fixture(scope="session")
def kafka(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real broker."""
    told = getattr(pytestconfig, "workerinput", {}).get("kafka")
    with nullcontext(told) if told else servers.broker(tmp_path_factory.mktemp("kafka")) as address:
        yield address
        SWEEPER.done()


@pytest.fixture(scope="session")
def mongo_url(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real replica set of one member, which all workers of a run share: no place for fail points."""
    told = getattr(pytestconfig, "workerinput", {}).get("mongo_url")
    with nullcontext(told) if told else servers.replica_set(tmp_path_factory.mktemp("mongo")) as address:
        yield address
        _swept(address)


@pytest.fixture(scope="session")
def failing_mongo_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a replica set that no other worker asks: whatever is made to fail there fails for nobody else.

    A module of such tests has a fixture `mongo_url` that gives this one.
    """
    with servers.replica_set(tmp_path_factory.mktemp("failing-mongo")) as address:
        yield address
        _swept(address)


def _swept(mongo_url: str) -> None:
    SWEEPER.done()
    if mongo_url in DATABASES:
        DATABASES.pop(mongo_url).close()


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a signing key of this run and the jwks.json that belongs to it."""
    folder = tmp_path_factory.mktemp("keys")
    make_key(folder)
    return folder


@pytest.fixture
def mongo_settings(mongo_url: str, keys: Path) -> Iterator[Settings]:
    """Settings whose databases are this test's alone, and empty; no Kafka answers at their address."""
    databases = _databases(mongo_url)
    prefix = databases.take()
    yield _settings(prefix, mongo_url, servers.NO_KAFKA, keys)
    SWEEPER.later(lambda: databases.give_back(prefix))


@pytest.fixture
def settings(kafka: str, mongo_url: str, keys: Path) -> Iterator[Settings]:
    """Settings whose databases and topics are this test's alone; the topics exist, with 12 partitions."""
    databases, prefix = _databases(mongo_url), f"t{uuid4().hex[:10]}"
    declared = topics.declared(f"{prefix}-")
    asyncio.run(topics.provide(kafka, declared))
    yield _settings(prefix, mongo_url, kafka, keys)
    SWEEPER.later(lambda: asyncio.run(topics.remove(kafka, declared)))
    SWEEPER.later(lambda: databases.drop(prefix))


def _databases(mongo_url: str) -> Databases:
    if mongo_url not in DATABASES:
        DATABASES[mongo_url] = Databases(mongo_url)
    return DATABASES[mongo_url]


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
