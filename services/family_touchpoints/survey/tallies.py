"""How many answered a survey without a name: counted on paper or by another tool, told by day, language and place."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from services.family_touchpoints.survey.bodies import TallyBody, TallyChange
from services.family_touchpoints.survey.commands import taken
from services.family_touchpoints.survey.queries import version_record
from services.family_touchpoints.survey.record import TALLY, Tally, tally_draft, tally_of, version_of
from services.family_touchpoints.survey.rules import when_and_how
from shared.contracts.roster import Organisation
from shared.doors.auth import Caller
from shared.errors import Conflict, Problem, refused
from shared.producer.answers import Outcome
from shared.producer.desk import Desk
from shared.producer.refusals import refuse_void, unknown_organisation
from shared.records.changes import put, put_all
from shared.records.record import Draft, Entry, Record, Saved, was_done
from shared.roster_copy.patience import LACKING, SETTLED, Hangs, Patience
from shared.roster_copy.reach import district_above

MOVED = Entry(by="aurora", action="reference_changed", why="the place lies in another district")


async def tell(
    desk: Desk, survey_id: str, version: int, body: TallyBody, *, caller: Caller, entry: Entry
) -> tuple[Outcome, Record]:
    """Keep a tally; the same again changes nothing. Raise NotFound, Refused, or Conflict beside another one.

    Two stacks of one day are told together: a second number may be a correction or a sum, and only
    whoever sends it knows.
    """
    kept = await version_record(desk, survey_id, version)
    one = Tally(survey_id=survey_id, survey_version=version, **dict(body))
    one = replace(one, district_id=await _district(desk, one))
    _right(one, [*when_and_how(version_of(kept.state), one.answered_on, one.language, await desk.today())])
    _within_reach(one, caller)
    outcome: Outcome = "created"

    def decided(now: Record | None) -> Draft | None:
        nonlocal outcome
        if now and was_done(entry, now):
            outcome = "unchanged"
            return None
        outcome = "created" if now is None or now.void or now.gone or not _repeats(now, one) else "unchanged"
        return tally_draft(one, entry) if outcome == "created" else None

    await taken(desk, kept)
    record = await put(desk.records, TALLY, one.id, decided)
    return outcome, record or await desk.get(TALLY, one.id, caller)


async def set_right(
    desk: Desk, id: str, change: TallyChange, *, caller: Caller, entry: Entry, expected: int | None
) -> Saved:
    """Set the numbers right. Raise NotFound, Stale or Refused."""
    said = {name: number for name, number in dict(change).items() if name != "reason" and number is not None}

    async def decided(record: Record) -> Draft:
        refuse_void(record)
        one = replace(tally_of(record.state), **said)
        _right(one, [])
        return tally_draft(one, entry)

    return await desk.change(TALLY, id, caller=caller, entry=entry, expected=expected, decide=decided)


async def follow_districts(desk: Desk) -> int:
    """Tell anew of what was counted at a place that lies in another district since; how many tallies that are."""
    return await put_all(desk.records, partial(_moved, desk))


async def _moved(desk: Desk) -> list[Draft]:
    places = await desk.roster.organisations()
    counted = {"kind": TALLY, "void": False, "state.organisation_id": {"$ne": None}}
    drafts = []
    async for document in desk.records.collection.find(counted):
        record = Record.of(document)
        one = tally_of(record.state)
        district = district_above(places, one.organisation_id or "")
        if district != one.district_id:
            drafts.append(tally_draft(replace(one, district_id=district), MOVED, expected=record.version))
    return drafts


async def _district(desk: Desk, one: Tally) -> str | None:
    """The district of the place, once roster has had the time to tell of it. Raise Refused or Retryable."""
    if one.organisation_id is None:
        return None

    def hangs(found: Mapping[str, Organisation]) -> Hangs:
        return SETTLED if one.organisation_id in found else LACKING

    known = await desk.roster.settled(Patience(), desk.roster.organisations, hangs)
    if one.organisation_id not in known:
        raise refused(unknown_organisation(one.organisation_id, "/organisation_id"))
    return district_above(known, one.organisation_id)


def _right(one: Tally, problems: list[Problem]) -> None:
    if not one.complete and not one.partial:
        problems.append(Problem("/complete", "nobody answered", "leave such a tally out, or void it", "nobody"))
    if problems:
        raise refused(*problems)


def _within_reach(one: Tally, caller: Caller) -> None:
    if caller.reach.allows(organisation=one.organisation_id, district=one.district_id):
        return
    if one.organisation_id is None:
        said, works = "a tally of no place counts everywhere", "name the organisation_id of one of yours"
    else:
        said, works = "that organisation_id lies beyond your reach", "name one of your own, or ask a data manager"
    raise refused(Problem("/organisation_id", said, works, "beyond_reach"))


def _repeats(before: Record, one: Tally) -> bool:
    """Whether one that stands says the same. Raise Conflict when it has other numbers."""
    other = tally_of(before.state)
    if (other.complete, other.partial) == (one.complete, one.partial):
        return True
    where = f" at {other.organisation_id}" if other.organisation_id else ""
    kept = f"{other.complete} complete and {other.partial} partial"
    said = f"tally {before.id} says {kept} for {other.answered_on} in {other.language}{where}"
    works = f"PATCH /v1/survey-tallies/{before.id} with the right numbers, the sum if these come on top"
    problem = Problem("/complete", said, works, "told_already")
    raise Conflict(problem.said, existing=before.id, problems=[problem])
