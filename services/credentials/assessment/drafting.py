"""From what callers send about assessments to what the rules decide on."""

from collections.abc import Iterator, Mapping
from typing import Any

from services.credentials.assessment.bodies import AssessmentBatch, AssessmentBody, AssessmentChange, CutsBody
from services.credentials.assessment.cuts import Cuts, DatedCut
from services.credentials.assessment.rules import Assessment


def assessment_from(body: AssessmentBody) -> Assessment:
    """The assessment that is asked for, its student still as the caller named it."""
    return Assessment(**dict(body))


def batch_assessments(body: AssessmentBatch, batch_id: str) -> Iterator[Assessment]:
    """The assessments of a class list, row by row."""
    common = {name: value for name, value in dict(body).items() if name not in ("rows", "operational_items")}
    for row in body.rows:
        own = dict(row)
        if row.correct is not None and row.operational_items is None:
            own["operational_items"] = body.operational_items
        yield Assessment(**common, **own, batch_id=batch_id)


def changes_from(body: AssessmentChange) -> Mapping[str, Any]:
    """Only what was sent."""
    return {name: getattr(body, name) for name in body.model_fields_set - {"reason"}}


def cuts_from(program_id: str, body: CutsBody) -> Cuts:
    """The cuts that are asked for."""
    return Cuts(program_id=program_id, cuts=tuple(DatedCut(**dict(one)) for one in body.cuts))
