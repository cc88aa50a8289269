"""An enrolment that follows from classes gives way when somebody tells of the same time in a row of its own."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.roster.enrolments.starts import followed, touched
from services.roster.kinds.table import subject_of
from services.roster.store import Store
from shared.errors import Conflict, Refused, Stale
from shared.records.store import Draft, Entry, Record

DERIVED = re.compile(r"oneroster-[0-9a-f]{8}-[0-9a-f]{32}")
RANGE = {"$gt": "enrolment/oneroster-", "$lt": "enrolment/oneroster."}
TOLD = "a row of its own tells of this enrolment"


@dataclass(frozen=True, slots=True)
class Span:
    """From one day to another, both included; an empty end is open."""

    begin: str
    end: str

    def meets(self, other: "Span") -> bool:
        return not (self.end and self.end < other.begin) and not (other.end and other.end < self.begin)

    def still_on(self, day: str | None) -> str | None:
        """The day, unless it lies after the end."""
        return None if day is None or (self.end and self.end < day) else day


def is_derived(record_id: str) -> bool:
    """Whether an enrolment's id says that it follows from classes."""
    return DERIVED.fullmatch(record_id) is not None


def span_of(record: Record) -> Span:
    """The days of an enrolment."""
    return Span(record.state["begin"], record.state["end"] or "")


async def give_way(store: Store, by: str, told: Iterable[Record]) -> int:
    """Void what followed from classes where one of these enrolments tells of the same student, program and time.

    The rows are written before. A crash in between is made good by the same rows again, and by
    the source's next import.
    """
    rows = [record for record in told if not is_derived(record.id)]
    if not rows:
        return 0
    merges = await store.merges()
    spans: dict[tuple[str, str], list[Span]] = {}
    for row in rows:
        at = (merges.survivor(row.state["student_id"]), row.state["program_id"])
        spans.setdefault(at, []).append(span_of(row))
    people = sorted(merges.all_together({student for student, _ in spans}))
    where = {"state.student_id": {"$in": people}, "_id": RANGE}
    giving = [
        record
        async for record in store.every("enrolment", where)
        if is_derived(record.id)
        and any(
            span_of(record).meets(span)
            for span in spans.get((merges.survivor(record.state["student_id"]), record.state["program_id"]), ())
        )
    ]
    return await take_out(store, giving, by, TOLD)


async def take_out(store: Store, records: Sequence[Record], by: str, why: str) -> int:
    """Void enrolments that followed from classes; the answer is how many. One that somebody changes just now stays."""
    drafts = [
        Draft(
            kind="enrolment",
            id=record.id,
            state=record.state,
            entry=Entry(by=by, action="void", why=why),
            subjects=(subject_of("enrolment", record.id, record.state),),
            void=True,
            expected=record.version,
        )
        for record in records
    ]
    begins = {begin for record in records if not record.void for begin in touched(record.state, None)}
    async with followed(store, begins):
        outcomes = await store.records.put_many(drafts) if drafts else []
    for outcome in outcomes:
        if isinstance(outcome, Refused) and not isinstance(outcome, Conflict | Stale):
            raise outcome
    return sum(not isinstance(outcome, Refused) for outcome in outcomes)
