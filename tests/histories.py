"""Made-up histories of a few students over both producers, and the log that carries them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import msgspec
from hypothesis import strategies as st

from shared.contracts import family_touchpoints
from shared.contracts.catalogue import BY_KIND
from shared.contracts.envelope import Event, Message, fact_message, heartbeat_message
from shared.kafka import partition_of
from tests.histories_credentials import approvals, awards, programs, restated
from tests.histories_families import (
    attendances,
    contact_years,
    guardians,
    plans,
    responses,
    surveys,
    tallies,
    touchpoints,
    workshops,
)
from tests.history_days import CAMPUSES, COMPLETIONS, DAY, FLAG, MAYBE_DAY, PROGRAMS, STARTS, YEARS, year_of

PARTITION = 3
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def people_of(partition: int, count: int) -> list[str]:
    """Ids of made-up students whose events all lie in one partition."""
    found = (f"made-up-{n}" for n in range(10_000))
    return [person for person in found if partition_of(f"student/{person}".encode()) == partition][:count]


def in_partition(kind: str, count: int) -> list[str]:
    """Ids of made-up programs, guardians, workshops whose events lie in the partition."""
    found = (f"listed-{n}" for n in range(200))
    return [key for key in found if partition_of(f"{kind}/{key}".encode()) == PARTITION][:count]


PEOPLE = people_of(PARTITION, 3)
LISTED = in_partition("program", 2)
GUARDIANS = in_partition("guardian", 2)


@st.composite
def completions(draw: st.DrawFn, person: str) -> dict[str, Any]:
    campus = draw(st.sampled_from(("north", "north", "south", "south", "valley")))
    begin, end = sorted((draw(st.sampled_from(STARTS)), draw(st.sampled_from(COMPLETIONS))))
    return {
        "completion_id": "c",
        "student_id": person,
        "program_id": draw(st.sampled_from(PROGRAMS)),
        "organisation_id": campus,
        "organisation_type": CAMPUSES[campus],
        "started_on": begin,
        "completed_on": end,
        "school_year": year_of(end),
    }


@st.composite
def enrolments(draw: st.DrawFn, person: str) -> dict[str, Any]:
    campus = draw(st.sampled_from(sorted(CAMPUSES)))
    return {
        "enrolment_id": "e",
        "student_id": person,
        "program_id": draw(st.sampled_from(PROGRAMS)),
        "organisation_id": campus,
        "organisation_type": CAMPUSES[campus],
        "begin": draw(DAY),
        "end": draw(MAYBE_DAY),
        "concentrator_on": draw(MAYBE_DAY),
    }


@st.composite
def assessments(draw: st.DrawFn, person: str) -> dict[str, Any]:
    kind = draw(st.sampled_from(("technical_skills", "program", "program")))
    campus = draw(st.sampled_from((None, *CAMPUSES)))
    taken = draw(DAY)
    return {
        "assessment_id": "t",
        "student_id": person,
        "program_id": draw(st.sampled_from(PROGRAMS)),
        "assessment_kind": kind,
        "phase": draw(st.sampled_from(("pre", "pre", "interim", "post", "post"))) if kind == "program" else None,
        "form": "a",
        "attempt": draw(st.sampled_from((1, 1, 2))),
        "scale": draw(st.sampled_from(("percent", "percent", "percent", "points-80"))),
        "taken_on": taken,
        "school_year": year_of(taken),
        "share": draw(st.sampled_from((None, "40/100", "3/5", "60/100", "61/100", "4/5", "4/5"))),
        "minimum_gain": draw(st.sampled_from((None, None, "1/5", "0/1"))),
        "passed": draw(st.booleans()),
        "organisation_id": campus,
        "organisation_type": CAMPUSES[campus] if campus else None,
    }


def students(person: str) -> st.SearchStrategy[dict[str, Any]]:
    homes = st.fixed_dictionaries(
        {
            "school_year": st.sampled_from(YEARS),
            "district_id": st.sampled_from((None, "d1", "d2")),
            "grade_level": st.sampled_from((None, "11", "12")),
        }
    )
    years = st.lists(homes, max_size=3, unique_by=lambda home: home["school_year"])
    opted_out = st.booleans()
    return st.fixed_dictionaries({"student_id": st.just(person), "years": years, "directory_opt_out": opted_out})


def demographics(person: str, year: str) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {
            "student_id": st.just(person),
            "school_year": st.just(year),
            "sex": st.sampled_from(("female", "male", "not_reported")),
            "race_ethnicity": st.sampled_from(("white", "two_or_more", "not_reported")),
            "low_income": FLAG,
            "english_learner": FLAG,
        }
    )


@dataclass(frozen=True)
class Said:
    """One version of one record as one subject hears of it."""

    subject: str
    record: str
    version: int
    state: dict[str, Any] | None

    @property
    def kind(self) -> str:
        return self.record.partition("/")[0]

    @property
    def topic(self) -> str:
        if self.kind in ("award", "assessment", "approval"):
            return "t-credentials"
        return "t-family_touchpoints" if self.kind in OF_FAMILIES else "t-roster"

    def message(self) -> Message:
        fact = BY_KIND[self.kind]
        state = None if self.state is None else msgspec.convert(self.state, fact)
        event = Event(record_id=self.record, version=self.version, state=state)
        return fact_message(fact, event, subject=self.subject, at=NOON)


OF_FAMILIES = tuple(fact.kind for fact in family_touchpoints.FACTS)
RARELY = st.sampled_from((False,) * 6 + (True,))


@st.composite
def record_histories(draw: st.DrawFn, number: int, kinds: Sequence[str], people: Sequence[str]) -> list[Said]:
    """What becomes of one record: corrected, voided, moved to another person and back."""
    person = draw(st.sampled_from(people))
    year = draw(st.sampled_from(YEARS))
    kind = draw(st.sampled_from(kinds))
    record = f"{kind}/r{number}"
    if kind == "student":
        record = f"student/{person}"
    if kind == "demographics":
        record = f"demographics/{person}-{year}"
    told: list[Said] = []
    heard: set[str] = set()
    state: dict[str, Any] | None = None
    for step in range(draw(st.sampled_from((1, 1, 2, 3)))):
        version = (number + 1) * 100 + step
        if kind in ("completion", "award", "enrolment", "touchpoint") and step and draw(RARELY):
            person = draw(st.sampled_from(PEOPLE))
        void = step > 0 and draw(RARELY)
        if kind == "award" and state and not void and draw(st.booleans()):
            state = draw(restated(state | {"student_id": person}))
        else:
            state = None if void else draw(_states(kind, person, year))
        if kind == "enrolment" and state:
            state |= {"enrolment_id": f"r{number}"}
        heard.add(person)
        told += [Said(f"student/{who}", record, version, state if who == person else None) for who in sorted(heard)]
    return told


@st.composite
def program_histories(draw: st.DrawFn) -> list[Said]:
    """A program and what becomes of its list of credentials and its plan, each told in several versions."""
    told: list[Said] = []
    program = draw(st.sampled_from(LISTED))
    for kind, states in (
        ("program", programs(program)),
        ("approval", approvals(program)),
        ("touchpoint_plan", plans(program)),
    ):
        for step in range(draw(st.integers(1, 3))):
            state = None if step and draw(RARELY) else draw(states)
            told.append(Said(f"program/{program}", f"{kind}/{program}", step + 1, state))
    return told


@st.composite
def guardian_histories(draw: st.DrawFn) -> list[Said]:
    """What a guardian did, under two ids that are joined, separated and joined again, and corrected meanwhile."""
    told: list[Said] = []
    for number in range(draw(st.integers(1, 3))):
        kind = draw(st.sampled_from(("attendance", "attendance", "survey_response")))
        logged = draw(st.sampled_from(GUARDIANS))
        state = draw(attendances("child") if kind == "attendance" else responses())
        for step in range(draw(st.integers(1, 3))):
            if step and draw(st.booleans()):
                state = draw(attendances("child") if kind == "attendance" else responses())
            under = GUARDIANS[0] if step % 2 else logged
            gone = step > 0 and draw(RARELY)
            said = state | {"guardian_id": under, "logged_as": logged if under != logged else None}
            for who in GUARDIANS:
                stands = who == under and not gone
                told.append(Said(f"guardian/{who}", f"{kind}/g{number}", step + 1, said if stands else None))
    return told


@st.composite
def occasion_histories(draw: st.DrawFn) -> list[Said]:
    """A workshop that is planned, held or cancelled, and a survey with its versions and tallies."""
    told: list[Said] = []
    kinds = (
        ("workshop", "workshop", workshops()),
        ("survey", "survey", surveys()),
        ("survey", "survey_tally", tallies()),
    )
    for subject, kind, states in kinds:
        for number in range(draw(st.integers(0, 2))):
            for step in range(draw(st.integers(1, 2))):
                state = None if step and draw(RARELY) else draw(states)
                about = f"{subject}/{in_partition(subject, 1)[0]}"
                told.append(Said(about, f"{kind}/o{number}", step + 1, state))
    return told


OTHERS = ("enrolment", "student", "demographics")


FAMILY = {
    "touchpoint": touchpoints,
    "attendance": attendances,
    "contact_year": contact_years,
    "guardian": guardians,
}


def _states(kind: str, person: str, year: str) -> st.SearchStrategy[dict[str, Any]]:
    if kind == "completion":
        return completions(person)
    if kind == "award":
        return awards(person)
    if kind == "assessment":
        return assessments(person)
    if kind == "enrolment":
        return enrolments(person)
    if kind in FAMILY:
        return FAMILY[kind](person)
    return students(person) if kind == "student" else demographics(person, year)


@st.composite
def family_histories(draw: st.DrawFn) -> list[Said]:
    """A student with an enrolment, touched or not, excused or not, with a tie; guardians; a workshop and a survey."""
    kinds = (
        ("enrolment",),
        ("touchpoint",),
        ("touchpoint",),
        ("touchpoint", "attendance", "contact_year"),
        ("guardian",),
    )
    numbered = enumerate(kinds, 20)
    told = [said for number, kind in numbered for said in draw(record_histories(number, kind, PEOPLE[:2]))]
    return told + draw(guardian_histories()) + draw(occasion_histories())


@st.composite
def histories(draw: st.DrawFn, most: int = 5) -> list[Said]:
    """Records of a few people, told in any order, some versions twice.

    One of them surely has a completion and awards to hold against it; else few histories would touch a rule.
    """
    sure = (("completion",), ("award",), ("award",))
    told = [said for number, kinds in enumerate(sure) for said in draw(record_histories(number, kinds, PEOPLE[:1]))]
    for number in range(len(sure), len(sure) + draw(st.integers(0, most))):
        told += draw(record_histories(number, ("completion", "award", "award", *OTHERS), PEOPLE[:2]))
    if draw(st.booleans()):
        told += draw(program_histories())
    if draw(st.booleans()):
        told += draw(family_histories())
    again = draw(st.lists(st.sampled_from(told), max_size=5))
    return draw(st.permutations(told + again))


@dataclass
class LogRecord:
    """A record of the log, with what aiokafka gives of one."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]] = ()
    timestamp: int = 1_760_000_000_000


@dataclass
class Log:
    """One partition number's records, topic by topic."""

    partition: int = PARTITION
    records: list[LogRecord] = field(default_factory=list)

    def put(self, topic: str, message: Message) -> LogRecord:
        offset = sum(record.topic == topic for record in self.records)
        record = LogRecord(topic, self.partition, offset, message.key, message.value, message.headers)
        self.records.append(record)
        return record

    def heartbeat(self, topic: str, through: datetime, number: int = 0) -> LogRecord:
        return self.put(topic, heartbeat_message(topic.removeprefix("t-"), through, number))

    @property
    def ends(self) -> dict[str, int]:
        return {record.topic: record.offset + 1 for record in self.records}


def log_of(told: Sequence[Said]) -> Log:
    log = Log()
    for said in told:
        log.put(said.topic, said.message())
    return log
