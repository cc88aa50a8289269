"""What a kind of records is, as data: what tells two apart, what they are filed under, what is published of them."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shared.contracts.envelope import Outgoing
from shared.records.record import Natural, Record
from shared.roster_copy.students import Filed

# The facts of some records of one kind, by record key, by what the desk's database says now.
Facts = Callable[[Any, Sequence[Record]], Awaitable[Mapping[str, Sequence[Outgoing]]]]
NOWHERE = Filed()


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of records: what tells two apart, what they are filed under, and what is published of them.

    `filed` names the fields of its state by which reach and merges go. `facts` None: nothing is
    published of it, and its drafts name no subjects. `school_year`: its facts say one, and follow
    the calendar.
    """

    name: str
    naturals: tuple[Natural, ...] = ()
    indexes: tuple[tuple[str, ...], ...] = ()
    filed: Filed = NOWHERE
    facts: Facts | None = None
    school_year: bool = False


def each(fact: Callable[[Record], Outgoing | None]) -> Facts:
    """The facts of a kind of which a record says all by itself; None: nothing is told of that record."""

    async def facts(_: Any, records: Sequence[Record]) -> Mapping[str, Sequence[Outgoing]]:
        return {record.key: [told] for record in records if (told := fact(record)) is not None}

    return facts
