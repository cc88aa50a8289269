"""A CSV file of one kind of record into the service that keeps it: where it goes, and what came of it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

import typer

from deploy.cli.asking import asked, client_of
from deploy.cli.bringing import token
from deploy.cli.screen import fail, out, print_json
from shared.doors.roles import Role
from shared.producer.producers import PRODUCERS

CLEAN, ROWS_REFUSED, NOTHING_APPLIED, NOT_KNOWN = 0, 1, 2, 3
SHOWN_PROBLEMS = 20
# What a file is of: the service that keeps it, and its route.
KINDS: Mapping[str, tuple[str, str]] = {of: (one.name, path) for one in PRODUCERS for of, path in one.files.items()}


def is_csv(file: Path) -> bool:
    """Whether the file is a table by its name, and not a package."""
    return file.suffix.lower() in (".csv", ".tsv", ".txt")


def kind_of(file: Path, said: str) -> str:
    """What the file is of: as said, else as it is called. Ends with what would work when neither tells."""
    kind = said or file.stem.lower()
    if kind not in KINDS:
        told = f"{said} is no kind of file" if said else f"{file.name} does not say what it is of"
        fail(f"{told}: add --kind and one of {', '.join(KINDS)}", code=NOTHING_APPLIED)
    return kind


def bring(file: Path, kind: str, *, dry_run: bool, as_json: bool) -> NoReturn:
    """Send the file, show what came of every row, and end with the exit code that scripts go by."""
    service, path = KINDS[kind]
    with client_of(service, token.given_or_local(Role.SERVICE), failing=NOTHING_APPLIED) as client:
        options: dict[str, Any] = {"content": file.read_bytes(), "headers": {"Content-Type": "text/csv"}}
        options["params"] = {"dry_run": "true"} if dry_run else {}
        report = asked(client, "POST", path, failing=NOTHING_APPLIED, lost=NOT_KNOWN, **options).json()
    if as_json:
        print_json(report)
    else:
        show(report)
    raise typer.Exit(exit_code(report))


def exit_code(report: Mapping[str, Any]) -> int:
    """What the shell is told: a file of which no row could be taken is none that was applied."""
    if report["refused"] and report["refused"] == report["rows"]:
        return NOTHING_APPLIED
    return ROWS_REFUSED if report["refused"] else CLEAN


def show(report: Mapping[str, Any]) -> None:
    """The counts, then the first rows that were refused and those to look at again."""
    counts = ", ".join(f"{report[name]:,} {name}" for name in ("created", "changed", "unchanged", "refused"))
    would = " (only tried: nothing was kept)" if report["dry_run"] else ""
    out.print(f"{report['rows']:,} rows: {counts}{would}", highlight=False)
    for problem in report["problems"][:SHOWN_PROBLEMS]:
        out.print(told_of(problem), markup=False, highlight=False, soft_wrap=True)
    for warning in report["warnings"][:SHOWN_PROBLEMS]:
        out.print(f"look again: {told_of(warning)}", markup=False, highlight=False, soft_wrap=True)
    hidden = sum(max(0, len(report[name]) - SHOWN_PROBLEMS) for name in ("problems", "warnings"))
    if hidden:
        out.print(f"... and {hidden:,} more (--json has all)", highlight=False)


def told_of(problem: Mapping[str, Any]) -> str:
    """One problem on a line: row, column, what stands there, what is wrong, and what would work."""
    value = f"'{problem['value']}'" if problem["value"] else ""
    place = " ".join(part for part in (f"row {problem['row']}", problem["column"], value) if part)
    works = problem["what_would_work"]
    return f"{place}: {problem['problem']}" + (f"; {works}" if works else "")
