"""Which facts roster publishes: each record's state, with what its references say at that moment."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import msgspec

from services.roster.grades import grade_of
from services.roster.identity.people import State
from services.roster.kinds.rules import CTED, district_of
from services.roster.kinds.table import subject_of
from shared.contracts.envelope import Fact
from shared.contracts.roster import (
    Completion,
    Demographics,
    Enrolment,
    Guardian,
    Organisation,
    Outcome,
    Program,
    Student,
    YearAtSchool,
    alias_digest,
)
from shared.records.records import Record
from shared.records.relay import FactsOf, Outgoing
from shared.roster_copy.merges import Merges
from shared.school_year import DEFAULT_START, parse_start, school_year_of

NEED_PLACES = {"student", "enrolment", "completion", "outcome"}


@dataclass(frozen=True, slots=True)
class Places:
    """The organisations as they stand; void ones too, since an older record may still name one."""

    states: Mapping[str, State]
    year_starts: tuple[int, int] = DEFAULT_START

    @classmethod
    def of(cls, organisations: Sequence[Record]) -> "Places":
        """The places, and the calendar that the cted among them sets."""
        starts = [each.state["school_year_starts"] for each in organisations if _sets_calendar(each)]
        return cls({each.id: each.state for each in organisations}, parse_start(starts[0]) if starts else DEFAULT_START)


def _sets_calendar(organisation: Record) -> bool:
    state = organisation.state
    return not organisation.void and state["type"] == CTED and state["school_year_starts"] is not None


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
        needed = any(record.kind in NEED_PLACES for record in records)
        places = Places.of(await organisations() if needed else ())
        merged = await merges() if any(_of_person(record) for record in records) else Merges()
        begun = await starts([record for record in records if record.kind == "completion" and not record.void], merged)
        return {
            record.key: _outgoing(_begun(record, begun), places, merged)
            for record in records
            if not record.void and record.kind in FACT
        }

    return resolved


def _begun(record: Record, begun: Mapping[str, str]) -> Record:
    """A completion with the start that its student's enrolments give, where it says none itself."""
    return replace(record, state={**record.state, "started_on": begun[record.key]}) if record.key in begun else record


def _of_person(record: Record) -> bool:
    return record.kind == "student" or "student_id" in record.state


def _outgoing(record: Record, places: Places, merges: Merges) -> list[Outgoing]:
    if not _of_person(record):
        return [(subject_of(record.kind, record.id, record.state), FACT[record.kind](record, places))]
    logged = str(record.state.get("student_id", record.id))
    survivor = merges.survivor(logged)
    if record.kind == "student":
        return _told_of(record, places, survivor)
    fact = FACT[record.kind](replace(record, state={**record.state, "student_id": survivor}), places)
    if isinstance(fact, Demographics) and survivor != logged:
        fact = msgspec.structs.replace(fact, logged_as=logged)
    return [(f"student/{survivor}", fact)]


def _told_of(record: Record, places: Places, survivor: str) -> list[Outgoing]:
    """A person's own record; a merged one says who it is now, and to the survivor's subject what it adds."""
    own = _student(record, places)
    if survivor == record.id:
        return [(f"student/{record.id}", own)]
    return [
        (f"student/{record.id}", msgspec.structs.replace(own, merged_into=survivor)),
        (f"student/{survivor}", msgspec.structs.replace(own, student_id=survivor, logged_as=record.id)),
    ]


def _student(record: Record, places: Places) -> Fact:
    state = record.state
    years = [
        YearAtSchool(
            school_year=year["school_year"],
            school_id=year["school_id"],
            district_id=district_of(year["school_id"], places.states),
            # A record of before the vocabulary says "9": it is told as what it means.
            grade_level=grade_of(year["grade_level"] or ""),
        )
        for year in state["years"]
    ]
    return Student(
        student_id=record.id,
        years=tuple(years),
        alias_digests=tuple(alias_digest(alias) for alias in state["identifiers"]),
        directory_opt_out=state["directory_opt_out"],
    )


def _demographics(record: Record, places: Places) -> Fact:
    del places
    return Demographics(**_with_days(record.state))


def _organisation(record: Record, places: Places) -> Fact:
    del places
    told = {name: value for name, value in record.state.items() if not name.startswith("_")}
    return Organisation(organisation_id=record.id, **told)


def _program(record: Record, places: Places) -> Fact:
    del places
    return Program(program_id=record.id, **_with_days(record.state, "active_from", "active_to"))


def _enrolment(record: Record, places: Places) -> Fact:
    return Enrolment(
        enrolment_id=record.id,
        organisation_type=places.states[record.state["organisation_id"]]["type"],
        school_year_starts="{:02d}-{:02d}".format(*places.year_starts),
        **_with_days(record.state, "begin", "end", "concentrator_on"),
    )


def _completion(record: Record, places: Places) -> Fact:
    known = record.state["started_on"] is not None
    # Until something tells when it was begun, the completion counts, and nothing earned before it does.
    begun = record.state["started_on"] or record.state["completed_on"]
    state = _with_days({**record.state, "started_on": begun}, "completed_on", "started_on")
    return Completion(
        completion_id=record.id,
        start_known=known,
        organisation_type=places.states[state["organisation_id"]]["type"],
        school_year=school_year_of(state["completed_on"], places.year_starts),
        **state,
    )


def _outcome(record: Record, places: Places) -> Fact:
    state = _with_days(record.state, "observed_on")
    year = school_year_of(state["observed_on"], places.year_starts)
    return Outcome(outcome_id=record.id, school_year=year, **state)


def _guardian(record: Record, places: Places) -> Fact:
    del places
    told = ("student_id", "guardian_id", "relation", "begin", "end")
    return Guardian(tie_id=record.id, **_with_days({name: record.state[name] for name in told}, "begin", "end"))


def _with_days(state: State, *names: str) -> dict[str, Any]:
    """The state, with the named days as days: it is kept as JSON has it, in ISO text. Its `_fields` are not told."""
    days = {name: date.fromisoformat(state[name]) for name in names if state[name] is not None}
    return {**{name: value for name, value in state.items() if not name.startswith("_")}, **days}


FACT: Mapping[str, Callable[[Record, Places], Fact]] = {
    "student": _student,
    "demographics": _demographics,
    "organisation": _organisation,
    "program": _program,
    "enrolment": _enrolment,
    "completion": _completion,
    "outcome": _outcome,
    "guardian": _guardian,
}
