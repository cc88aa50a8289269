"""`aurora status`: what runs, whether it is ready and why not, how far behind it is; again and again with --watch."""

import time
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import typer
from rich.console import Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from deploy.cli.looking import all_ready, look, stack_here
from deploy.cli.running import AsJson
from deploy.cli.screen import fail, out, print_json

LATE_SECONDS = 60.0  # as the alerts of deploy/prometheus have it
LONGEST_REASON = 600

Found = Mapping[str, Any]


def status(
    as_json: AsJson = False,
    watch: Annotated[bool, typer.Option("--watch", "-w", help="Look again and again, until Ctrl-C.")] = False,
    every: Annotated[float, typer.Option(min=0.2, help="Seconds between two looks.")] = 2.0,
) -> None:
    """Show every part: is it alive and ready, and how far behind. Exit code 1 unless all is ready."""
    if watch and as_json:
        fail("--json is for one look: leave out --watch, and call it as often as you like.", code=2)
    if watch:
        _watch(every)
        return
    found = look(stack_here())
    if as_json:
        print_json(found)
    else:
        out.print(pictured(found))
    if not all_ready(found):
        raise typer.Exit(1)


def _watch(every: float) -> None:
    """In place on a terminal; one picture below the other where what is printed goes to a file."""
    try:
        if not out.is_terminal:
            while True:
                out.print(pictured(look(stack_here())))
                time.sleep(every)
        with Live(Text("looking ..."), console=out, auto_refresh=False, vertical_overflow="visible") as live:
            while True:
                live.update(pictured(look(stack_here())), refresh=True)
                time.sleep(every)
    except KeyboardInterrupt:
        return


def pictured(found: Found) -> Group:
    """All of it for a person: a line a part, and below it what is wrong, in whole sentences."""
    table = Table(box=None, pad_edge=False)
    for heading in ("part", "address", "pid", "restarts", "ready", "how far"):
        table.add_column(heading, overflow="fold", no_wrap=heading != "how far")
    for name in ("gateway", "kafka", "mongo"):
        table.add_row(name, *_cells(found[name], found[name]["address"]), "")
    for service in found["services"]:
        table.add_row(service["name"], *_cells(service, service["url"]), how_far(service))
    supervisor = found["supervisor"]
    said = Text(f"{found['at']}  supervisor: {supervisor['says']}", style="" if supervisor["alive"] else "red")
    return Group(said, table, *(Text(line, style="red") for line in wrong(found)))


def how_far(service: Found) -> Text:
    """What a person on call looks for, with what is amiss in red; what nobody exports is left out."""
    said = Text()
    for words, amiss in _said(service):
        said.append(", " if said else "").append(words, style="red" if amiss else "")
    return said


def _said(service: Found) -> Iterator[tuple[str, bool]]:
    if service.get("relay_holder") is not None:
        yield ("relay holder" if service["relay_holder"] else "relay stands by"), False
    if service.get("unpublished") is not None:
        oldest = service["oldest_unpublished_seconds"] or 0.0
        yield f"{service['unpublished']:,.0f} unpublished", False
        if service["unpublished"]:
            yield f"the oldest for {oldest:.1f} s", oldest > LATE_SECONDS
    if service.get("held_back"):
        yield f"{service['held_back']:.0f} held back", True
    if (ago := service.get("heartbeat_seconds_ago")) is not None:
        yield f"heartbeat {ago:.0f} s ago", ago > LATE_SECONDS and bool(service["relay_holder"])
    yield from _counted(service)
    if service.get("stale"):
        yield "its pages say stale", True


def _counted(service: Found) -> Iterator[tuple[str, bool]]:
    if service.get("partitions") == 0:
        yield "counts no partition", False
    elif service.get("lag") is not None:
        behind = service["seconds_behind"] or 0.0
        yield f"lag {service['lag']:,.0f} records, {behind:.1f} s", behind > LATE_SECONDS
        ago = service["last_commit_seconds_ago"]
        yield (f"last commit {ago:.0f} s ago" if ago is not None else "no commit yet"), False
    if service.get("stopped"):
        yield f"{service['stopped']:.0f} partitions stopped", True
    if service.get("recounting"):
        yield f"{service['recounting']:.0f} partitions recount", False
    if service.get("parked") is not None:
        yield f"{service['parked']:,.0f} parked", service["parked"] > 0
    if service.get("lag") is not None:
        drift = service["drift"]
        yield ("drift not known yet" if drift is None else f"drift {drift:,.0f}"), bool(drift)


def wrong(found: Found) -> Iterator[str]:
    """Why something is not ready, what waits, and how a part that was started again had ended."""
    servers = ({"name": name, **found[name]} for name in ("gateway", "kafka", "mongo"))
    for part in (*servers, *found["services"]):
        for reason in part["reasons"]:
            yield f"{part['name']} is not ready: {reason[:LONGEST_REASON]}"
        for name, says in part.get("checks", {}).items():
            if says != "ok":
                yield f"{part['name']}, {name}: {says[:LONGEST_REASON]}"
        if part.get("stale"):
            yield f"{part['name']} shows its numbers as stale: {part['stale'][:LONGEST_REASON]}"
        if part["restarts"] and part["ended"]:
            yield f"{part['name']} was started again {_times(part['restarts'])}. The last time it {part['ended']}"


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"


def _cells(part: Found, address: str | None) -> tuple[str, str, str, str]:
    ready = "[green]yes[/]" if part["ready"] else "[red]no[/]" if part["alive"] else "[red]not running[/]"
    shown = (address or "-").removeprefix("mongodb://").removeprefix("http://").partition("/?")[0]
    return shown, str(part["pid"] or "-"), str("-" if part["restarts"] is None else part["restarts"]), ready
