"""What a run stands on: its own Kafka and replica set of three, the services, and a proxy in front of each server."""

import asyncio
import random
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
from pymongo import AsyncMongoClient
from pymongo.errors import PyMongoError

from deploy import topics
from deploy.local import mongo, ports, processes
from deploy.local.daemon import ready
from deploy.local.kafka import Kafka
from deploy.local.mongo import Mongod
from deploy.local.ports import LOOPBACK
from deploy.local.state import environment
from shared.doors.local_key import make_key, sign
from shared.process.settings import Settings
from tests.faults.pace import within
from tests.faults.parts import Part, look_after
from tests.faults.proxy import Proxy

READY_SECONDS = 90.0
HEALED_SECONDS = 60.0
PRIMARY, SECONDARY = 1, 2
# Of what is started, and how much memory each may have at any moment.
SERVICES = {
    "roster": 300,
    "credentials-1": 300,
    "credentials-2": 300,
    "family_touchpoints": 300,
    "aggregator-1": 400,
    "aggregator-2": 400,
    "insights": 300,
}
GUEST_MEGABYTES = 400
DAY_SECONDS = 24 * 3600
# How the services name themselves to MongoDB; the members, among themselves, do not.
OURS = b"aurora"
MEMBERS = ("mongod-1", "mongod-2", "mongod-3")


@dataclass(frozen=True, slots=True)
class Restored:
    """A service's records were put back at one moment to what they had been at another."""

    service: str
    as_of: float
    at: float


