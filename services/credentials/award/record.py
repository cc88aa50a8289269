"""How an award is kept and published: its state, natural keys, indexes and fact."""

from collections.abc import Mapping
from typing import Any

import msgspec

from services.credentials.award.celebrations import first_day
from services.credentials.award.rules import Award
from services.credentials.catalogue_entry.rules import Credential
from shared.contracts import credentials as contract
from shared.contracts.envelope import Outgoing
from shared.records.record import Draft, Entry, Natural
from shared.roster_copy.students import hidden_under
from shared.school_year import school_year_of

AWARD = "award"
ONE_ATTEMPT = Natural(
    AWARD,
    ("student_id", "credential_code", "day", "result"),
    name="one_award_an_attempt",
    maybe=("attempt",),
    instead_of="one_award_a_day",
)
ONE_RENEWAL = Natural(AWARD, ("renews",), name="one_renewal", when={"state.renews": {"$type": "string"}})
# An award is either void or renewed: whichever is written first, the database refuses the other.
LINK = "_link"
ONE_LINK = Natural(AWARD, (LINK,), name="void_or_renewed", when={f"state.{LINK}": {"$type": "string"}}, void_too=True)
# What is not written into a state: so is what older states lack.
USUAL = {"attempt": 1, "program_named": True}
INDEXES = (
    ("state.student_id", "state.credential_code"),
    ("state.program_id",),
    ("state.credential_code", "state.day"),
    ("state.batch_id",),
    ("state.license_number",),
    ("state.awarded_on", "_id"),
    ("state.expires_on", "_id"),
    ("state._under",),
)


def award_draft(id: str, award: Award, entry: Entry, *, expected: int | None = None, void: bool = False) -> Draft:
    """An award's wanted next state; its link is the award that it renews, of a void one itself."""
    subjects, link = (f"student/{award.student_id}",), id if void else award.renews
    state = state_of(award) | ({LINK: link} if link else {})
    return Draft(AWARD, id, state, entry, subjects, void=void, expected=expected)


def state_of(award: Award) -> dict[str, Any]:
    """An award as it is kept; `day` stands for the natural key."""
    state = {**msgspec.to_builtins(award), "day": award.day.isoformat()}
    for name, usual in USUAL.items():
        if state[name] == usual:
            del state[name]
    return hidden_under(state)


def award_of(state: Mapping[str, Any]) -> Award:
    """The award that a state holds."""
    return msgspec.convert({**state, "under": state.get("_under")}, Award)


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
