"""`aurora status`: what runs, whether it is ready, and how far behind it is."""

from collections.abc import Mapping
from typing import Any

import httpx
import typer
from prometheus_client.parser import text_string_to_metric_families
from rich.table import Table

from deploy.cli.screen import out, print_json
from deploy.cli.stack import AsJson
from deploy.local import kafka, mongo, state
from deploy.local.state import SERVICES, Part, State

# What is shown under which name, from which metric, and how its series make one number.
PRODUCER = {
    "unpublished": ("relay_unpublished_records", sum),
    "oldest_unpublished_seconds": ("relay_oldest_unpublished_seconds", max),
}
AGGREGATOR = {
    "lag": ("aggregator_lag_records", sum),
    "parked": ("aggregator_parked_records", sum),
    "seconds_behind": ("aggregator_seconds_behind", max),
}
WORDS = {
    "unpublished": "{:g} unpublished",
    "oldest_unpublished_seconds": "the oldest for {:.1f} s",
    "lag": "lag {:g}",
    "parked": "{:g} parked",
    "seconds_behind": "{:.1f} s behind",
}
SHOWN = {"roster": PRODUCER, "credentials": PRODUCER, "aggregator": AGGREGATOR}


def status(as_json: AsJson = False) -> None:
    """Show every part: address, process, readiness, and how far behind it is. Exit code 1 unless all is ready."""
    found = gather(state.read(state.default_folder()))
    if as_json:
        print_json(found)
    else:
        out.print(table_of(found))
    if not all(part["ready"] for part in (found["kafka"], found["mongo"], *found["services"])):
        raise typer.Exit(1)


def gather(stack: State | None) -> dict[str, Any]:
    """Ask every part how it is."""
    return {
        "kafka": _server(stack.part("kafka") if stack else None, kafka.answers),
        "mongo": _server(stack.part("mongo") if stack else None, mongo.answers),
        "services": [_service(name, stack.part(name) if stack else None) for name in SERVICES],
    }


def _server(part: Part | None, answers: Any) -> dict[str, Any]:
    if part is None or not part.alive:
        return {"address": part.address if part else None, "pid": None, "ready": False}
    return {"address": part.address, "pid": part.pid, "ready": answers(part.address), "restarts": part.restarts}


def _service(name: str, part: Part | None) -> dict[str, Any]:
    shown: dict[str, Any] = {"name": name, "url": part.address if part else None, "pid": None, "ready": False}
    shown |= dict.fromkeys(SHOWN.get(name, {}))
    if part is None or not part.alive:
        return shown | {"reasons": ["not running"]}
    shown |= {"pid": part.pid, "restarts": part.restarts}
    try:
        with httpx.Client(base_url=part.address, timeout=5) as client:
            answer = client.get("/readyz")
            numbers = read_metrics(client.get("/metrics").raise_for_status().text, SHOWN.get(name, {}))
    except httpx.HTTPError as error:
        return shown | {"reasons": [f"does not answer: {type(error).__name__}"]}
    said = answer.json()
    return shown | {"ready": answer.status_code == httpx.codes.OK, "reasons": said.get("reasons", [])} | numbers


def read_metrics(text: str, wanted: Mapping[str, tuple[str, Any]]) -> dict[str, float | None]:
    """The wanted numbers from a metrics page; None for one that is not there yet."""
    series: dict[str, list[float]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            series.setdefault(sample.name, []).append(sample.value)
    return {
        name: round(gather_with(series[metric]), 3) if metric in series else None
        for name, (metric, gather_with) in wanted.items()
    }


def table_of(found: Mapping[str, Any]) -> Table:
    """The same for a person."""
    table = Table(box=None, pad_edge=False)
    for heading in ("part", "address", "pid", "restarts", "ready", ""):
        table.add_column(heading)
    for name in ("kafka", "mongo"):
        table.add_row(name, *_cells(found[name], found[name]["address"]), "")
    for service in found["services"]:
        table.add_row(service["name"], *_cells(service, service["url"]), behind(service))
    return table


def behind(service: Mapping[str, Any]) -> str:
    """How far behind a service is, in words; what nobody exports is left out."""
    said = [
        words.format(service[name])
        for name, words in WORDS.items()
        if service.get(name) is not None and (service[name] or name == "lag")
    ]
    return ", ".join(said)


def _cells(part: Mapping[str, Any], address: str | None) -> tuple[str, str, str, str]:
    why = "; ".join(part.get("reasons", []))
    ready = "[green]yes[/]" if part["ready"] else f"[red]no[/] {why}".strip()
    shown = (address or "-").removeprefix("mongodb://").partition("/?")[0]
    return shown, str(part["pid"] or "-"), str(part.get("restarts", "-")), ready
