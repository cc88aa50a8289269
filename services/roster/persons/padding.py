"""Reads whose numbers rows may have meant that have lost their zeros, as far as the caller may be told."""

from collections.abc import Iterable

from services.roster.identity.people import STATE_STUDENT_ID, People
from services.roster.identity.zeros import padded
from services.roster.reach.scope import Scope
from services.roster.store import Store


async def learn_padded(store: Store, people: People, aliases: Iterable[str], scope: Scope | None) -> None:
    """Let the rules see who has one of these numbers with zeros in front, where nobody has the number itself.

    `aliases` are all ids from outside that rows are about to give to somebody.
    """
    named = [one.partition(":") for one in aliases if one not in people.owners]
    names = {each for kind, _, number in named if kind == STATE_STUDENT_ID for each in padded(number)}
    people.padded.clear()
    found = await store.people(names, people.merges) if names else []
    if found and scope is not None and not scope.everything:
        ids = [record.id for record in found]
        seen = await store.among("student", ids, await scope.filter("student", among=ids))
        found = [record for record in found if record.id in seen]
    for record in found:
        people.padded |= {alias: (record.id, record.state) for alias in record.state["identifiers"] if alias in names}
