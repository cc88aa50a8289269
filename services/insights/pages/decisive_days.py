"""What decided whether somebody is counted is told as days and what happened on them, without ids."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from services.aggregator.domain.measures import Member
from services.insights.numbers.names import Names
from services.insights.numbers.targets import percent
from services.insights.pages.own_page import LEVELS
from shared.contracts.credentials import Assessment, Award, ProgramCatalogue, Verification
from shared.contracts.envelope import Fact
from shared.contracts.family_touchpoints import (
    Attendance,
    Survey,
    SurveyResponse,
    SurveyTally,
    Touchpoint,
    TouchpointPlan,
    Workshop,
)
from shared.contracts.roster import Completion, Enrolment
from shared.words.said import Said, said

STATUS: Mapping[str, Said] = {
    "proposed": said("List of credentials proposed"),
    "approved": said("List of credentials approved"),
    "revised": said("List of credentials revised and approved"),
    "retired": said("List of credentials retired"),
}
PLAN_STATUS: Mapping[str, Said] = {
    "proposed": said("Plan of touch points proposed"),
    "approved": said("Plan of touch points approved"),
    "retired": said("Plan of touch points retired"),
}
TOUCHPOINT_STATUS: Mapping[str, Said] = {
    "planned": said("Planned to reach the family"),
    "missed": said("The family did not come"),
    "not_made": said("Not made"),
    "held": said("Tried to reach the family"),
    "cancelled": said("Cancelled"),
}
WORKSHOP_STATUS: Mapping[str, Said] = {
    "planned": said("Workshop planned"),
    "held": said("Workshop held"),
    "cancelled": said("Workshop cancelled"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened on a day, or (`ahead`) that will."""

    day: date
    words: Said
    ahead: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """What ids are called: programs and places, and credentials by their code."""

    names: Names
    credentials: Mapping[str, str]

    def program(self, id: str) -> str:
        return self.names.label("program", id)

    def campus(self, id: str) -> str:
        return self.names.label("campus", id)

    def credential(self, code: str) -> str:
        return self.credentials.get(code, code)


def steps(member: Member, decided: Iterable[Fact], known: Known, as_of: date) -> list[Step]:
    """The days that decided about a member, in their order, and the last one that could still count."""
    found = [Step(day, words) for fact in decided for day, words in _told(fact, known)]
    if member.matured_day:
        last, closed = member.matured_day - timedelta(days=1), member.is_matured(as_of)
        found.append(Step(last, said("The window closed") if closed else said("The window closes"), ahead=not closed))
    # Of one day what led to something stands before what came of it: the order in which a fact tells them.
    return sorted(dict.fromkeys(found), key=lambda one: one.day)


Telling = Iterator[tuple[date, Said]]


def _told(fact: Fact, known: Known) -> Telling:
    tell = TOLD.get(type(fact))
    return tell(fact, known) if tell else iter(())


def _completion(fact: Completion, known: Known) -> Telling:
    program = known.program(fact.program_id)
    yield fact.started_on, said("Began %(program)s", program=program)
    campus = known.campus(fact.organisation_id)
    yield fact.completed_on, said("Completed %(program)s at %(campus)s", program=program, campus=campus)


def _enrolment(fact: Enrolment, known: Known) -> Telling:
    program, campus = known.program(fact.program_id), known.campus(fact.organisation_id)
    yield fact.begin, said("Began %(program)s at %(campus)s", program=program, campus=campus)
    if fact.concentrator_on:
        yield fact.concentrator_on, said("Became a concentrator in %(program)s", program=program)
    if fact.end:
        yield fact.end, said("Enrolment in %(program)s ended", program=program)


def _award(fact: Award, known: Known) -> Telling:
    title = known.credential(fact.credential_code)
    if fact.taken_on and fact.result == "failed":
        yield fact.taken_on, said("Tried for %(credential)s, not passed", credential=title)
    elif fact.taken_on and fact.result == "in_progress":
        yield fact.taken_on, said("Began on %(credential)s", credential=title)
    if fact.awarded_on:
        yield fact.awarded_on, said("Earned %(credential)s", credential=title)
    yield from ((one.verified_on, _looked(one)) for one in fact.verifications)
    if fact.revoked_on:
        yield fact.revoked_on, said("%(credential)s was revoked", credential=title)
    if fact.celebrated_on:
        yield fact.celebrated_on, said("%(credential)s was celebrated", credential=title)


def _looked(one: Verification) -> Said:
    return LEVELS[one.level] if one.outcome == "confirmed" else said("Looked for, and not found")


def _assessment(fact: Assessment, known: Known) -> Telling:
    program = known.program(fact.program_id)
    share = f" ({percent(Fraction(fact.share))})" if fact.share else ""
    # A program's own assessment is not passed or failed; it shows where somebody stands.
    if fact.assessment_kind == "program":
        yield fact.taken_on, said("Sat the assessment of %(program)s%(share)s", program=program, share=share)
    elif fact.passed:
        yield fact.taken_on, said("Passed the assessment of %(program)s%(share)s", program=program, share=share)
    else:
        yield fact.taken_on, said("Did not pass the assessment of %(program)s%(share)s", program=program, share=share)


def _approval(fact: ProgramCatalogue, _: Known) -> Telling:
    yield from ((one.on, STATUS[one.status]) for one in fact.steps)


def _touchpoint(fact: Touchpoint, _: Known) -> Telling:
    yield from ((one.on, TOUCHPOINT_STATUS[one.status]) for one in fact.steps)
    if fact.reached_on:
        yield fact.reached_on, said("Reached")


def _attendance(fact: Attendance, _: Known) -> Telling:
    if fact.held:
        yield fact.held_on, said("Present at a workshop") if fact.status == "present" else said("Not present")


def _workshop(fact: Workshop, _: Known) -> Telling:
    yield fact.held_on, WORKSHOP_STATUS[fact.status]


def _survey(fact: Survey, _: Known) -> Telling:
    yield fact.published_on, said("Version %(number)s of the survey published", number=fact.survey_version)


def _response(fact: SurveyResponse, _: Known) -> Telling:
    yield fact.answered_on, said("Answered all of it") if fact.complete else said("Answered a part of it")


def _tally(fact: SurveyTally, _: Known) -> Telling:
    numbers = {"complete": fact.complete, "partial": fact.partial}
    yield fact.answered_on, said("%(complete)s answered all of it, %(partial)s a part", **numbers)


def _plan(fact: TouchpointPlan, _: Known) -> Telling:
    yield from ((one.on, PLAN_STATUS[one.status]) for one in fact.steps)


TOLD: Mapping[type[Fact], Callable[[Any, Known], Telling]] = {
    Completion: _completion,
    Enrolment: _enrolment,
    Award: _award,
    Assessment: _assessment,
    ProgramCatalogue: _approval,
    Touchpoint: _touchpoint,
    Attendance: _attendance,
    Workshop: _workshop,
    Survey: _survey,
    SurveyResponse: _response,
    SurveyTally: _tally,
    TouchpointPlan: _plan,
}


def credentials_in(decided: Iterable[Fact]) -> set[str]:
    """The codes of the credentials that these facts are about."""
    return {fact.credential_code for fact in decided if isinstance(fact, Award)}
