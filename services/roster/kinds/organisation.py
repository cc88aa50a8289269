"""An organisation is a district, school or campus; the one of type cted sets the calendar. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from services.roster.identity.people import State
from services.roster.kinds.described import Kind
from services.roster.kinds.feeds import kept_organisation
from services.roster.kinds.rows import Known, ToKeep, Wanted, body_of, does_not_exist, refuse_any
from services.roster.kinds.terms import TERMS, told_of
from services.roster.values import Organisation
from shared.contracts import roster as contract
from shared.errors import Conflict, Problem
from shared.records.record import Record
from shared.school_year import DEFAULT_START, parse_start

CTED = "cted"
DISTRICT = "district"


@dataclass(frozen=True, slots=True)
class Organisations:
    """The organisations as they stand; void ones too, since an older record may still name one."""

    states: Mapping[str, State]
    year_starts: tuple[int, int] = DEFAULT_START

    @classmethod
    def of(cls, organisations: Sequence[Record]) -> "Organisations":
        """The organisations, and the calendar that the cted among them sets."""
        starts = [each.state["school_year_starts"] for each in organisations if _sets_calendar(each)]
        return cls({each.id: each.state for each in organisations}, parse_start(starts[0]) if starts else DEFAULT_START)


def _sets_calendar(organisation: Record) -> bool:
    state = organisation.state
    return not organisation.void and state["type"] == CTED and state["school_year_starts"] is not None


def decide_organisation(row: Wanted, known: Known) -> ToKeep:
    """Decide an organisation: there is one cted, which sets the calendar, and parents exist and form no circle."""
    body = body_of(row, Organisation)
    state = kept_organisation(row.id, body, known.organisations.get(row.id))
    problems = list(_calendar_problems(body))
    if body.type == CTED and body.parent_id is not None:
        problems.append(Problem("/parent_id", "the cted is the top", "leave parent_id out", "does_not_go_with"))
    elif body.parent_id is not None:
        problems.extend(_parent_problems(row.id, body.parent_id, known))
    refuse_any(problems)
    others = [key for key, state in known.organisations.items() if state["type"] == CTED and key != row.id]
    if body.type == CTED and others:
        works = f"give this organisation another type, or void {others[0]}"
        problem = Problem("/type", f"{others[0]} is the cted, and there is one", works, "taken")
        raise Conflict(problem.said, existing=others[0], problems=[problem])
    return ToKeep(row.id, state)


def _calendar_problems(body: Organisation) -> Iterator[Problem]:
    if body.type != CTED and (body.time_zone or body.school_year_starts):
        said = "only the organisation of type cted sets time_zone and school_year_starts"
        yield Problem("/type", said, "leave both out", "does_not_go_with")
    if body.time_zone is not None and not is_time_zone(body.time_zone):
        yield Problem(
            "/time_zone", f"{body.time_zone} is no time zone", "write one such as America/Phoenix", "not_known"
        )
    if body.school_year_starts is not None:
        try:
            parse_start(body.school_year_starts)
        except ValueError:
            yield Problem(
                "/school_year_starts",
                f"{body.school_year_starts} is no day of every year",
                "write one such as 07-01",
                "not_known",
            )


def is_time_zone(text: str) -> bool:
    """Whether the text names a time zone of the IANA database."""
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _parent_problems(organisation: str, parent: str, known: Known) -> Iterator[Problem]:
    if parent not in known.organisations:
        yield does_not_exist("/parent_id", "organisation", parent)
    elif organisation in (parent, *ancestors(parent, known.organisations)):
        yield Problem(
            "/parent_id", f"{parent} is {organisation} itself or lies under it", "name one above it", "in_a_circle"
        )


def ancestors(organisation: str, organisations: Mapping[str, State]) -> Iterator[str]:
    """Its parent, that one's parent, and so on; a circle, which two writes at once can close, is walked once."""
    seen = {organisation}
    above = organisations.get(organisation, {}).get("parent_id")
    while above is not None and above not in seen:
        seen.add(above)
        yield above
        above = organisations.get(above, {}).get("parent_id")


def district_of(organisation: str | None, organisations: Mapping[str, State]) -> str | None:
    """The district that an organisation is or lies in."""
    if organisation is None:
        return None
    chain = (organisation, *ancestors(organisation, organisations))
    return next((each for each in chain if organisations.get(each, {}).get("type") == DISTRICT), None)


def fact_of(record: Record, organisations: Organisations) -> contract.Organisation:
    del organisations
    told = {name: value for name, value in record.state.items() if not name.startswith("_") and name != TERMS}
    return contract.Organisation(organisation_id=record.id, terms=told_of(record.state), **told)


ORGANISATION = Kind(
    name="organisation",
    plural="organisations",
    body=Organisation,
    decide=decide_organisation,
    filters={"type": "state.type", "parent_id": "state.parent_id"},
    names={"parent_id": "organisation"},
    named_by=(
        ("organisation", "state.parent_id"),
        ("student", "state.years.school_id"),
        ("enrolment", "state.organisation_id"),
        ("completion", "state.organisation_id"),
    ),
)
