"""The parts of one local stack: which ports, which folders, which settings each service is started with."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.gateway.caddyfile import BY_PATH, REST
from deploy.local import mongo, processes
from deploy.local.gateway import Gateway
from deploy.local.kafka import Kafka
from deploy.local.mongo import Mongod
from deploy.local.ports import LOOPBACK, free, next_free
from deploy.local.processes import Program
from deploy.local.state import environment
from shared.process.settings import Settings

PREFERRED = {
    "kafka": 9092, "kafka controller": 9093, "mongo": 27017, "gateway": 8000, "gateway health": 8080,
    "roster": 8001, "credentials": 8002, "aggregator": 8003, "insights": 8004,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stack:
    """One Kafka, one mongod, every service and the gateway, all on loopback; `named`, users come by that name."""

    folder: Path
    ports: Mapping[str, int]
    named: str = ""

    @property
    def keys(self) -> Path:
        return self.folder / "keys"

    @property
    def kafka(self) -> Kafka:
        return Kafka(self.folder / "kafka", self.ports["kafka"], self.ports["kafka controller"])

    @property
    def mongod(self) -> Mongod:
        return Mongod(self.folder / "mongo", self.ports["mongo"])

    @property
    def gateway(self) -> Gateway:
        services = {name: f"{LOOPBACK}:{self.ports[name]}" for name in (*BY_PATH, REST)}
        ports = (self.ports["gateway"], self.ports["gateway health"])
        return Gateway(self.folder / "gateway", *ports, services, self.named)

    def log(self, name: str) -> Path:
        return self.folder / "logs" / f"{name}.log"

    def address(self, name: str) -> str:
        """What a client of this part is given."""
        if name == "kafka":
            return self.kafka.bootstrap
        if name == "mongo":
            return mongo.url_of([self.mongod])
        if name == "gateway":
            return self.gateway.address
        return f"http://{LOOPBACK}:{self.ports[name]}"

    def settings(self, name: str) -> Settings:
        """What a service is told: these, and whatever else `AURORA_...` says here."""
        return Settings(
            environment="local",
            kafka_bootstrap_servers=self.kafka.bootstrap,
            mongo_url=mongo.url_of([self.mongod]),
            http_host=LOOPBACK,
            http_port=self.ports[name],
            jwks=str(self.keys / "jwks.json"),
        )

    def program(self, name: str) -> Program:
        """How this part is started."""
        if name == "kafka":
            return self.kafka.program(self.log(name))
        if name == "mongo":
            return self.mongod.program(self.log(name))
        if name == "gateway":
            return self.gateway.program(self.log(name))
        return processes.service(name, self.log(name), environment(self.settings(name)))


def laid_out(folder: Path) -> Stack:
    """A stack in this folder on ports that are free now, the usual ones where they are, by the name it was given."""
    chosen = {name: preferred for name, preferred in PREFERRED.items() if free(preferred)}
    for name, preferred in PREFERRED.items():
        if name not in chosen:
            chosen[name] = next_free(preferred, {*chosen.values(), *PREFERRED.values()})
    return Stack(folder, chosen, os.environ.get("AURORA_ADDRESS", ""))


def moved_ports(stack: Stack) -> dict[str, tuple[int, int]]:
    """Which parts could not have their usual port, with the usual and the present one."""
    return {
        name: (preferred, stack.ports[name]) for name, preferred in PREFERRED.items() if stack.ports[name] != preferred
    }
