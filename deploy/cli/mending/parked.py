"""`aurora parked`: records that could not be counted; listed, shown, replayed, discarded."""

import base64
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from deploy.cli.reaching import database, done, moment, settings_here
from deploy.cli.running import AsJson
from deploy.cli.screen import beside, out, print_json
from services.aggregator.operating.parked import SetAside, Wanted, producing

SHOWN_BYTES = 4096
AT_ONCE = 50

Json = Mapping[str, Any]
Ids = Annotated[
    list[str] | None, typer.Argument(help="As `aurora parked list` names them, such as aurora-roster-3-1234.")
]
Topic = Annotated[str, typer.Option(help="Only from this topic.")]
Since = Annotated[str, typer.Option(help="Only parked since: 2h (ago), 7d, 2026-01-31.")]
Until = Annotated[str, typer.Option(help="Only parked before: 30m (ago), 2026-01-31T08:00.")]
Matching = Annotated[
    bool, typer.Option("--matching", help="Instead of ids: all that the options leave, or simply all.")
]

app = typer.Typer(help="Records that could not be counted: list, show, replay, discard.", no_args_is_help=True)


@app.command("list")
def listed(
    topic: Topic = "",
    reason: Annotated[str, typer.Option(help="Only where the reason contains this.")] = "",
    since: Since = "",
    until: Until = "",
    closed_too: Annotated[bool, typer.Option("--all", help="Also what was replayed or discarded.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="At most so many, the oldest first.")] = 200,
    as_json: AsJson = False,
) -> None:
    """List parked records that nobody has dealt with, the oldest first."""
    settings, wanted = settings_here(), Wanted(topic, reason, moment(since), moment(until), closed_too)

    async def work() -> tuple[int, Sequence[Json]]:
        async with database(settings, "aggregator") as kept:
            return await SetAside(kept).find(wanted, limit=limit)

    matching, found = done(work)
    if as_json:
        print_json([as_data(one) for one in found])
    elif found:
        out.print(table_of(found))
    if len(found) < matching or not as_json:
        beside.print(f"{len(found):,} of {matching:,} records", highlight=False)


@app.command("show")
def show(id: Annotated[str, typer.Argument(help="Which one.")], as_json: AsJson = False) -> None:
    """Show one parked record: why, whence, how often, and its headers and bytes as they came."""
    settings = settings_here()

    async def work() -> Json:
        async with database(settings, "aggregator") as kept:
            return (await SetAside(kept).get([id]))[0]

    found = done(work)
    if as_json:
        print_json(as_data(found))
        return
    for line in told(found):
        out.print(line, markup=False, highlight=False, soft_wrap=True)


@app.command("replay")
def replay(
    ids: Ids = None,
    matching: Matching = False,
    topic: Topic = "",
    reason: Annotated[str, typer.Option(help="Only where the reason contains this.")] = "",
    since: Since = "",
    until: Until = "",
    as_json: AsJson = False,
) -> None:
    """Produce parked records to their partitions again, byte for byte; what still cannot be read is parked anew."""
    settings, wanted = settings_here(), _meant(ids, Wanted(topic, reason, moment(since), moment(until)), matching)
    now_at: dict[str, str] = {}

    async def work() -> None:
        async with database(settings, "aggregator") as kept:
            aside = SetAside(kept)
            async with producing(settings) as produce:
                for some in at_once(await _named(aside, ids, wanted)):
                    for one in await aside.open(some):
                        now_at[one["_id"]] = await aside.replay(one, produce)

    _reported(work, now_at, "replayed as", as_json=as_json)


@app.command("discard")
def discard(
    reason: Annotated[str, typer.Option(help="Why they need not be counted; it is kept.")],
    ids: Ids = None,
    matching: Matching = False,
    topic: Topic = "",
    parked_as: Annotated[str, typer.Option(help="Only where the reason of the parking contains this.")] = "",
    since: Since = "",
    until: Until = "",
    as_json: AsJson = False,
) -> None:
    """Close parked records for good. They stay in the database, with the reason."""
    if not reason.strip():
        raise typer.BadParameter("say why: it is what the next reader has")
    settings, wanted = settings_here(), _meant(ids, Wanted(topic, parked_as, moment(since), moment(until)), matching)
    discarded: dict[str, str] = {}

    async def work() -> None:
        async with database(settings, "aggregator") as kept:
            aside = SetAside(kept)
            for some in at_once(await _named(aside, ids, wanted)):
                for one in await aside.open(some):
                    await aside.discard(one, reason.strip())
                    discarded[one["_id"]] = reason.strip()

    _reported(work, discarded, "discarded:", as_json=as_json)


def _meant(ids: Sequence[str] | None, wanted: Wanted, matching: bool) -> Wanted:
    """The filter to go by. Refuse what would deal with other records than the operator thinks."""
    if bool(ids) == matching:
        raise typer.BadParameter("give the ids of records, or --matching with options that say which")
    if ids and wanted != Wanted():
        raise typer.BadParameter("these options go with --matching, not with ids")
    return wanted


async def _named(aside: SetAside, ids: Sequence[str] | None, wanted: Wanted) -> list[str]:
    """The ids given, once it is known that all of them wait to be dealt with; else of all that match."""
    if not ids:
        return await aside.ids(wanted)
    for some in at_once(ids):
        await aside.open(some)
    return list(dict.fromkeys(ids))


def at_once(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """In parts: one record may have a megabyte."""
    for start in range(0, len(ids), AT_ONCE):
        yield ids[start : start + AT_ONCE]


def _reported(work: Any, dealt_with: dict[str, str], how: str, *, as_json: bool) -> None:
    """Say what was done, also when something then went wrong."""
    try:
        done(work)
    finally:
        if as_json:
            print_json(dealt_with)
        else:
            for id, what in dealt_with.items():
                out.print(f"{id} {how} {what}", markup=False, highlight=False, soft_wrap=True)


def table_of(found: Sequence[Json]) -> Table:
    """A line for each."""
    table = Table(box=None, pad_edge=False)
    for heading in ("id", "parked at", "times", "state", "reason"):
        table.add_column(heading, overflow="fold")
    for one in found:
        state = one["closed"]["how"] if one.get("closed") else "open"
        table.add_row(one["_id"], f"{one['at']:%F %T}", str(one["times"]), state, Text(one["reason"][:300]))
    return table


def told(parked: Json) -> list[str]:
    """All that is known of one, a line for each thing."""
    lines = [
        f"{parked['_id']}: topic {parked['topic']}, partition {parked['partition']}, offset {parked['offset']}",
        f"reason    {parked['reason']}",
        f"parked    {parked['at']:%F %T} UTC, met {parked['times']} times",
        f"state     {_state(parked)}",
        f"key       {_readable(parked['key'])}",
        *(f"header    {key}: {_readable(value)}" for key, value in parked["headers"]),
    ]
    return [*lines, f"value     {_readable(parked['value'])}"]


def _state(parked: Json) -> str:
    closed = parked.get("closed")
    if not closed:
        return "open"
    return f"{closed['how']} {closed['at']:%F %T} UTC: {closed.get('reason') or 'as ' + closed['as']}"


def _readable(data: bytes | None) -> str:
    if data is None:
        return "none"
    first = bytes(data[:SHOWN_BYTES])
    text = _text(first)
    shown = text if text is not None and text.isprintable() else f"(hex) {first.hex(' ')}"
    more = f" ... and {len(data) - SHOWN_BYTES:,} bytes more (--json has all)" if len(data) > SHOWN_BYTES else ""
    return f"{len(data):,} bytes: {shown}{more}"


def as_data(parked: Json) -> dict[str, Any]:
    """The same for a program: bytes in base64, and as text where they are."""
    return {"id": parked["_id"]} | {name: _plain(name, value) for name, value in parked.items() if name != "_id"}


def _plain(name: str, value: Any) -> Any:
    if name == "headers":
        return [{"key": key, **_encoded(data)} for key, data in value]
    if name in {"key", "value"}:
        return _encoded(value)
    if isinstance(value, Mapping):
        return {inner: _plain("", one) for inner, one in value.items()}
    return value.isoformat() if isinstance(value, datetime) else value


def _encoded(data: bytes | None) -> dict[str, str | None]:
    if data is None:
        return {"text": None, "base64": None}
    return {"text": _text(data), "base64": base64.b64encode(data).decode()}


def _text(data: bytes) -> str | None:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return None
