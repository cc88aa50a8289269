"""What is done with surveys: a version is kept, a guardian's answers go into the one response of theirs."""

from collections.abc import Callable
from dataclasses import replace

from services.family_touchpoints.contact.reading import families
from services.family_touchpoints.survey.queries import districts_of, first_answer, version_record
from services.family_touchpoints.survey.record import (
    RESPONSE,
    SURVEY,
    response_draft,
    response_key,
    response_of,
    version_draft,
    version_key,
    version_of,
)
from services.family_touchpoints.survey.rules import Questionnaire, Response, answered, published, standing
from shared.errors import Problem, Refused, Retryable, Stale, refused
from shared.producer.answers import Outcome
from shared.producer.desk import Desk
from shared.producer.refusals import no_student
from shared.records.changes import put
from shared.records.record import NOTHING_THERE, Draft, Entry, Record, Saved, was_done
from shared.roster_copy.patience import LACKING, SETTLED, Hangs, Patience
from shared.roster_copy.students import Student, named_under

TRIES = 5
TAKEN = Entry(by="aurora", action="answered", why="somebody has answered it: what it asks stays")
# Whether the student is within reach of whoever asks.
Reaches = Callable[[Student], bool]


async def put_version(desk: Desk, wanted: Questionnaire, *, entry: Entry, expected: int | None) -> Saved:
    """Keep a version of a survey. Raise Refused or Stale.

    Who answers first marks the version before the answer is kept: whichever of the two is written
    first, the other is decided on it.
    """
    for _ in range(TRIES):
        now = await desk.records.get(SURVEY, version_key(wanted.survey_id, wanted.survey_version))
        one = published(
            wanted,
            version_of(now.state) if now else None,
            first_answer=await first_answer(desk, wanted.survey_id, wanted.survey_version),
            today=await desk.today(),
        )
        seen = now.version if now else NOTHING_THERE
        try:
            return await desk.records.put(version_draft(one, entry, expected=seen if expected is None else expected))
        except Stale:
            if expected is not None:
                raise
    raise Retryable("others keep changing this survey; send it again")


async def respond(
    desk: Desk,
    wanted: Response,
    *,
    entry: Entry,
    reaches: Reaches,
    dry_run: bool = False,
    patience: Patience | None = None,
) -> tuple[Outcome, Record | None]:
    """Put what a guardian has answered into the one response of theirs; no record in a dry run.

    A key that was used before changes nothing. Raise NotFound, Refused or Retryable.
    """
    version = await version_record(desk, wanted.survey_id, wanted.survey_version)
    student = await _answers_for(desk, wanted, reaches, patience or Patience())
    named = replace(wanted, student_id=student.id, under=named_under(wanted.student_id))
    (homes,) = await districts_of(desk, [named])
    named = replace(named, homes=homes)
    today = await desk.today()
    one = answered(version_of(version.state), named, today=today)
    id = response_key(one.survey_id, one.survey_version, one.guardian_id)
    if dry_run:
        return _outcome(await desk.records.get(RESPONSE, id), one), None
    one = answered(await taken(desk, version), named, today=today)
    outcome: Outcome = "unchanged"

    def decided(now: Record | None) -> Draft | None:
        nonlocal outcome
        outcome = "unchanged" if now and was_done(entry, now) else _outcome(now, one)
        return None if outcome == "unchanged" else response_draft(standing(_before(now), one), entry)

    record = await put(desk.records, RESPONSE, id, decided)
    return outcome, record


async def taken(desk: Desk, version: Record) -> Questionnaire:
    """The version as it stands once it is marked as one that somebody has answered."""
    if version_of(version.state).taken:
        return version_of(version.state)

    def decided(now: Record | None) -> Draft | None:
        one = version_of((now or version).state)
        return None if one.taken else version_draft(replace(one, taken=True), TAKEN)

    kept = await put(desk.records, SURVEY, version.id, decided)
    return version_of((kept or version).state)


async def _answers_for(desk: Desk, wanted: Response, reaches: Reaches, patience: Patience) -> Student:
    """The student about whom a guardian answers, once roster has had the time to tell of both."""

    async def read() -> Student | Refused:
        student = (await desk.roster.told([wanted.student_id], ())).students.get(wanted.student_id)
        if student is None or not reaches(student):
            return refused(no_student(wanted.student_id))
        family = (await families(desk, [student.id]))[student.id]
        return student if family.tied(wanted.guardian_id) else refused(_no_tie(wanted.guardian_id))

    def hangs(found: Student | Refused) -> Hangs:
        return LACKING if isinstance(found, Refused) else SETTLED

    found = await desk.roster.settled(patience, read, hangs)
    if isinstance(found, Refused):
        raise found
    return found


def _no_tie(guardian_id: str) -> Problem:
    said = f"roster knows no tie of {guardian_id} to this student"
    return Problem("/guardian_id", said, "check both, or add a walk-in", "no_tie")


def _before(now: Record | None) -> Response | None:
    return response_of(now.state) if now and not now.void and not now.gone else None


def _outcome(now: Record | None, one: Response) -> Outcome:
    before = _before(now)
    if before is None:
        return "created"
    return "unchanged" if standing(before, one) == before else "changed"
