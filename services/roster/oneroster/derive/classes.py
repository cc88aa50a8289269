"""The classes of a student or a teacher are told as their sources last sent them."""

from collections.abc import Iterable
from typing import Any

from services.roster.oneroster.apply.orgs import located
from services.roster.oneroster.derive.courses import Courses
from services.roster.oneroster.keep.source_rows import SourceRow, SourceRows
from services.roster.oneroster.read.layout import CLASSES, COURSES, ENROLLMENTS
from services.roster.store import Store


async def classes_of(
    store: Store, kept: SourceRows, courses: Courses, users: Iterable[tuple[str, str]]
) -> list[dict[str, Any]]:
    """Every seat of these users, each a source and a sourcedId: the class, what they are in it, and when."""
    found: list[dict[str, Any]] = []
    for source, user in users:
        seats = await kept.of_users(source, ENROLLMENTS, [user])
        if not seats:
            continue
        classes = await kept.some(source, CLASSES, {seat.cells["classSourcedId"] for seat in seats})
        taught = await kept.some(source, COURSES, {each.cells.get("courseSourcedId", "") for each in classes.values()})
        mapped = await courses.of(source)
        places = await located(store, kept, source, {seat.cells["schoolSourcedId"] for seat in seats})
        for seat in seats:
            of = classes.get(seat.cells["classSourcedId"])
            course = taught.get(of.cells.get("courseSourcedId", "")) if of else None
            program = _program(course, mapped) if course else None
            found.append(
                _shown(source, seat, of, course, program) | {"organisation_id": places[seat.cells["schoolSourcedId"]]}
            )
    return sorted(found, key=lambda each: (each["end"] or "9999", each["begin"] or "", each["class_id"]), reverse=True)


def _program(course: SourceRow, mapped: dict[tuple[str, str], str]) -> str | None:
    return mapped.get(("id", course.id)) or mapped.get(("code", course.cells.get("courseCode", "")))


def _shown(
    source: str, seat: SourceRow, of: SourceRow | None, course: SourceRow | None, program: str | None
) -> dict[str, Any]:
    end = min((day for day in (seat.end, seat.ended_on) if day), default=None)
    return {
        "source": source,
        "class_id": seat.cells["classSourcedId"],
        "title": of.cells.get("title", "") if of else "",
        "course": course.cells.get("title", "") if course else "",
        "program_id": program,
        "role": seat.cells["role"],
        "begin": seat.begin or None,
        "end": end,
    }
