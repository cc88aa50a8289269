"""Each record is published as a fact: its state, with what its references say at that moment."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace

import msgspec

from services.roster.kinds import completion, demographics, enrolment, organisation, outcome, program, student
from services.roster.kinds.described import with_days
from services.roster.kinds.organisation import Organisations
from services.roster.kinds.table import subject_of
from shared.contracts.envelope import Fact, Outgoing
from shared.contracts.roster import Demographics, Guardian
from shared.records.relay import FactsOf
from shared.records.store import Record
from shared.roster_copy.merges import Merges

NEED_ORGANISATIONS = {"student", "enrolment", "completion", "outcome"}


Starts = Callable[[Sequence[Record], Merges], Awaitable[Mapping[str, str]]]


async def _nobody() -> Merges:
    return Merges()


async def _none(_: Sequence[Record], __: Merges) -> Mapping[str, str]:
    return {}


def facts_of(
    organisations: Callable[[], Awaitable[Sequence[Record]]],
    merges: Callable[[], Awaitable[Merges]] = _nobody,
    starts: Starts = _none,
) -> FactsOf:
    """The facts of many records, by their keys; a void record has none, and so is withdrawn.

    A merged person's are told to the survivor's subject. `starts` gives those that completions take from enrolments.
    """

    async def resolved(records: Sequence[Record]) -> Mapping[str, Sequence[Outgoing]]:
        needed = any(record.kind in NEED_ORGANISATIONS for record in records)
        now = Organisations.of(await organisations() if needed else ())
        merged = await merges() if any(_of_person(record) for record in records) else Merges()
        begun = await starts([record for record in records if record.kind == "completion" and not record.void], merged)
        return {
            record.key: _outgoing(_begun(record, begun), now, merged)
            for record in records
            if not record.void and record.kind in FACT
        }

    return resolved


def _begun(record: Record, begun: Mapping[str, str]) -> Record:
    """A completion with the start that its student's enrolments give, where it says none itself."""
    return replace(record, state={**record.state, "started_on": begun[record.key]}) if record.key in begun else record


def _of_person(record: Record) -> bool:
    return record.kind == "student" or "student_id" in record.state


def _outgoing(record: Record, now: Organisations, merges: Merges) -> list[Outgoing]:
    if not _of_person(record):
        return [(subject_of(record.kind, record.id, record.state), FACT[record.kind](record, now))]
    logged = str(record.state.get("student_id", record.id))
    survivor = merges.survivor(logged)
    if record.kind == "student":
        return _told_of(record, now, survivor)
    fact = FACT[record.kind](replace(record, state={**record.state, "student_id": survivor}), now)
    if isinstance(fact, Demographics) and survivor != logged:
        fact = msgspec.structs.replace(fact, logged_as=logged)
    return [(f"student/{survivor}", fact)]


def _told_of(record: Record, now: Organisations, survivor: str) -> list[Outgoing]:
    """A person's own record; a merged one says who it is now, and to the survivor's subject what it adds."""
    own = student.fact_of(record, now)
    if survivor == record.id:
        return [(f"student/{record.id}", own)]
    return [
        (f"student/{record.id}", msgspec.structs.replace(own, merged_into=survivor)),
        (f"student/{survivor}", msgspec.structs.replace(own, student_id=survivor, logged_as=record.id)),
    ]


def _guardian(record: Record, now: Organisations) -> Fact:
    del now
    told = ("student_id", "guardian_id", "relation", "begin", "end", "preferred_language")
    state = {name: record.state.get(name) for name in told}
    return Guardian(tie_id=record.id, **with_days(state, "begin", "end"))


FACT: Mapping[str, Callable[[Record, Organisations], Fact]] = {
    "student": student.fact_of,
    "demographics": demographics.fact_of,
    "organisation": organisation.fact_of,
    "program": program.fact_of,
    "enrolment": enrolment.fact_of,
    "completion": completion.fact_of,
    "outcome": outcome.fact_of,
    "guardian": _guardian,
}
