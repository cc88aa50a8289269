"""These routes take a OneRoster zip, tell how far its import is, and show what is wrong with it."""

import hashlib
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from services.roster.oneroster.run.imports import KEPT_PROBLEMS, SHOWN_PROBLEMS, Imports, ImportStatus
from services.roster.oneroster.run.request import ImportRequest, Upload
from services.roster.oneroster.run.work import Work
from services.roster.values import SOURCE, SchoolYear
from shared.csv.answers import CSV_ANSWER, csv_answer
from shared.csv.rows import CSV_BODY, ImportReport, csv_body
from shared.doors.auth import Caller, CurrentCaller
from shared.errors import Forbidden, Malformed, NotFound, WrongMediaType
from shared.words.forms import form

PATH = "/v1/oneroster/imports"
ZIP_TYPES = ("application/zip", "application/x-zip-compressed")
LISTED = 50
COLUMNS = ("file", "row", "column", "value", "problem", "what_would_work", "effect", "rows", "code")
ZIP_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "OneRoster 1.1, 1.2 or 1.2.1 CSV, bulk or delta, as one zip.",
        "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
    }
}


class Counts(BaseModel):
    """What became of one file's rows; `checked` ones are sound and hold nothing that roster keeps, or keeps yet."""

    read: int
    created: int
    changed: int
    unchanged: int
    ended: int
    refused: int
    checked: int


class Progress(BaseModel):
    """How far it is: checking the rows is the first half, applying them the second. It never goes back."""

    done: int
    total: int


class ImportProblem(BaseModel):
    """One thing that is wrong; `row` as a spreadsheet shows it, null for a whole file.

    A note about many rows of a file is told once: `rows` is how many, `row` the first of them.
    """

    file: str
    row: int | None
    column: str
    value: str
    problem: str
    what_would_work: str
    effect: Literal["stops_all", "refuses_row", "note"]
    rows: int = 1
    code: str = Field(
        default="", description="The kind of trouble, for programs; empty for what was found before there were codes."
    )


class OneRosterImport(BaseModel):
    """An import as it stands."""

    id: str
    status: ImportStatus
    says: str = Field(description="What to know of its end, in words.")
    source: str
    school_year: str
    dry_run: bool
    by: str
    bytes: int
    sha256: str
    begun_at: datetime
    finished_at: datetime | None
    progress: Progress
    counts: dict[str, Counts]
    problems_total: int
    problems: list[ImportProblem] = Field(
        description=f"The first {SHOWN_PROBLEMS}; the first {KEPT_PROBLEMS} are in problems.csv."
    )


class Imported(BaseModel):
    """Imports, the last begun first, without their problems."""

    items: list[OneRosterImport]


class CourseProgram(BaseModel):
    """A course, by its code or its sourcedId, and its program."""

    source: str
    course_code: str
    course_sourced_id: str
    program_id: str


class CoursePrograms(BaseModel):
    """All of them."""

    items: list[CourseProgram]


async def work_of(request: Request) -> Work:
    """The imports at work; made when the service starts."""
    work: Work = request.app.state.oneroster
    return work


TheWork = Annotated[Work, Depends(work_of)]
ImportId = Annotated[
    str,
    Path(pattern=form(r"^[0-9a-f]{16}$", "the id of an import, as its answer gives it"), examples=["0123456789abcdef"]),
]
Source = Annotated[
    str | None,
    Query(pattern=SOURCE, description="Whose ids these are; source.systemCode of the manifest if not given."),
]
Year = Annotated[
    SchoolYear | None,
    Query(description="The year that home schools and grades belong to; else that of the package's sessions."),
]

Confirmed = Annotated[
    int | None,
    Query(ge=0, description="How many people, roles and class enrollments may end; the answer of a waiting import."),
]

routes = APIRouter(tags=["oneroster"])


@routes.post(
    PATH,
    status_code=202,
    response_model=OneRosterImport,
    openapi_extra=ZIP_BODY,
    responses={202: {"headers": {"Location": {"schema": {"type": "string"}}}, "description": "On its way."}},
)
async def import_oneroster(
    request: Request,
    response: Response,
    caller: CurrentCaller,
    work: TheWork,
    source: Source = None,
    school_year: Year = None,
    dry_run: Annotated[bool, Query(description="Say what would come of it, and keep nothing.")] = False,
    confirm_removals: Confirmed = None,
) -> OneRosterImport:
    """Check a roster and apply what is sound; ask at `Location` how far it is.

    A bad row stops no other. When the zip, the manifest or a header is wrong, nothing is
    applied. The same file again changes nothing. What is absent from a whole (bulk) file, or to
    be deleted by one of changes (delta), ends; five rows and more than 5 % only when the number
    is confirmed. A package of which nobody could be taken is refused.
    Once this is answered, the import comes to its end whatever is stopped meanwhile.
    """
    asked = ImportRequest(
        caller,
        source=source or "",
        school_year=school_year or "",
        dry_run=dry_run,
        confirm_removals=confirm_removals,
    )
    id = await work.start(await _upload(request), asked)
    response.headers["Location"] = f"{PATH}/{id}"
    return await _shown(work.imports, await _found(work.imports, id, caller))


