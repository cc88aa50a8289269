"""How touchpoints are kept and published: state, natural key, fact; of a breach nothing is told at all."""

from collections.abc import Mapping
from typing import Any

import msgspec

from services.family_touchpoints.terms import TermOf
from services.family_touchpoints.touchpoint.rules import Touchpoint
from shared.contracts import family_touchpoints as contract
from shared.contracts.envelope import Outgoing
from shared.records.record import Draft, Entry, Natural
from shared.roster_copy.students import Filed, hidden_under

TOUCHPOINT = "touchpoint"
FILED = Filed(student="student_id", program="program_id", organisation="organisation_id", by_enrolment=True)
HIDDEN = ("by_liaison", "term_at")  # of a state shown to nobody
ONE_PART = Natural(TOUCHPOINT, ("student_id", "occasion_id"), name="one_part_in_an_occasion")


def touchpoint_draft(
    id: str, one: Touchpoint, entry: Entry, *, expected: int | None = None, void: bool = False
) -> Draft:
    """A touchpoint's wanted next state; `status` and `day` are kept beside its steps, to be looked up by."""
    state = hidden_under(msgspec.to_builtins(one))
    state |= {f"_{name}": state.pop(name) for name in HIDDEN}
    state |= {"status": one.status, "day": one.day.isoformat()}
    subjects = (f"student/{one.student_id}",) if one.told else ()
    return Draft(TOUCHPOINT, id, state, entry, subjects, void=void, expected=expected)


def touchpoint_of(state: Mapping[str, Any]) -> Touchpoint:
    """The touchpoint that a state holds."""
    hidden = {name: state[f"_{name}"] for name in (*HIDDEN, "under") if f"_{name}" in state}
    return msgspec.convert({**state, **hidden}, Touchpoint)


def touchpoint_fact(id: str, one: Touchpoint, term: TermOf, starts: tuple[int, int]) -> Outgoing | None:
    """One student's part, filed under that student; None of what nobody outside is to know of."""
    if not one.told:
        return None
    return f"student/{one.student_id}", contract.Touchpoint(
        touchpoint_id=id,
        student_id=one.student_id,
        occasion_id=one.occasion_id,
        guardian_ids=one.guardian_ids,
        with_student=one.with_student,
        program_id=one.program_id,
        organisation_id=one.organisation_id,
        method=one.method,
        direction=one.direction,
        language=one.language,
        preferred_language=one.preferred_language,
        interpreter=one.interpreter or "none",
        purpose=one.purpose,
        steps=tuple(contract.TouchpointStep(status=step.status, on=step.on) for step in one.steps),
        outcome=one.outcome,
        reached_on=one.reached_on,
        minutes=one.minutes,
        plan_point=one.plan_point,
        counts=one.counts,
        school_year=term.school_year,
        term=term.number,
        school_year_starts="{:02d}-{:02d}".format(*starts),
    )
