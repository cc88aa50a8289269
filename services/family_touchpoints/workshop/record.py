"""How a workshop is kept and told: its state, its natural key, and its fact, which has neither title nor room. Pure."""

from collections.abc import Mapping
from typing import Any

import msgspec

from services.family_touchpoints.workshop.rules import Workshop
from shared.contracts import family_touchpoints as contract
from shared.contracts.envelope import Outgoing
from shared.records.record import Draft, Entry, Natural
from shared.school_year import school_year_of

WORKSHOP = "workshop"
# Of two that are held at one place together; what is cancelled takes nobody's hour.
ONE_AT_A_TIME = Natural(
    WORKSHOP,
    ("organisation_ids", "kind", "held_on", "starts_at"),
    name="one_workshop_at_a_time",
    when={"state.status": {"$gt": "cancelled"}},
)
# What an attendance says of its workshop: who changes one of these changes all of that roll.
SAID = (
    "kind",
    "career_related",
    "level",
    "organisation_ids",
    "program_ids",
    "held_on",
    "delivery",
    "status",
)


def workshop_draft(
    id: str, workshop: Workshop, entry: Entry, *, expected: int | None = None, void: bool = False
) -> Draft:
    """A workshop's wanted next state."""
    state = msgspec.to_builtins(workshop)
    return Draft(WORKSHOP, id, state, entry, (f"workshop/{id}",), void=void, expected=expected)


def workshop_of(state: Mapping[str, Any]) -> Workshop:
    """The workshop that a state holds."""
    return msgspec.convert(state, Workshop)


def said_of(state: Mapping[str, Any], *, void: bool) -> dict[str, Any]:
    """What attendances say of the workshop with this state."""
    return {"void": void, **{name: state[name] for name in SAID}}


def workshop_fact(
    id: str, workshop: Workshop, *, districts: tuple[str, ...], named: int, starts: tuple[int, int]
) -> Outgoing:
    """One workshop; `named` are the guardians whom the roll tells of as present."""
    return f"workshop/{id}", contract.Workshop(
        workshop_id=id,
        workshop_type=workshop.kind,
        career_related=workshop.career_related,
        level=workshop.level,
        organisation_ids=workshop.organisation_ids,
        program_ids=workshop.program_ids,
        status=workshop.status,
        held_on=workshop.held_on,
        delivery=workshop.delivery,
        languages=workshop.languages,
        interpreted=workshop.interpreted,
        partner_ids=workshop.partner_ids,
        head_count=workshop.head_count,
        head_count_of=workshop.head_count_of,
        districts=districts,
        unnamed=workshop.unnamed(named),
        school_year=school_year_of(workshop.held_on, starts),
    )
