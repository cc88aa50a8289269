"""A CSV file of responses: a row a guardian and version, without what was answered, only which matters were."""

import asyncio
from typing import Any

from services.family_touchpoints.contact.guardian.bodies import LanguageCode
from services.family_touchpoints.survey.bodies import response_from
from services.family_touchpoints.survey.commands import respond
from services.family_touchpoints.survey.rules import Matter, Response
from shared.csv.imports import RowKept, keep_in_parts
from shared.csv.rows import ImportReport, Report, Row, read_csv
from shared.doors.auth import Caller
from shared.errors import Refused
from shared.producer.desk import Desk
from shared.producer.plain.routes import cells_of
from shared.records.record import Entry
from shared.roster_copy.patience import Patience
from shared.roster_copy.reach import reaches
from shared.words.fields import Body, Day, Id, StudentName


class ResponseRow(Body):
    """One row of the file."""

    survey_id: Id
    survey_version: int
    guardian_id: Id
    student_id: StudentName
    answered_on: Day
    language: LanguageCode
    answered: tuple[Matter, ...]


async def import_responses(desk: Desk, body: bytes, *, caller: Caller, entry: Entry, dry_run: bool) -> ImportReport:
    """Keep every row that may be kept, and say of every other what would work.

    Raise Refused, having kept nothing, when the file as a whole cannot be read; Retryable when a
    row cannot be judged yet: what earlier rows have kept is unchanged when the file comes again.
    """
    rows = await asyncio.to_thread(read_csv, body, [*ResponseRow.model_fields])
    report, patience = Report(dry_run=dry_run), Patience()

    def read(row: Row) -> Response:
        return response_from(ResponseRow.model_validate(cells_of(ResponseRow, row.cells)))

    async def kept(wanted: Response) -> RowKept | Refused:
        try:
            outcome, _ = await respond(
                desk,
                wanted,
                entry=entry,
                reaches=lambda student: reaches(caller.reach, student),
                dry_run=dry_run,
                patience=patience,
            )
        except Refused as refusal:
            return refusal
        return RowKept(outcome)

    async def keep(some: list[Response]) -> list[Any]:
        return [await kept(one) for one in some]

    await keep_in_parts(rows, report, read=read, keep=keep)
    return report.answer()
