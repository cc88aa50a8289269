"""A Kafka broker without Docker: the official jars, by Maven, run by the Java that is here."""

import asyncio
import os
import socket
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from deploy.local.jars import JARS, provide_jars
from deploy.local.ports import LOOPBACK
from deploy.local.processes import Program, last_lines

HERE = Path(__file__).parent
LOGGING = f"-Dlog4j2.configurationFile={HERE / 'log4j2.xml'}"
# Any 16 bytes do; one that Kafka makes may begin with `-` and be taken for an option.
CLUSTER_ID = "AuroraLocalStack000001"
PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{host}:{controller_port}
listeners=PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller_port}{and_listens}
advertised.listeners=PLAINTEXT://{host}:{port}{and_says}
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,PROXIED:PLAINTEXT
log.dirs={folder}/data
auto.create.topics.enable=false
offsets.topic.num.partitions=1
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
num.network.threads=2
num.io.threads=2
log.cleaner.dedupe.buffer.size=16777216
log.index.size.max.bytes=1048576
"""


@dataclass(frozen=True, slots=True)
class Kafka:
    """One broker: a folder of its own and its ports."""

    folder: Path
    port: int
    controller_port: int
    heap_megabytes: int = 512
    proxied: tuple[int, int] | None = None  # a second listener: its port, and where its clients are told that it is

    @property
    def bootstrap(self) -> str:
        return f"{LOOPBACK}:{self.port}"

    def prepare(self) -> None:
        """Write the configuration and format the folder; what it already holds stays."""
        provide_jars()
        self.folder.mkdir(parents=True, exist_ok=True)
        listens, says = self.proxied or (None, None)
        properties = PROPERTIES.format(
            host=LOOPBACK,
            port=self.port,
            controller_port=self.controller_port,
            and_listens=f",PROXIED://{LOOPBACK}:{listens}" if listens else "",
            and_says=f",PROXIED://{LOOPBACK}:{says}" if says else "",
            folder=self.folder.resolve(),
        )
        self._properties.write_text(properties, encoding="utf-8")
        if (self.folder / "data" / "meta.properties").exists():
            return
        command = [*_java("-Xmx64m", "-XX:TieredStopAtLevel=1"), "kafka.tools.StorageTool", "format"]
        command += ["-t", CLUSTER_ID, "-c", str(self._properties), "--ignore-formatted"]
        _run(command, f"Kafka could not format {self.folder}", seconds=120)

    def program(self, log: Path) -> Program:
        """The broker itself, once prepared."""
        memory = ("-Xms64m", f"-Xmx{self.heap_megabytes}m", "-XX:+UseSerialGC", "-XX:MaxMetaspaceSize=160m")
        # On two cores the better compiler takes more than it gives: half the start, less under load without it.
        options = (*memory, "-XX:TieredStopAtLevel=1")
        return Program("kafka", [*_java(*options), "kafka.Kafka", str(self._properties)], log)

    def wait(self, process: subprocess.Popen[bytes], log: Path, *, seconds: float = 90.0) -> None:
        """Return when the broker answers a metadata call; raise RuntimeError when it dies or never does."""
        deadline = time.monotonic() + seconds
        while not answers(self.bootstrap):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"Kafka did not start; its log {log} ends:\n{last_lines(log)}")
            time.sleep(0.2)

    @property
    def _properties(self) -> Path:
        return self.folder / "server.properties"


def answers(bootstrap: str, *, seconds: float = 3.0) -> bool:
    """Whether a broker answers a metadata call: the only readiness that clients can use."""
    host, _, port = bootstrap.rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=seconds).close()
    except OSError:
        return False
    return asyncio.run(_answers(bootstrap, seconds))


async def _answers(bootstrap: str, seconds: float) -> bool:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=int(seconds * 1000))
    try:
        async with asyncio.timeout(seconds):
            await admin.start()
            return bool((await admin.describe_cluster())["brokers"])
    except (KafkaError, OSError, TimeoutError):
        return False
    finally:
        await admin.close()


def _run(command: Sequence[str], trouble: str, *, seconds: float) -> None:
    ran = subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=False)
    if ran.returncode:
        raise RuntimeError(f"{trouble}: {ran.stdout[-4000:]}{ran.stderr[-1000:]}")


def _java(*options: str) -> Sequence[str]:
    java = os.environ.get("JAVA_HOME", "")
    return [f"{java}/bin/java" if java else "java", *options, LOGGING, "-cp", f"{JARS}/*"]
