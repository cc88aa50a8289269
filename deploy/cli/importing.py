"""`aurora import`: a OneRoster zip into roster, and what came of every row."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from rich.progress import Progress
from rich.table import Table

from deploy.cli import token
from deploy.cli.screen import beside, fail, out, print_json
from deploy.cli.stack import AsJson, address_of, running_stack
from deploy.local import state
from shared.auth import Role

CLEAN, ROWS_REFUSED, NOTHING_APPLIED = 0, 1, 2
LOOK_SECONDS = 0.5
SHOWN_PROBLEMS = 20
WORKING = {"received", "checking", "applying"}


def import_file(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="A zip of OneRoster 1.2 CSV.")
    ],
    wait: Annotated[bool, typer.Option("--wait", help="Wait for the end and show what came of it.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only check; change nothing.")] = False,
    school_year: Annotated[str, typer.Option(help="The year the rows are about, such as 2024-25.")] = "",
    roster: Annotated[str, typer.Option(help="Another roster than this machine's, with --token.")] = "",
    bearer: Annotated[
        str, typer.Option("--token", envvar="AURORA_TOKEN", help="Another token than the local one.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Bring a roster in. Exit code 0: all rows; 1: some rows were refused; 2: nothing was applied."""
    with _client(roster, bearer) as client:
        asked = {"dry_run": "true"} if dry_run else {}
        asked |= {"school_year": school_year} if school_year else {}
        answer = client.post(
            "/v1/oneroster/imports", content=file.read_bytes(), params=asked,
            headers={"Content-Type": "application/zip"},
        )  # fmt: skip
        if answer.is_error:
            fail(f"roster refused the file: {answer.status_code} {answer.text[:1000]}", code=NOTHING_APPLIED)
        where = answer.headers["Location"]
        record = _followed(client, where) if wait else client.get(where).raise_for_status().json()
    if as_json:
        print_json(record)
    else:
        beside.print(f"{where}", markup=False, highlight=False)
        show(record)
    raise typer.Exit(exit_code(record))


def exit_code(record: Mapping[str, Any]) -> int:
    """What the shell is told about an import."""
    if record["status"] in {"refused", "failed"}:
        return NOTHING_APPLIED
    return ROWS_REFUSED if record["problems_total"] else CLEAN


def show(record: Mapping[str, Any]) -> None:
    """The counts of each file, and the first problems."""
    counts: Mapping[str, Mapping[str, int]] = record["counts"]
    headings = list(dict.fromkeys(name for of_file in counts.values() for name in of_file))
    table = Table(title=f"Import {record['id']}: {record['status']}", title_justify="left", box=None, pad_edge=False)
    table.add_column("file")
    for heading in headings:
        table.add_column(heading, justify="right")
    for file, of_file in counts.items():
        table.add_row(file, *(str(of_file.get(heading, 0)) for heading in headings))
    out.print(table)
    for problem in record["problems"][:SHOWN_PROBLEMS]:
        place = f"{problem['file']} row {problem['row']} {problem['column'] or ''}".rstrip()
        out.print(
            f"{place}: {problem['problem']}; {problem['what_would_work']}",
            markup=False,
            highlight=False,
            soft_wrap=True,
        )
    hidden = record["problems_total"] - min(SHOWN_PROBLEMS, len(record["problems"]))
    if hidden > 0:
        out.print(f"... and {hidden} more: `--json` gives all that roster keeps")


@contextmanager
def _client(roster: str, bearer: str) -> Iterator[httpx.Client]:
    url = roster or address_of(running_stack(), "roster")
    # A token for this machine opens nothing elsewhere: it is not offered to another roster.
    if roster and not bearer:
        fail("another roster needs a token of its own: add --token, or set AURORA_TOKEN")
    signed = bearer or token.make(state.default_folder(), Role.SERVICE)
    with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {signed}"}, timeout=120) as client:
        yield client


def _followed(client: httpx.Client, where: str) -> dict[str, Any]:
    """The import once it has ended; shows how far it is meanwhile."""
    with Progress(console=beside, transient=True) as progress:
        bar = progress.add_task("rows")
        while True:
            record: dict[str, Any] = client.get(where).raise_for_status().json()
            progress.update(bar, completed=record["progress"]["done"], total=record["progress"]["total"] or None)
            if record["status"] not in WORKING:
                return record
            time.sleep(LOOK_SECONDS)
