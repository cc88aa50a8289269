"""Class enrollments of mapped courses become program enrolments, unless a file of enrolments tells of them itself."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.roster.desk.batch import Batch, Result
from services.roster.enrolments.derived import Span, span_of, take_out
from services.roster.kinds.enrolment import ENROLMENT
from services.roster.kinds.rows import Wanted
from services.roster.oneroster.apply.orgs import located
from services.roster.oneroster.derive.courses import Courses
from services.roster.oneroster.derive.seats import InProgram, in_programs, prefix_of
from services.roster.oneroster.keep.source_rows import SourceRow, SourceRows
from services.roster.oneroster.read.layout import CLASSES, COURSES, ENROLLMENTS
from services.roster.store import Store
from services.roster.values import Enrolment
from shared.records.store import Entry, Record
from shared.roster_copy.merges import Merges

AT_ONCE = 500
OUTCOMES = ("created", "changed", "unchanged")


@dataclass(frozen=True, slots=True)
class Deriving:
    """What is needed to see which program enrolments a source's classes come to."""

    store: Store
    kept: SourceRows
    courses: Courses
    entry: Entry
    today: date

    async def run(self, source: str) -> Mapping[str, int]:
        """Make the enrolments what the source's classes say; the answer counts what came of it.

        Rows of enrolment files win: where one tells of the same student and program at the same
        time, nothing follows from classes. What follows no more, because a course belongs to
        another program now, is void: it never was. What has ended stays, with its end.
        """
        wanted = in_programs(source, await self._seats(source, classes := await self._classes(source)), classes)
        stored = await self._stored(source)
        counts: Counter[str] = Counter()
        standing: set[str] = set()
        for start in range(0, len(wanted), AT_ONCE):
            rows = await self._rows(source, wanted[start : start + AT_ONCE], stored)
            batch = Batch(self.store, self.entry, self.today)
            for row, result in zip(rows, await batch.save(ENROLMENT, rows), strict=True):
                standing.add(row.id)
                counts[result.outcome if isinstance(result, Result) else "refused"] += 1
        over = [record for record in stored.values() if record.id not in standing and not record.void]
        if over:
            counts["void"] += await take_out(self.store, over, self.entry.by, "it follows from no class any more")
        return counts

    async def _classes(self, source: str) -> dict[str, tuple[str, str]]:
        """The classes of mapped courses: program and organisation of each."""
        mapped = await self.courses.of(source)
        if not mapped:
            return {}
        programs: dict[str, str] = {}
        async for course in self.kept.every(source, COURSES, ended=True):
            program = mapped.get(("id", course.id)) or mapped.get(("code", course.cells.get("courseCode", "")))
            if program:
                programs[course.id] = program
        classes = [
            each
            async for each in self.kept.every(source, CLASSES, ended=True)
            if each.cells.get("courseSourcedId", "") in programs
        ]
        schools = {each.cells["schoolSourcedId"] for each in classes}
        places = await located(self.store, self.kept, source, schools)
        return {
            each.id: (programs[each.cells.get("courseSourcedId", "")], places[each.cells["schoolSourcedId"]])
            for each in classes
        }

    async def _seats(self, source: str, classes: Mapping[str, Any]) -> list[SourceRow]:
        where = {"cells.classSourcedId": {"$in": sorted(classes)}}
        return [row async for row in self.kept.every(source, ENROLLMENTS, where, ended=True)] if classes else []

    async def _stored(self, source: str) -> dict[str, Record]:
        prefix = prefix_of(source)
        where = {"_id": {"$gte": f"enrolment/{prefix}", "$lt": f"enrolment/{prefix[:-1]}."}}
        return {record.id: record async for record in self.store.every("enrolment", where, include_void=True)}

    async def _rows(self, source: str, some: Sequence[InProgram], stored: Mapping[str, Record]) -> list[Wanted]:
        names = {each.user: f"{source}:{each.user}" for each in some}
        people = await self.store.people(names.values())
        persons = {name: person.id for person in people for name in person.state["identifiers"]}
        merges = await self.store.merges()
        told = await self._told_elsewhere(source, set(persons.values()), merges)
        rows: list[Wanted] = []
        for each in some:
            person = persons.get(names[each.user])
            if person is None:
                continue
            elsewhere = told.get((merges.survivor(person), each.program), ())
            if any(each.span.meets(span) for span in elsewhere):
                continue
            before = stored.get(each.id)
            body = Enrolment(
                student_id=names[each.user],
                program_id=each.program,
                organisation_id=each.organisation,
                begin=date.fromisoformat(each.span.begin),
                end=date.fromisoformat(each.span.end) if each.span.end else None,
                # Classes that ended before it say that the student never was one: else their end would be refused.
                concentrator_on=each.span.still_on(before.state["concentrator_on"]) if before else None,
            )
            rows.append(Wanted(id=each.id, body=body))
        return rows

    async def _told_elsewhere(
        self, source: str, persons: set[str], merges: Merges
    ) -> dict[tuple[str, str], list[Span]]:
        """What enrolments that do not follow from this source's classes say, by student and program."""
        told: dict[tuple[str, str], list[Span]] = {}
        where = {"state.student_id": {"$in": merges.all_together(persons)}}
        async for record in self.store.every("enrolment", where):
            if not record.id.startswith(prefix_of(source)):
                at = (merges.survivor(record.state["student_id"]), record.state["program_id"])
                told.setdefault(at, []).append(span_of(record))
        return told
