"""Links are made for families by staff, who hand them over themselves; a token leads back to what it opens."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from services.family_touchpoints.access import is_liaison
from services.family_touchpoints.contact.reading import families
from services.family_touchpoints.contact.rules import Family
from services.family_touchpoints.link.record import LINK, digest_of, link_draft, link_of, new_token
from services.family_touchpoints.link.rules import GOOD, Link, LinkPurpose, Receiver, may_receive, receiver, receivers
from services.family_touchpoints.survey.queries import version_record
from services.family_touchpoints.survey.record import version_of
from shared.doors.auth import Caller, Identity, Reach, Rows
from shared.errors import NotFound, Refused, refused
from shared.producer.desk import Desk
from shared.producer.refusals import no_student, refuse_void, unknown_program
from shared.records.record import Draft, Entry, Record, Saved
from shared.roster_copy.patience import LACKING, SETTLED, Hangs, Patience
from shared.roster_copy.reach import reaches
from shared.roster_copy.students import Student

STUDENTS_MAX = 2_000
ROSTER_MAY_TELL = ("unknown_student", "no_tie")


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A link with its token, which is given back this once, and by which ways it may be handed over."""

    link: Link
    token: str
    to: Receiver


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What a token opens: the link, the family that it is about, and the guardian as they may be contacted now."""

    link: Link
    family: Family
    to: Receiver


async def make(
    desk: Desk, purpose: LinkPurpose, about: str, *, guardian_id: str, student: str, caller: Caller, entry: Entry
) -> Made:
    """A link for one guardian; the former one for the same ends. Raise Refused, without a reason, or Retryable."""
    today, patience = await desk.today(), Patience()

    async def read() -> Receiver | Refused:
        try:
            (found,) = await _students(desk, [student], caller.reach, pointer="/student_id")
            family = (await families(desk, [found.id]))[found.id]
            return may_receive(family, guardian_id, purpose, today, liaison=is_liaison(caller))
        except Refused as refusal:
            return refusal

    def hangs(found: Receiver | Refused) -> Hangs:
        lacks = isinstance(found, Refused) and found.problems[0].code in ROSTER_MAY_TELL
        return LACKING if lacks else SETTLED

    to = await desk.roster.settled(patience, read, hangs)
    if isinstance(to, Refused):
        raise to
    (made,) = await _made(desk, purpose, about, [to], entry)
    return made


async def make_all(
    desk: Desk,
    purpose: LinkPurpose,
    about: str,
    students: Sequence[str],
    *,
    caller: Caller,
    entry: Entry,
    dry_run: bool,
) -> tuple[list[Made], int, int]:
    """A link for each guardian of these students who may be contacted: the links, how many, how many left out."""
    found = await _students(desk, students, caller.reach, pointer="/students")
    known = await families(desk, [one.id for one in found])
    to, left_out = receivers(known.values(), purpose, await desk.today(), liaison=is_liaison(caller))
    made = [] if dry_run else await _made(desk, purpose, about, to, entry)
    return made, len(to), left_out


async def of_program(desk: Desk, program_id: str, reach: Reach) -> list[str]:
    """The students enrolled in a program today whom the caller reaches. Raise Refused for an unknown program."""
    if program_id not in await desk.programs([program_id]):
        raise refused(unknown_program(program_id))
    taught = Identity("", frozenset(), programs=frozenset({program_id}), campuses=frozenset({"*"}))
    ids = await desk.roster.students_within(Reach(taught, frozenset({Rows.OWN_PROGRAMS}))) or []
    today = await desk.today()
    told = (await desk.roster.told(ids, ())).students
    return sorted(
        {
            one.ids[0]
            for one in told.values()
            if any(each.program_id == program_id and each.covers(today) for each in one.enrolments)
            and reaches(reach, one)
        }
    )


async def end(desk: Desk, id: str, *, caller: Caller, entry: Entry, expected: int | None) -> Saved:
    """Have a link open nothing any more. Raise NotFound or Stale."""

    async def decided(record: Record) -> Draft:
        refuse_void(record)
        return link_draft(link_of(record.state), entry, void=True)

    return await desk.change(LINK, id, caller=caller, entry=entry, expected=expected, decide=decided)


async def opened(desk: Desk, token: str) -> Opened:
    """What a token opens now. Raise NotFound, alike for one unknown, too old, ended, or of somebody closed since."""
    found = await desk.records.collection.find_one({"kind": LINK, "void": False, "state.token": digest_of(token)})
    link = link_of(found["state"]) if found else None
    if link is None or not link.holds(desk.now()):
        raise gone()
    family = (await families(desk, [link.student_id]))[link.student_id]
    to = receiver(family, link.guardian_id, link.purpose, await desk.today(), liaison=True)
    if to is None:
        raise gone()
    return Opened(link=link, family=family, to=to)


def gone() -> NotFound:
    """The one answer about every token that opens nothing."""
    works = "a link works for 14 days, and only the newest one does; ask the school for a new one"
    return NotFound("this link does not work any more", works=works, code="no_link")


async def answerable(desk: Desk, survey_id: str, version: int) -> str:
    """The version as a link names it. Raise NotFound, or Refused for one that no family can answer by itself."""
    record = await version_record(desk, survey_id, version)
    if not version_of(record.state).readable:
        works = "PUT it with its questions in eng or spa, or tell how many answered by POST …/tallies"
        raise Refused("this version has no questions that a page could ask", works=works, code="no_questions")
    return record.id


async def _students(desk: Desk, names: Sequence[str], reach: Reach, *, pointer: str) -> list[Student]:
    """The students of these names, each person once. Raise Refused for one who is unknown or out of reach."""
    told = (await desk.roster.told(names, ())).students
    many = pointer == "/students"
    missing = [
        no_student(name, f"{pointer}/{at}" if many else pointer)
        for at, name in enumerate(names)
        if name not in told or not reaches(reach, told[name])
    ]
    if missing:
        raise refused(*missing)
    return list({told[name].ids[0]: told[name] for name in names}.values())


async def _made(desk: Desk, purpose: LinkPurpose, about: str, to: Collection[Receiver], entry: Entry) -> list[Made]:
    until = desk.now() + GOOD
    made = []
    for one in to:
        token = new_token()
        link = Link(
            purpose=purpose,
            guardian_id=one.guardian_id,
            student_id=one.student_id,
            token=digest_of(token),
            until=until,
            about=about,
        )
        made.append(Made(link=link, token=token, to=one))
    for outcome in await desk.records.put_many([link_draft(one.link, entry) for one in made]):
        if isinstance(outcome, Refused):
            raise outcome
    return made
