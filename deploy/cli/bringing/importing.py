"""`aurora import`: a OneRoster package or a CSV file of one kind, and what came of every row."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from rich.progress import Progress
from rich.table import Table

from deploy.cli.asking import asked, client_of, looked
from deploy.cli.bringing import token
from deploy.cli.bringing.csv_files import CLEAN, KINDS, NOT_KNOWN, NOTHING_APPLIED, ROWS_REFUSED, bring, is_csv, kind_of
from deploy.cli.running import AsJson
from deploy.cli.screen import beside, fail, out, print_json
from shared.doors.roles import Role

LOOK_SECONDS = 0.5
AWAY_SECONDS = 900.0  # so long roster may be away before nobody waits any more
SHOWN_PROBLEMS = 20
PROBLEMS = "/v1/oneroster/imports/{}/problems.csv"

Brought = Annotated[
    Path,
    typer.Argument(
        exists=True, dir_okay=False, readable=True, help="A zip of OneRoster 1.1 or 1.2 CSV, or a CSV file of one kind."
    ),
]


def import_file(
    file: Brought,
    wait: Annotated[bool, typer.Option("--wait", help="Wait for the end and show what came of it.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only check; change nothing.")] = False,
    school_year: Annotated[str, typer.Option(help="The year the rows are about, such as 2024-25.")] = "",
    confirm_removals: Annotated[
        int | None, typer.Option(help="How many people, roles and enrollments may end: the number that was asked for.")
    ] = None,
    source: Annotated[str, typer.Option(help="Whose ids these are; as the manifest says when left out.")] = "",
    problems: Annotated[
        Path | None, typer.Option(help="With --wait: where all problems are written, as CSV.", dir_okay=False)
    ] = None,
    kind: Annotated[
        str, typer.Option(help=f"Of a CSV file, what it is of: {', '.join(KINDS)}; as it is called when left out.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Bring a file in. Exit code 0: all rows; 1: some rows were refused; 2: nothing was applied.

    With --wait it waits for the end also when roster is stopped meanwhile: an import goes on by
    itself when roster is back. Exit code 3: roster went or stayed away, and how it ended is not known.

    AURORA_ROSTER_URL, AURORA_CREDENTIALS_URL and AURORA_TOKEN name other services than this machine's, and the
    token for them.
    """
    if kind or is_csv(file):
        bring(file, kind_of(file, kind), dry_run=dry_run, as_json=as_json)
    options: dict[str, Any] = {"content": file.read_bytes(), "headers": {"Content-Type": "application/zip"}}
    confirmed = "" if confirm_removals is None else str(confirm_removals)
    told = {"dry_run": "true" if dry_run else "", "school_year": school_year, "source": source}
    told |= {"confirm_removals": confirmed}
    options["params"] = {name: value for name, value in told.items() if value}
    with client_of("roster", token.given_or_local(Role.SERVICE), failing=NOTHING_APPLIED) as client:
        codes = {"failing": NOTHING_APPLIED, "lost": NOT_KNOWN}
        where = asked(client, "POST", "/v1/oneroster/imports", **codes, **options).headers["Location"]
        record = _followed(client, where) if wait else asked(client, "GET", where).json()
        if problems is not None and wait:
            problems.write_bytes(asked(client, "GET", PROBLEMS.format(record["id"])).content)
    if as_json:
        print_json(record)
    else:
        beside.print(f"{where}", markup=False, highlight=False)
        show(record)
    raise typer.Exit(exit_code(record))


def exit_code(record: Mapping[str, Any]) -> int:
    """What the shell is told about an import."""
    if record["status"] in {"waiting", "refused", "failed"}:
        return NOTHING_APPLIED
    return ROWS_REFUSED if any(of_file["refused"] for of_file in record["counts"].values()) else CLEAN


def show(record: Mapping[str, Any]) -> None:
    """The counts of each file, and the first problems."""
    counts: Mapping[str, Mapping[str, int]] = record["counts"]
    headings = list(dict.fromkeys(name for of_file in counts.values() for name in of_file))
    out.print(f"Import {record['id']}: {record['status']}", highlight=False)
    table = Table(box=None, pad_edge=False)
    table.add_column("file")
    for heading in headings:
        table.add_column(heading, justify="right")
    for file, of_file in counts.items():
        table.add_row(file, *(str(of_file.get(heading, 0)) for heading in headings))
    if counts:
        out.print(table)
    if record["says"]:
        out.print(record["says"], markup=False, highlight=False)
    for problem in record["problems"][:SHOWN_PROBLEMS]:
        out.print(told_of(problem), markup=False, highlight=False, soft_wrap=True)
    hidden = record["problems_total"] - min(SHOWN_PROBLEMS, len(record["problems"]))
    if hidden > 0:
        told = (
            f"... and {hidden} more: --problems FILE.csv writes all of them, {PROBLEMS.format(record['id'])} has them"
        )
        out.print(told, markup=False, highlight=False, soft_wrap=True)


def told_of(problem: Mapping[str, Any]) -> str:
    """One problem on a line: the cell, what stands there, what is wrong, what would work, and whether it cost a row."""
    row = f"row {problem['row']}" if problem["row"] else ""
    value = f"'{problem['value']}'" if problem["value"] else ""
    place = " ".join(part for part in (problem["file"], row, problem["column"], value) if part)
    note = "note: " if problem["effect"] == "note" else ""
    return f"{note}{place}: {problem['problem']}; {problem['what_would_work']}"


def _followed(client: httpx.Client, where: str) -> dict[str, Any]:
    """The import once it has ended; shows how far it is meanwhile, and waits while roster is away."""
    answered_at, away = time.monotonic(), False
    with Progress(console=beside, transient=True) as progress:
        bar = progress.add_task("rows")
        while True:
            answer = looked(client, where, failing=NOTHING_APPLIED)
            if answer is not None:
                answered_at, away = time.monotonic(), False
                record: dict[str, Any] = answer.json()
                progress.update(bar, completed=record["progress"]["done"], total=record["progress"]["total"] or None)
                if record["finished_at"]:
                    return record
            elif not away:
                away = True
                beside.print("roster does not answer just now; the import goes on when it is back", highlight=False)
            elif time.monotonic() - answered_at > AWAY_SECONDS:
                fail(f"roster stayed away for {AWAY_SECONDS / 60:.0f} minutes; later ask {where}", code=NOT_KNOWN)
            time.sleep(LOOK_SECONDS)
