"""What must hold of what is kept of families, whatever was killed: nothing twice, years worked out, no breach told."""

from collections import Counter
from typing import Any

from tests.faults.evidence import Evidence, heartbeat
from tests.faults.families import BREACH, SERVICE
from tests.faults.poisoning import poisonous
from tests.oracle import final
from tests.oracle_records import districts_of
from tests.oracle_records_families import Event, asked_years, bare, family_events

PRIVATE = ("contact_rule", "consent", "sharing", "guardian_profile")
# What makes a record one: of a call each student's part, of an evening each guardian.
ONE = {"touchpoint": ("student_id", "occasion_id"), "attendance": ("workshop_id", "guardian_id")}


def recorded(evidence: Evidence) -> list[Event]:
    roster = evidence.records["roster"]
    return family_events(evidence.records[SERVICE], roster, districts_of(roster))


def nothing_twice(evidence: Evidence) -> tuple[str, list[str]]:
    """Each student's part of a call, and each guardian of an evening, is one record."""
    found = Counter(
        (one["kind"], *(one["state"][name] for name in ONE[one["kind"]]))
        for one in evidence.records[SERVICE]
        if one["kind"] in ONE and not one["void"]
    )
    return f"{len(found)} records", [f"{' '.join(one)} is kept {n} times" for one, n in found.items() if n > 1]


def years_are_worked_out(evidence: Evidence, told: list[Event]) -> tuple[str, list[str]]:
    """What the log says last of each year of an enrolment is what rules and plans come to; of a year that never
    said anything it says nothing."""
    kinds: dict[str, dict[str, Any]] = {}
    for one in evidence.records[SERVICE]:
        kinds.setdefault(one["kind"], {})[bare(one)] = one
    wrong, excused, asked = [], 0, 0
    logged = {
        (state["enrolment_id"], state["school_year"]): (
            state["excused"],
            [{"method": None} | p for p in state["points"]],
        )
        for records in final(told).values()
        for record, state in records.items()
        if record.startswith("contact_year/")
    }
    for year in asked_years(kinds, evidence.records["roster"]):
        wanted, at = (year["excused"], year["points"]), (year["enrolment_id"], year["school_year"])
        excused, asked = excused + year["excused"], asked + bool(year["points"])
        if logged.pop(at, (False, [])) != wanted:
            wrong.append(f"the year {' '.join(at)} is told otherwise than rules and plans say")
    wrong += [f"the year {' '.join(at)} is of no enrolment" for at in logged]
    return f"{excused} excused, of {asked} something is asked", wrong


def no_breach_is_told(evidence: Evidence) -> tuple[str, list[str]]:
    """Neither what was done against a rule nor the rule, nor who a guardian is, is in any topic."""
    wrong = []
    shut = {one["_id"] for one in evidence.records[SERVICE] if one["kind"] in PRIVATE}
    breaches = {one["_id"] for one in evidence.records[SERVICE] if one["state"].get("breach")}
    for (topic, number), records in evidence.log.items():
        for record in records:
            if heartbeat(record) or poisonous(record):
                continue
            value = record.value or b""
            name = next((each for each in shut | breaches if each.encode() in value), None)
            if name or BREACH.encode() in value or b"Sample Guardian" in value:
                wrong.append(f"{topic}-{number}, offset {record.offset} tells of {name or 'a breach or a guardian'}")
    if not breaches:
        wrong.append("there was no breach of which nothing could be told")
    return f"{len(breaches)} breaches, {len(shut)} private records", wrong
