"""Which facts credentials publishes: each record's state, with what was in force on its day."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import replace

from services.credentials.assessment.facts import assessment_fact
from services.credentials.assessment.record import ASSESSMENT, assessment_of
from services.credentials.award.celebrations import first_day
from services.credentials.award.record import AWARD, CATALOGUE, Store, award_of, credential_of
from services.credentials.award.rules import Award
from services.credentials.catalogue_entry.rules import Credential
from services.credentials.program_list.record import APPROVAL, approval_fact, approval_of
from shared.contracts import credentials as contract
from shared.contracts.roster import OrganisationType
from shared.records.records import Record
from shared.records.relay import FactsOf, Outgoing
from shared.roster_copy.merges import Merges
from shared.school_year import school_year_of

Persons = Callable[[], Awaitable[Merges]]
YearStarts = Callable[[], Awaitable[tuple[int, int]]]
# Of what type organisations are, by id; one that is not in the answer is not known.
Types = Callable[[Collection[str]], Awaitable[Mapping[str, OrganisationType | None]]]


async def _nobody() -> Merges:
    return Merges()


async def _nowhere(_: Collection[str]) -> Mapping[str, OrganisationType | None]:
    return {}


def facts_of(store: Store, year_starts: YearStarts, merges: Persons = _nobody, types: Types = _nowhere) -> FactsOf:
    """The facts of many records, by their keys; a void record has none, and so is withdrawn.

    A record keeps the student id that it was logged under; who that is now is looked up here.
    """

    async def resolved(records: Sequence[Record]) -> Mapping[str, Sequence[Outgoing]]:
        persons = await merges()
        standing = [_under_survivor(record, persons) for record in records if not record.void]
        awards = {record.key: (record.id, award_of(record.state)) for record in standing if record.kind == AWARD}
        known = await store.credentials({award.credential_code for _, award in awards.values()}) if awards else {}
        starts = await year_starts()
        facts: dict[str, Sequence[Outgoing]] = {
            record.key: [catalogue_fact(credential_of(record))] for record in standing if record.kind == CATALOGUE
        }
        facts |= {record.key: [approval_fact(approval_of(record))] for record in standing if record.kind == APPROVAL}
        for key, (id, award) in awards.items():
            facts[key] = [award_fact(id, award, known[award.credential_code], starts)]
        return facts | await _assessments(store, standing, starts, types)

    return resolved


def _under_survivor(record: Record, persons: Merges) -> Record:
    logged = record.state.get("student_id")
    if logged not in persons.into:
        return record
    return replace(record, state={**record.state, "student_id": persons.survivor(str(logged))})


async def _assessments(
    store: Store, standing: Sequence[Record], starts: tuple[int, int], types: Types
) -> dict[str, Sequence[Outgoing]]:
    found = {record.key: (record.id, assessment_of(record.state)) for record in standing if record.kind == ASSESSMENT}
    cuts = await store.cuts({one.program_id for _, one in found.values()}) if found else {}
    at = {one.organisation_id for _, one in found.values() if one.organisation_id}
    kinds = await types(at) if at else {}
    return {
        key: [assessment_fact(id, one, cuts[one.program_id], starts, kinds.get(one.organisation_id or ""))]
        for key, (id, one) in found.items()
    }


def catalogue_fact(credential: Credential) -> Outgoing:
    """One entry of the catalogue, filed under its code."""
    return f"credential/{credential.code}", contract.Catalogue(
        credential_code=credential.code,
        title=credential.title,
        issuer=credential.issuer,
        type=credential.type,
        ctdl_id=credential.ctdl_id,
        tiers=credential.tiers,
    )


def award_fact(id: str, award: Award, credential: Credential, starts: tuple[int, int]) -> Outgoing:
    """One award, filed under its student; licence number and link stay in the service."""
    return f"student/{award.student_id}", contract.Award(
        award_id=id,
        student_id=award.student_id,
        credential_code=award.credential_code,
        credential_type=credential.type,
        result=award.result,
        school_year=school_year_of(award.day, starts),
        program_id=award.program_id,
        organisation_id=award.organisation_id,
        taken_on=award.taken_on,
        awarded_on=award.awarded_on,
        expires_on=award.expires_on,
        revoked_on=award.revoked_on,
        tiers=credential.tiers_on(award.day),
        verifications=tuple(look.told() for look in award.verifications),
        celebrated_on=first_day(award.celebrations),
        renews=award.renews,
        attempt=award.attempt,
        program_named=award.program_named,
    )
