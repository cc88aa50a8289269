"""What a caller can have done with programs' lists of credentials: keep, show, find, read from a file."""

import asyncio
from collections.abc import Sequence
from datetime import date

from pydantic import ValidationError

from services.credentials.program_list.bodies import StepBody, approval_from
from services.credentials.program_list.record import APPROVAL, approval_draft, approval_of
from services.credentials.program_list.rules import Approval, checked
from shared.contracts.credentials import CatalogueStatus
from shared.csv.imports import all_right, by_key
from shared.csv.rows import ImportReport, Report, Row, read_csv
from shared.errors import NotFound, Refused, apart
from shared.producer.answers import Outcome, would
from shared.producer.desk import Desk
from shared.producer.refusals import no_program
from shared.producer.worklists import passing
from shared.records.record import Draft, Entry, Record, Saved
from shared.web.paging import Paging

COLUMNS, OPTIONAL = ("program_id", "status", "on"), ("body",)


async def put(desk: Desk, wanted: Approval, *, entry: Entry, expected: int | None = None) -> Saved:
    """Keep a program's list. Raise NotFound, Refused or Stale."""
    if wanted.program_id not in await desk.programs([wanted.program_id]):
        raise no_program(wanted.program_id)
    approval = checked(wanted, today=await desk.today())
    return await desk.records.put(approval_draft(approval, entry, expected=expected))


async def get(desk: Desk, program_id: str) -> Record:
    """One program's list. Raise NotFound."""
    record = await desk.records.get(APPROVAL, program_id)
    if record is None:
        works = f"PUT /v1/programs/{program_id}/catalogue does"
        raise NotFound(f"{program_id} has proposed no list of credentials", works=works, code="nothing_set")
    return record


async def find(
    desk: Desk, *, status: CatalogueStatus | None, approved: bool | None, on: date, paging: Paging
) -> list[Record]:
    """Lists that stand so on a day, in the order of their programs, one more than the page holds."""

    def wanted(record: Record) -> bool:
        found = approval_of(record)
        return (status is None or found.status_on(on) == status) and (
            approved is None or found.approved_on(on) == approved
        )

    async def more(after: str | None, limit: int) -> list[Record]:
        return await desk.records.find(APPROVAL, {}, after=after, limit=limit)

    async def keep(records: Sequence[Record]) -> list[Record]:
        return [record for record in records if wanted(record)]

    return await passing(more, keep, paging, place=lambda record: record.id)


async def import_steps(desk: Desk, body: bytes, *, entry: Entry, dry_run: bool) -> ImportReport:
    """Keep the list of every program all of whose rows are right; a program's rows are all there is to say of it.

    Raise Refused, having kept nothing, when the file as a whole cannot be read.
    """
    rows = await asyncio.to_thread(read_csv, body, COLUMNS, optional=OPTIONAL)
    report, of_program = Report(dry_run=dry_run), by_key(rows, "program_id")
    read = {id: one for id, its_rows in of_program.items() if (one := _approval(id, its_rows, report))}
    known = await desk.programs(read.keys()) if read else frozenset()
    today = await desk.today()
    for id, one in read.items():
        try:
            if id not in known:
                raise no_program(id)
            draft = approval_draft(checked(one, today=today), entry)
            report.add(await _kept(desk, draft, dry_run=dry_run), rows=len(of_program[id]))
        except Refused as refusal:
            for row in of_program[id]:
                for wrong in apart(refusal):
                    report.refuse(row.number, wrong.detail, works=wrong.works, code=wrong.code)
    return report.answer()


def _approval(id: str, rows: Sequence[Row], report: Report) -> Approval | None:
    """What the rows of a program say; None, with the reasons in the report, if one of them is wrong."""
    steps: list[StepBody] = []
    for row in rows:
        try:
            said = {name: row.cells[name] for name in (*COLUMNS[1:], *OPTIONAL) if row.cells.get(name)}
            steps.append(StepBody.model_validate(said))
        except ValidationError as error:
            report.refuse_invalid(row, error)
        if not id:
            report.refuse(row.number, "is needed", column="program_id", works="fill in the cell", code="missing")
    return approval_from(id, steps) if all_right(rows, report, kind="program") else None


async def _kept(desk: Desk, draft: Draft, *, dry_run: bool) -> Outcome:
    if dry_run:
        return would(draft, await desk.records.get(APPROVAL, draft.id))
    return (await desk.records.put(draft)).outcome
