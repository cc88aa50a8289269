"""One look at every part of the stack: does it run, is it ready and why not, how far behind is it."""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from time import time
from typing import Any

import httpx
from prometheus_client.parser import text_string_to_metric_families

from deploy.local import kafka, mongo, state
from deploy.local.state import SERVICES, Part, State

ASK_SECONDS = 7.0  # a service without MongoDB takes five to say so


@dataclass(frozen=True, slots=True)
class Shown:
    """Which number is shown: from which metric, and how its series make one number."""

    metric: str
    of_series: Callable[[Iterable[float]], float] = sum
    labels: Mapping[str, str] | None = None
    ago: bool = False  # the metric says when; shown is how long ago that was


PRODUCER = {
    "unpublished": Shown("relay_unpublished_records"),
    "oldest_unpublished_seconds": Shown("relay_oldest_unpublished_seconds", max),
    "held_back": Shown("relay_held_records"),
    "relay_holder": Shown("relay_is_holder", max),
    "heartbeat_seconds_ago": Shown("relay_heartbeat_timestamp_seconds", max, ago=True),
}
AGGREGATOR = {
    "lag": Shown("aggregator_lag_records"),
    "seconds_behind": Shown("aggregator_seconds_behind", max),
    "last_commit_seconds_ago": Shown("aggregator_last_commit_timestamp_seconds", max, ago=True),
    "partitions": Shown("aggregator_partitions"),
    "stopped": Shown("aggregator_partitions", labels={"state": "stopped"}),
    "recounting": Shown("aggregator_recounting_partitions"),
    "parked": Shown("aggregator_parked_records"),
    "drift": Shown("aggregator_drift"),
}
SHOWN: Mapping[str, Mapping[str, Shown]] = {"roster": PRODUCER, "credentials": PRODUCER, "aggregator": AGGREGATOR}


def look(stack: State | None) -> dict[str, Any]:
    """Ask every part how it is, all at once: one that does not answer holds up no other."""
    parts = {part.name: part for part in stack.parts} if stack else {}
    with ThreadPoolExecutor(len(SERVICES) + 3) as pool:
        brokers = pool.submit(_server, parts.get("kafka"), lambda part: kafka.answers(part.address))
        database = pool.submit(_server, parts.get("mongo"), lambda part: mongo.answers(part.address))
        gateway = pool.submit(_server, parts.get("gateway"), _gateway_answers)
        services = [pool.submit(_service, name, parts.get(name)) for name in SERVICES]
        return {
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "supervisor": _supervisor(stack),
            "kafka": brokers.result(),
            "mongo": database.result(),
            "gateway": gateway.result(),
            "services": [one.result() for one in services],
        }


def all_ready(found: Mapping[str, Any]) -> bool:
    """Whether nothing is missing."""
    return all(part["ready"] for part in (found["kafka"], found["mongo"], found["gateway"], *found["services"]))


def _supervisor(stack: State | None) -> dict[str, Any]:
    if stack is None:
        return {"alive": False, "says": "nothing was ever started here: `aurora up`"}
    if stack.supervisor.alive:
        return {"alive": True, "says": stack.phase}
    return {"alive": False, "says": stack.trouble or "not running: `aurora up` starts everything again"}


def _gateway_answers(part: Part) -> bool:
    try:
        return httpx.get(part.ready_at, timeout=ASK_SECONDS).is_success
    except httpx.HTTPError:
        return False


def _server(part: Part | None, answers: Callable[[Part], bool]) -> dict[str, Any]:
    shown = _process(part)
    if part is None or not shown["alive"]:
        return {"address": part.address if part else None, "ready": False, "reasons": ["not running"], **shown}
    ready = answers(part)
    return {"address": part.address, "ready": ready, "reasons": [] if ready else ["does not answer"], **shown}


def _process(part: Part | None) -> dict[str, Any]:
    alive = part is not None and part.alive
    return {
        "alive": alive,
        "pid": part.pid if part and alive else None,
        "restarts": part.restarts if part else None,
        "ended": part.ended if part else "",
    }


def _service(name: str, part: Part | None) -> dict[str, Any]:
    wanted = SHOWN.get(name, {})
    shown = {
        "name": name,
        "url": part.address if part else None,
        "ready": False,
        **_process(part),
        "checks": {},
        "stale": None,
    }
    shown |= dict.fromkeys(wanted)
    if part is None or not shown["alive"]:
        return shown | {"reasons": ["not running"]}
    try:
        with httpx.Client(base_url=part.address, timeout=ASK_SECONDS) as client:
            answer = client.get("/readyz")
            numbers = read_metrics(client.get("/metrics").raise_for_status().text, wanted)
    except httpx.HTTPError as error:
        return shown | {"reasons": [f"does not answer: {type(error).__name__}"]}
    said = answer.json()
    shown |= {"ready": answer.status_code == httpx.codes.OK, "reasons": said.get("reasons", [])}
    stale = said.get("details", {}).get("why") or None
    return shown | {"checks": said.get("checks", {}), "stale": stale} | numbers


def read_metrics(text: str, wanted: Mapping[str, Shown]) -> dict[str, float | None]:
    """The wanted numbers from a metrics page; None for one that is not there yet, or has never happened."""
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    found: dict[str, float | None] = {}
    for name, shown in wanted.items():
        needed = (shown.labels or {}).items()
        series = [one.value for one in samples if one.name == shown.metric and needed <= one.labels.items()]
        number = shown.of_series(series) if series else None
        if shown.ago:
            number = max(0.0, time() - number) if number else None
        found[name] = None if number is None else round(number, 3)
    return found


def stack_here() -> State | None:
    """The stack of this machine, as it was last written down."""
    return state.read(state.default_folder())
