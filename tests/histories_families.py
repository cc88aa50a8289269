"""Made-up touchpoints, workshops, surveys and plans, and what becomes of them; guardians joined and separated."""

from typing import Any

from hypothesis import strategies as st

from tests.history_days import DAY, DAYS, PROGRAMS, YEARS, year_of

TERM = st.sampled_from((1, 2))
MAYBE_PROGRAM = st.sampled_from((None, None, *PROGRAMS))
OUTCOMES = ("reached", "reached", "reached", "delivered", "left_message", "no_answer", None)
NEED = st.sampled_from((True, True, False))
ASKS = st.fixed_dictionaries({"child_needs": NEED, "own_needs": NEED, "satisfaction": st.booleans()})
DISTRICTS = st.sampled_from(((), ("d1",), ("d1",), ("d1", "d2")))
LANGUAGES = ("eng", "spa")


@st.composite
def touchpoints(draw: st.DrawFn, person: str) -> dict[str, Any]:
    days = sorted(draw(st.lists(DAY, min_size=1, max_size=3)))
    before = [draw(st.sampled_from(("planned", "missed", "not_made", "held"))) for _ in days[1:]]
    last = draw(st.sampled_from(("held",) * 5 + ("cancelled", "planned")))
    outcome = draw(st.sampled_from(OUTCOMES)) if last == "held" else None
    reached = max(days[-1], draw(DAY)) if outcome == "reached" else None
    guardians = draw(st.sampled_from(((), ("g1",), ("g1", "g9"))))
    return {
        "touchpoint_id": "tp",
        "student_id": person,
        "occasion_id": draw(st.sampled_from(("o1", "o2", "o3", "o4"))),
        "guardian_ids": guardians,
        "with_student": draw(st.booleans()),
        "program_id": draw(MAYBE_PROGRAM),
        "method": draw(st.sampled_from(("Phone", "Text", "Newsletter"))),
        "direction": draw(st.sampled_from(("to_family", "to_family", "from_family"))),
        "language": draw(st.sampled_from(LANGUAGES)),
        "preferred_language": draw(st.sampled_from((None, *LANGUAGES))),
        "interpreter": draw(st.sampled_from(("not_needed", "bilingual_caller", "contracted", "child_or_friend"))),
        "purpose": draw(st.sampled_from(("progress", "praise", "enrolment", "transition"))),
        "steps": [{"status": status, "on": on} for status, on in zip([*before, last], days, strict=True)],
        "outcome": outcome,
        "reached_on": reached,
        "plan_point": draw(st.sampled_from((None, None, "p1"))),
        "counts": draw(st.sampled_from((True, True, True, False))),
        "school_year": year_of(reached or days[-1]),
        "term": draw(TERM),
    }


@st.composite
def guardians(draw: st.DrawFn, person: str) -> dict[str, Any]:
    """A tie of one of the guardians of a student, who may have said which language to use."""
    tie = draw(st.sampled_from(("t1", "t2", "t3")))
    return {
        "tie_id": tie,
        "student_id": person,
        "guardian_id": tie.replace("t", "g"),
        "relation": "parent",
        "begin": draw(st.sampled_from(("2023-08-01", "2024-08-01", "2025-02-01"))),
        "end": draw(st.sampled_from((None, None, "2025-06-01"))),
        "preferred_language": draw(st.sampled_from((None, *LANGUAGES))),
    }


@st.composite
def attendances(draw: st.DrawFn, person: str) -> dict[str, Any]:
    on = draw(DAY)
    return {
        "attendance_id": "at",
        "workshop_id": draw(st.sampled_from(("w1", "w2"))),
        "guardian_id": "g1",
        "student_ids": [person],
        "status": draw(st.sampled_from(("present", "present", "present", "registered", "absent"))),
        "language": draw(st.sampled_from((None, *LANGUAGES))),
        "workshop_type": "presentation",
        "level": "high",
        "delivery": "in_person",
        "held": draw(st.sampled_from((True, True, False))),
        "held_on": on,
        "career_related": draw(NEED),
        "districts": draw(DISTRICTS),
        "program_ids": draw(st.sampled_from(((), (), ("welding",), PROGRAMS))),
        "school_year": year_of(on),
        "term": draw(TERM),
    }


@st.composite
def contact_years(draw: st.DrawFn, person: str) -> dict[str, Any]:
    since, due = sorted((draw(DAY), draw(DAY)))
    point = {"code": "p1", "term": 1, "purpose": "progress", "since": since, "due": due}
    return {
        "contact_year_id": "cy",
        "student_id": person,
        "enrolment_id": draw(st.sampled_from(("r0", "r1", "r3", "r4", "r20", "r20"))),
        "school_year": draw(st.sampled_from(YEARS)),
        "excused": draw(st.booleans()),
        "points": draw(st.sampled_from(([], [point]))),
    }


@st.composite
def workshops(draw: st.DrawFn) -> dict[str, Any]:
    on = draw(DAY)
    return {
        "workshop_id": "w1",
        "workshop_type": draw(st.sampled_from(("presentation", "workshop"))),
        "career_related": draw(NEED),
        "level": draw(st.sampled_from(("high", "high", "middle"))),
        "organisation_ids": draw(st.sampled_from((("north",), ("north", "south")))),
        "status": draw(st.sampled_from(("held", "held", "planned", "cancelled"))),
        "held_on": on,
        "delivery": draw(st.sampled_from(("in_person", "virtual"))),
        "districts": draw(DISTRICTS),
        "unnamed": draw(st.sampled_from((0, 3, 28))),
        "school_year": year_of(on),
    }


@st.composite
def responses(draw: st.DrawFn) -> dict[str, Any]:
    on = draw(DAY)
    return {
        "response_id": "sr",
        "survey_id": "s1",
        "survey_version": draw(st.sampled_from((1, 1, 2))),
        "guardian_id": "g1",
        "answered_on": on,
        "language": draw(st.sampled_from(LANGUAGES)),
        "child_needs": draw(st.booleans()),
        "own_needs": draw(st.booleans()),
        "complete": draw(st.booleans()),
        "asks": draw(ASKS),
        "districts": draw(DISTRICTS),
        "school_year": year_of(on),
    }


@st.composite
def surveys(draw: st.DrawFn) -> dict[str, Any]:
    on = draw(DAY)
    version = draw(st.sampled_from((1, 2)))
    return {
        "survey_id": "s1",
        "survey_version": version,
        "published_on": on,
        "asks": draw(ASKS),
        "school_year": year_of(on),
    }


@st.composite
def tallies(draw: st.DrawFn) -> dict[str, Any]:
    on = draw(DAY)
    return {
        "tally_id": "st",
        "survey_id": "s1",
        "survey_version": 1,
        "answered_on": on,
        "language": draw(st.sampled_from(LANGUAGES)),
        "districts": draw(DISTRICTS),
        "complete": draw(st.sampled_from((0, 1, 9))),
        "partial": draw(st.sampled_from((0, 3))),
        "asks": draw(ASKS),
        "school_year": year_of(on),
    }


def plans(program: str) -> st.SearchStrategy[dict[str, Any]]:
    status = st.sampled_from(("proposed", "approved", "approved", "retired"))
    steps = st.fixed_dictionaries({"status": status, "on": st.sampled_from(DAYS)})
    return st.fixed_dictionaries({"program_id": st.just(program), "steps": st.lists(steps, max_size=4)})
