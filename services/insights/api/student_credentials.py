"""The API tells a student, and staff, which of the student's credentials count for what, and why."""

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Path
from pydantic import Field

from services.aggregator.domain.measures import Member, Reason
from services.insights.api import answers as answering
from services.insights.api.asked import TheReader
from services.insights.api.schema import Answer, Definition, ReasonAnswer, Seen
from services.insights.numbers.names import Names
from services.insights.numbers.reader import CAMPUS, PROGRAM
from services.insights.numbers.students.open_cohort import HEADLINE
from services.insights.numbers.students.own_credentials import (
    Judged,
    OwnAward,
    OwnCredentials,
    last_day_of,
    own_credentials,
)
from services.insights.numbers.students.student_credentials import student_credentials
from shared.contracts.credentials import Level, Result
from shared.doors.auth import CurrentCaller
from shared.merged_awards import level_of
from shared.words.fields import ID_PATTERN


class OwnYear(Answer):
    """The student's own part in the goal's number: once for each year with a completion."""

    school_year: str
    counts: bool
    last_day: date | None = Field(description="the last day on which an award still counts")
    reason: ReasonAnswer


class OwnProgram(Answer):
    """Whether it counts for one program; dates are null while it is still attended."""

    program: str
    title: str
    campus: str = Field(description="the campus's name")
    state: Literal["completed", "enrolled"]
    school_year: str | None
    completed_on: date | None
    last_day: date | None = Field(description="the last day on which an award still counts")
    counts: bool = Field(description="of a program still attended: whether it would, were it completed today")
    reason: ReasonAnswer


class OwnAwardAnswer(Answer):
    """One credential, or an attempt at one; `programs` says what it alone does for each program."""

    award_id: str
    credential_code: str
    title: str | None = Field(description="null when the catalogue does not have it")
    result: Result
    taken_on: date | None
    awarded_on: date | None
    expires_on: date | None = Field(description="an expiry never changes what counts")
    revoked_on: date | None
    verification_level: Level = Field(description="the strongest that was confirmed; without any, your own word")
    programs: list[OwnProgram]


class OwnCredentialsAnswer(Seen):
    """Everything that the student has; `years` and `programs` judge all awards together, `awards` each by itself."""

    student_id: str
    definition: Definition
    years: list[OwnYear]
    programs: list[OwnProgram]
    awards: list[OwnAwardAnswer]


router = APIRouter(prefix="/v1/students", tags=["numbers"])


@router.get("/me/credentials", responses={403: {"description": "The token names no student"}})
async def read_own_credentials(caller: CurrentCaller, reader: TheReader) -> OwnCredentialsAnswer:
    """Your own credentials: which of them counts for which of your programs as of today, and why or why not."""
    return _answer(await own_credentials(reader, caller))


@router.get("/{id}/credentials", responses={404: {"description": "There is no such student within reach"}})
async def read_student_credentials(
    id: Annotated[str, Path(pattern=ID_PATTERN, examples=["p1"])], caller: CurrentCaller, reader: TheReader
) -> OwnCredentialsAnswer:
    """What of a student counts as of today, for which program and why or why not, as far as the caller reaches."""
    return _answer(await student_credentials(reader, caller.reach, id))


def _answer(found: OwnCredentials) -> OwnCredentialsAnswer:
    return OwnCredentialsAnswer(
        **answering.seen(found.view),
        student_id=found.student,
        definition=answering.definition(HEADLINE),
        years=[_year(one, found.view.as_of) for one in found.headline],
        programs=[_program(one, found.names) for one in found.programs],
        awards=[_award(one, found.names) for one in found.awards],
    )


def _year(member: Member, as_of: date) -> OwnYear:
    return OwnYear(
        school_year=member.school_year,
        counts=member.is_counted(as_of),
        last_day=last_day_of(member),
        reason=_reason(member.why(as_of)),
    )


def _program(one: Judged, names: Names) -> OwnProgram:
    return OwnProgram(
        program=one.program,
        title=names.label(PROGRAM, one.program),
        campus=names.label(CAMPUS, one.campus),
        state="completed" if one.completed_on else "enrolled",
        school_year=one.school_year,
        completed_on=one.completed_on,
        last_day=one.last_day,
        counts=one.counts,
        reason=_reason(one.reason),
    )


def _award(one: OwnAward, names: Names) -> OwnAwardAnswer:
    award = one.award
    return OwnAwardAnswer(
        award_id=award.award_id,
        credential_code=award.credential_code,
        title=one.title,
        result=award.result,
        taken_on=award.taken_on,
        awarded_on=award.awarded_on,
        expires_on=award.expires_on,
        revoked_on=award.revoked_on,
        verification_level=level_of(award),
        programs=[_program(each, names) for each in one.programs],
    )


def _reason(why: Reason) -> ReasonAnswer:
    return ReasonAnswer(code=why.code, words=why.words)
