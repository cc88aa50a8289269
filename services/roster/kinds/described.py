"""Every kind of record is described to roster in the same terms. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from services.roster.identity.people import State
from services.roster.kinds.rows import Known, ToKeep, Wanted
from shared.words.fields import Body

PLACED = {"student_id": "student", "program_id": "program", "organisation_id": "organisation"}


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of record.

    `names` gives the field that names another record, and that record's kind; `named_by`
    the other way round: what must be gone before a record can be voided. `filters` are the
    questions that a list answers, each with the path of the state that it asks about.
    """

    name: str
    plural: str
    body: type[Body]
    decide: Callable[[Wanted, Known], ToKeep]
    filters: Mapping[str, str]
    names: Mapping[str, str] = field(default_factory=dict)
    named_by: tuple[tuple[str, str], ...] = ()


def with_days(state: State, *names: str) -> dict[str, Any]:
    """The state with the named days, which are kept as ISO text, as days; `_fields` are left out."""
    days = {name: date.fromisoformat(state[name]) for name in names if state[name] is not None}
    return {**{name: value for name, value in state.items() if not name.startswith("_")}, **days}
