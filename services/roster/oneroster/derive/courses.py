"""A data manager says in a small CSV file which program a course belongs to; OneRoster has no word for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pymongo import DeleteOne, ReplaceOne

from services.roster.oneroster.read.cells import ID
from services.roster.sources import Codes, unlike
from services.roster.store import Store
from services.roster.values import SOURCE, SOURCE_TEXT, SOURCED_ID
from shared.csv.rows import ImportReport, Report, Row, iterate_csv
from shared.errors import Problem, refused
from shared.mongo import Database
from shared.words.forms import in_words

MUST, MAY = ("source",), ("course_code", "course_sourced_id", "program_id")
Write = ReplaceOne[dict[str, Any]] | DeleteOne
Course = tuple[str, str]  # `code` or `id`, and which


@dataclass(frozen=True, slots=True)
class CourseTold:
    """One line: a course of a source, and its program; without one, the course belongs to none any more."""

    source: str
    course: Course
    program: str | None

    @property
    def key(self) -> str:
        return f"{self.source}/{'/'.join(self.course)}"


class Courses:
    """The courses of all sources that belong to a program."""

    def __init__(self, database: Database) -> None:
        self._courses = database["course_programs"]

    async def of(self, source: str) -> dict[Course, str]:
        """The program of each course, by its code or its sourcedId."""
        found = self._courses.find({"source": source})
        return {(each["by"], each["course"]): each["program_id"] async for each in found}

    async def listed(self) -> list[Mapping[str, str]]:
        """All of them, as they would be sent."""
        return [
            {
                "source": each["source"],
                "course_code": each["course"] if each["by"] == "code" else "",
                "course_sourced_id": each["course"] if each["by"] == "id" else "",
                "program_id": each["program_id"],
            }
            async for each in self._courses.find({}).sort("_id", 1)
        ]

    async def load(self, body: bytes, store: Store, who: str, *, dry_run: bool) -> tuple[ImportReport, set[str]]:
        """Keep what the file says, row by row; also the sources that it speaks of."""
        report = Report(dry_run=dry_run)
        programs = {record.id async for record in store.every("program", {})}
        before: dict[str, str | None] = {}
        async for each in self._courses.find({}):
            before[each["_id"]] = each["program_id"]
        writes: list[Write] = []
        sources: set[str] = set()
        codes = Codes(store)
        for row in iterate_csv(body, MUST, optional=MAY):
            told = _told(row, programs, report)
            if told is None:
                continue
            if other := await codes.known_as(told.source):
                report.refuse(row.number, **unlike(told.source, other))
                continue
            stood = before.get(told.key)
            report.add("unchanged" if stood == told.program else "created" if stood is None else "changed")
            if stood == told.program:
                continue
            sources.add(told.source)
            before[told.key] = told.program
            writes.append(_write(told, who))
        if writes and not dry_run:
            await self._courses.bulk_write(writes)
        return report.answer(), sources


def _told(row: Row, programs: set[str], report: Report) -> CourseTold | None:
    source, program = row.cells.get("source") or "", row.cells.get("program_id")
    code, id = row.cells.get("course_code"), row.cells.get("course_sourced_id")
    wrong: Problem | None = None
    if not SOURCE_TEXT.fullmatch(source):
        wrong = Problem("/source", "this is no source", f"write {in_words(SOURCE)}, such as north-sis", "not_of_form")
    elif bool(code) == bool(id):
        works = "fill in one of course_code and course_sourced_id"
        wrong = Problem("/course_code", "the row names no one course", works, "names_nobody")
    elif id and not ID.fullmatch(id):
        wrong = Problem(
            "/course_sourced_id", "this can be no sourcedId", f"write {in_words(SOURCED_ID)}", "not_of_form"
        )
    elif program and program not in programs:
        wrong = Problem("/program_id", f"there is no program {program}", "one of GET /v1/programs", "unknown_program")
    if wrong is None:
        return CourseTold(source, ("id", id) if id else ("code", str(code)), program or None)
    report.refuse_as(row, refused(wrong))
    return None
    return None


def _write(told: CourseTold, who: str) -> Write:
    if told.program is None:
        return DeleteOne({"_id": told.key})
    by, course = told.course
    kept = {"source": told.source, "by": by, "course": course, "program_id": told.program, "who": who}
    return ReplaceOne({"_id": told.key}, {**kept, "at": datetime.now(UTC)}, upsert=True)