@dataclass
class Ground:
    """Everything that runs, and what is noted on the way for the verdict."""

    folder: Path
    settings: Settings
    token: str
    broker: Kafka
    members: list[Mongod]
    parts: dict[str, Part] = field(default_factory=dict)
    guests: dict[str, Part] = field(default_factory=dict)
    kafka_proxy: Proxy | None = None
    mongo_proxies: dict[str, Proxy] = field(default_factory=dict)
    urls: dict[str, str] = field(default_factory=dict)
    ports: set[int] = field(default_factory=set)
    # Spans of time in which no majority of the set could confirm a write.
    without_majority: list[tuple[float, float]] = field(default_factory=list)
    overtaken_wanted: int = 0
    # Whoever was asked to end: its name, after how many seconds it had, and whether it came to its last word.
    asked_to_end: list[tuple[str, float, bool]] = field(default_factory=list)
    # Topics that were made anew, each with its records gone, once for every time.
    made_anew: Counter[str] = field(default_factory=Counter)
    restored: list[Restored] = field(default_factory=list)
    began: Any = None  # by the replica set's own clock of operations, before any service ran

    @property
    def direct(self) -> Settings:
        """The settings of the run's own clients, who pass no door that a fault shuts."""
        return self.settings.model_copy(update={"kafka_bootstrap_servers": self.broker.bootstrap})

    @property
    def everyone(self) -> list[Part]:
        return [*self.parts.values(), *self.guests.values()]

    def called(self, service: str) -> list[Part]:
        return [part for name, part in self.parts.items() if name.split("-")[0] == service]

    @asynccontextmanager
    async def guest(self, name: str, *through: str) -> AsyncIterator[Part]:
        """One more process of a service, which no other fault strikes; it is killed when the block ends.

        `through` is a module, with what it is told, that runs the service otherwise than it is.
        """
        service = name.split("-", maxsplit=1)[0]
        port = _port(self.ports)
        told = environment(self.settings.model_copy(update={"http_port": port}))
        self.urls[name] = f"http://{LOOPBACK}:{port}"
        program = processes.service(service, self.log(f"guest-{name}"), told)
        part = self.guests[name] = Part(name, lambda: program, GUEST_MEGABYTES, through=through)
        try:
            part.start()
            yield part
        finally:
            part.kill()
            del self.urls[name]

    def log(self, name: str) -> Path:
        return self.folder / "logs" / f"{name}.log"

    @asynccontextmanager
    async def client(self, member: str | None = None) -> AsyncIterator[Any]:
        """A client of the set, or of one member alone."""
        address = self.settings.mongo_url
        if member:
            address = f"mongodb://{LOOPBACK}:{self.members[MEMBERS.index(member)].port}/?directConnection=true"
        client: Any = AsyncMongoClient(
            address, tz_aware=True, serverSelectionTimeoutMS=20_000, socketTimeoutMS=20_000, appname="faults"
        )
        try:
            yield client
        finally:
            await client.close()

    async def states(self) -> dict[str, tuple[int, int]]:
        """What each member says that it is, and the term of its last write; one that does not answer is 0, 0."""

        async def ask(member: str) -> tuple[int, int]:
            part = self.parts[member]
            if not part.running or part.frozen:
                return 0, 0
            try:
                async with self.client(member) as client, asyncio.timeout(3):
                    said = await client.admin.command("replSetGetStatus")
                    return int(said["myState"]), int(said["optimes"]["appliedOpTime"]["t"])
            except (PyMongoError, TimeoutError):
                return 0, 0

        return dict(zip(MEMBERS, await asyncio.gather(*map(ask, MEMBERS)), strict=True))

    async def primary(self) -> str:
        """The member that takes writes, once there is one."""
        async with asyncio.timeout(within(HEALED_SECONDS)):
            while True:
                found = [member for member, (state, _) in (await self.states()).items() if state == PRIMARY]
                if len(found) == 1:
                    return found[0]
                await asyncio.sleep(0.2)

    async def whole(self) -> None:
        """Return when one member is primary and the others follow it, with nothing of their own to take back.

        Raise TimeoutError, saying how the members stand.
        """
        until = time.monotonic() + within(HEALED_SECONDS)
        while not _one_set(states := await self.states()):
            if time.monotonic() > until:
                raise TimeoutError(f"the replica set did not heal; state and term by member: {states}")
            await asyncio.sleep(0.2)

    async def broker_up(self) -> None:
        part = self.parts["kafka"]
        assert part.process
        await asyncio.to_thread(self.broker.wait, part.process, self.log("kafka"))

    async def services_ready(self, *names: str) -> None:
        until = time.monotonic() + within(READY_SECONDS)
        for name in names or SERVICES:
            while not await asyncio.to_thread(ready, self.urls[name]):
                if time.monotonic() > until:
                    said = processes.last_lines(self.log(name), 10)
                    raise TimeoutError(f"{name} was not ready after {READY_SECONDS:g} s; its log ends:\n{said}")
                await asyncio.sleep(0.2)

    async def metric(self, service: str, line: str) -> float:
        """One sample of what a service exports; 0 when it is not there."""
        async with httpx.AsyncClient(timeout=5) as client:
            try:
                text = (await client.get(f"{self.urls[service]}/metrics")).text
            except httpx.TransportError:
                return 0.0
        return sum(float(each.rpartition(" ")[2]) for each in text.splitlines() if each.startswith(line))

    def said(self, service: str, words: str) -> int:
        """How many lines of the logs of a service say this."""
        return sum(self.log_says(part.name, words) for part in self.called(service))

    def log_says(self, name: str, words: str) -> int:
        log = self.log(name)
        return log.read_text("utf-8", errors="replace").count(words) if log.exists() else 0


def _one_set(states: Mapping[str, tuple[int, int]]) -> bool:
    """Of another term than the primary's is the last write of whoever has yet to take it back."""
    roles, terms = zip(*states.values(), strict=True)
    return sorted(roles) == [PRIMARY, SECONDARY, SECONDARY] and len(set(terms)) == 1


def _port(taken: set[int]) -> int:
    """A port that nobody of the run has, also not one that is being started again."""
    found = ports.next_free(random.SystemRandom().randrange(ports.LOWEST, ports.HIGHEST), taken)
    taken.add(found)
    return found