@routes.get(PATH)
async def list_oneroster_imports(caller: CurrentCaller, work: TheWork) -> Imported:
    """The last imports, each without its problems."""
    found = await work.imports.latest({} if caller.reach.everything else {"by": caller.sub}, LISTED)
    return Imported(items=[_view(each, []) for each in found])


@routes.get(f"{PATH}/{{id}}")
async def get_oneroster_import(id: ImportId, caller: CurrentCaller, work: TheWork) -> OneRosterImport:
    """How far an import is, what became of every row, and what is wrong."""
    return await _shown(work.imports, await _found(work.imports, id, caller))


@routes.get(
    f"{PATH}/{{id}}/problems.csv",
    response_class=StreamingResponse,
    responses=CSV_ANSWER,
)
async def get_oneroster_import_problems(id: ImportId, caller: CurrentCaller, work: TheWork) -> StreamingResponse:
    """The problems of an import as CSV, the first ten thousand; cells are kept for 90 days."""
    found = await _found(work.imports, id, caller)
    return csv_answer(f"problems-{id}.csv", COLUMNS, work.imports.problems(found))


@routes.post("/v1/course-programs/imports", openapi_extra=CSV_BODY)
async def import_course_programs(
    caller: CurrentCaller,
    work: TheWork,
    body: Annotated[bytes, Depends(csv_body)],
    dry_run: Annotated[bool, Query(description="Say what would come of it, and keep nothing.")] = False,
) -> ImportReport:
    """Say which courses belong to which programs: `source`, one of `course_code` and `course_sourced_id`, `program_id`.

    An empty `program_id`: to none any more. The program enrolments of the source's class
    enrollments follow at once, and with every import.
    """
    if not caller.reach.everything:
        raise Forbidden(
            "courses belong to programs of all districts",
            works="ask a data manager of all of them to send this",
            code="beyond_reach",
        )
    return await work.map_courses(body, caller, dry_run=dry_run)


@routes.get("/v1/course-programs")
async def list_course_programs(caller: CurrentCaller, work: TheWork) -> CoursePrograms:
    """The courses that belong to programs, as they would be sent."""
    del caller  # no row of a person is in it
    return CoursePrograms(items=[CourseProgram.model_validate(each) for each in await work.courses.listed()])


async def _upload(request: Request) -> Upload:
    """The body, on disk. Raise WrongMediaType or Malformed, telling what to send."""
    given = request.headers.get("content-type", "")
    if given.partition(";")[0].strip().lower() not in ZIP_TYPES:
        raise WrongMediaType(f"this route reads application/zip, not {given or 'a body without Content-Type'}")
    size, seen = 0, hashlib.sha256()
    with ExitStack() as until_handed_on:
        file = until_handed_on.enter_context(tempfile.TemporaryFile())
        async for chunk in request.stream():
            size += len(chunk)
            seen.update(chunk)
            file.write(chunk)
        if not size:
            raise Malformed("the body is empty", works="send the zip file itself as the body", code="empty_body")
        until_handed_on.pop_all()  # closed when the import has ended
    return Upload(file, size, seen.hexdigest())


async def _found(imports: Imports, id: str, caller: Caller) -> Mapping[str, Any]:
    """The import. Raise NotFound unless the caller sent it, or reaches everything: its problems quote cells."""
    found = await imports.get(id)
    if found is None or not (caller.reach.everything or found["by"] == caller.sub):
        raise NotFound(f"there is no OneRoster import {id}")
    return found


async def _shown(imports: Imports, found: Mapping[str, Any]) -> OneRosterImport:
    problems = [one async for one in imports.problems(found, limit=SHOWN_PROBLEMS)]
    return _view(found, problems)


def _view(found: Mapping[str, Any], problems: list[Mapping[str, Any]]) -> OneRosterImport:
    return OneRosterImport.model_validate({**found, "id": found["_id"], "problems": problems})
