"""What is published of an assessment: its share, the verdict, and what was in force on its day."""

from services.credentials.assessment.cuts import Cuts, verdict
from services.credentials.assessment.rules import Assessment, written
from shared.contracts import credentials as contract
from shared.contracts.roster import OrganisationType
from shared.records.relay import Outgoing
from shared.school_year import school_year_of


def assessment_fact(
    id: str, one: Assessment, cuts: Cuts, starts: tuple[int, int], organisation_type: OrganisationType | None
) -> Outgoing:
    """One assessment, filed under its student."""
    share, least = one.share(), cuts.gain_on(one.taken_on)
    passed, cut = verdict(one, cuts)
    return f"student/{one.student_id}", contract.Assessment(
        assessment_id=id,
        student_id=one.student_id,
        program_id=one.program_id,
        assessment_kind=one.kind,
        phase=one.phase,
        form=one.form,
        scale=one.scale,
        taken_on=one.taken_on,
        school_year=school_year_of(one.taken_on, starts),
        school_year_starts="{:02d}-{:02d}".format(*starts),
        share=written(share) if share is not None else None,
        cut=written(cut) if cut is not None else None,
        minimum_gain=written(least) if least is not None and one.phase == "post" else None,
        passed=passed,
        organisation_id=one.organisation_id,
        organisation_type=organisation_type,
        attempt=one.attempt,
    )