def laid_out(folder: Path) -> Ground:
    """The parts and their ports; nothing runs yet."""
    taken = set[int]()

    def port() -> int:
        return _port(taken)

    behind, shown = port(), port()
    broker = Kafka(folder / "kafka", port(), port(), heap_megabytes=384, proxied=(behind, shown))
    # The oplog is to hold a whole run: every turn that was ever committed is read from it in the end.
    small: dict[str, Any] = {"cache_gigabytes": 0.25, "oplog_megabytes": 2048, "test_commands": True}
    # Who takes its own writes back begins at its last checkpoint: from one of a minute ago it took up to 80 s.
    small["checkpoint_seconds"] = 5
    members = [Mongod(folder / name, port(), known_as=port(), **small) for name in MEMBERS]
    keys = folder / "keys"
    make_key(keys)
    claims = {"sub": "faults", "roles": ["service", "leader", "data_manager"], "districts": ["*"]}
    # Good for whoever is a day off, too: what a clock does to tokens is not what is looked for here.
    claims |= {"iat": int(time.time()) - 2 * DAY_SECONDS, "exp": int(time.time()) + 2 * DAY_SECONDS}
    settings = Settings(
        mongo_url=mongo.url_of(members),
        kafka_bootstrap_servers=f"{LOOPBACK}:{shown}",
        database_prefix="faults",
        topic_prefix="faults-",
        jwks=str(keys / "jwks.json"),
        http_host=LOOPBACK,
        relay_lease_seconds=3.0,
        audit_share=0.0,
        # Poison comes as thick here as no log of a school year would bring it; a whole run in a row still stops.
        parked_of_a_hundred=100,
    )
    ground = Ground(folder, settings, sign(keys, claims), broker, members, ports=taken)
    ground.kafka_proxy = Proxy("kafka", shown, behind)
    for name, member in zip(MEMBERS, members, strict=True):
        assert member.known_as
        ground.mongo_proxies[name] = Proxy(name, member.known_as, member.port, only=OURS)
        ground.parts[name] = Part(name, lambda name=name, member=member: _member(ground, name, member), 700)
    ground.parts["kafka"] = Part("kafka", lambda: broker.program(ground.log("kafka")), 900)
    for name, most in SERVICES.items():
        at = settings.model_copy(update={"http_port": port()})
        ground.urls[name] = f"http://{LOOPBACK}:{at.http_port}"
        told = environment(at)
        ground.parts[name] = Part(name, lambda name=name, told=told: _service(ground, name, told), most)
    return ground


def _member(ground: Ground, name: str, member: Mongod) -> processes.Program:
    """A member that is told of a write that cannot be done, as on a full disk, instead of being ended for it."""
    program = member.program(ground.log(name), name)
    return replace(program, command=("sh", "-c", "trap '' XFSZ; exec \"$@\"", "sh", *program.command))


def _service(ground: Ground, name: str, told: dict[str, str]) -> processes.Program:
    return processes.service(name.split("-", maxsplit=1)[0], ground.log(name), told)


@asynccontextmanager
async def standing(seed: int) -> AsyncIterator[Ground]:
    """All of it, ready; ended and its folder removed when the block ends, however it ends."""
    async with AsyncExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix=f"aurora-faults-{seed}-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        ground = laid_out(folder)
        assert ground.kafka_proxy
        for proxy in (ground.kafka_proxy, *ground.mongo_proxies.values()):
            await proxy.start()
            stack.push_async_callback(proxy.close)
        stack.callback(lambda: [part.stop() for part in reversed(ground.everyone)])
        await _start(ground)
        looking = asyncio.create_task(look_after(lambda: ground.everyone))
        stack.callback(looking.cancel)
        yield ground


async def _start(ground: Ground) -> None:
    await asyncio.to_thread(ground.broker.prepare)
    for name in ("kafka", *MEMBERS):
        ground.parts[name].start()
    running = [ground.parts[name].process for name in MEMBERS]
    await asyncio.to_thread(mongo.wait, ground.members, running, ground.log(MEMBERS[0]))
    async with ground.client() as client:
        ground.began = (await client.admin.command("hello"))["operationTime"]
    await ground.broker_up()
    await topics.provide(ground.broker.bootstrap, topics.declared(ground.settings.topic_prefix))
    for name in ground.urls:
        ground.parts[name].start()
    await ground.whole()
    await ground.services_ready()
