"""Of several sources that know a person, the first that told of them and still has them is believed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from services.roster.identity.people import State, separate_route
from services.roster.identity.weighing import against, told_by
from services.roster.oneroster.keep.source_rows import SourceRow, SourceRows
from services.roster.oneroster.read.findings import Finding
from services.roster.oneroster.read.layout import USERS
from services.roster.oneroster.read.users import Seen
from services.roster.store import Store


@dataclass(frozen=True, slots=True)
class Owned:
    """A person whom another source told of first: that source, and the person as it stands."""

    by: str
    state: State


async def owned_by_others(store: Store, kept: SourceRows, source: str, rows: Sequence[Seen]) -> dict[str, Owned]:
    """Of these rows, by user, those of persons whose names belong to another source.

    A row that only a number makes the person's, under another given name, is left as it was sent: it is to be weighed.
    """
    own = {one.user: one for one in rows}
    by_name = {name: one.user for one in rows for name in one.names(source)}
    found: dict[str, Owned] = {}
    for person in await store.people(by_name):
        known = {(each["source"], each["sourced_id"]) for each in person.state["sources"]}
        if all(other == source for other, _ in known):
            continue
        since = {other: row for other, row in (await _kept(kept, known)).items() if not row.ended_on or other == source}
        first = min(since, key=lambda other: (since[other].since, other), default=source)
        if first != source:
            users = {
                by_name[name]
                for name in person.state["identifiers"]
                if name in by_name
                and (
                    (source, by_name[name]) in known or not against([told_by(person.state)], [own[by_name[name]].told])
                )
            }
            found |= dict.fromkeys(users, Owned(first, person.state))
    return found


async def _kept(kept: SourceRows, known: set[tuple[str, str]]) -> dict[str, SourceRow]:
    rows: dict[str, SourceRow] = {}
    for source, user in sorted(known):
        row = (await kept.some(source, USERS, [user])).get(user)
        if row is not None:
            rows[source] = row
    return rows


def as_owned(one: Seen, owned: Owned, source: str, school_year: str) -> tuple[Seen, list[Finding]]:
    """The row without what belongs to another source: only what that one leaves open is taken from it."""
    state = owned.state
    year: Mapping[str, str | None] = next(
        (each for each in state["years"] if each["school_year"] == school_year),
        {"school_id": None, "grade_level": None},
    )
    taken = replace(
        one,
        given_name=state["given_name"],
        family_name=state["family_name"],
        preferred_name=state["preferred_name"] or one.preferred_name,
        birth_date=state.get("_birth_date") or one.birth_date,
        said=one.told,
        grade=year["grade_level"] or one.grade,
        home=year["school_id"] or one.home,
    )
    advice = f"correct it in {owned.by}, or here, so that both say the same"
    if against([told_by(state)], [one.told]):
        advice = f"if they are two persons, POST {separate_route(f'{source}:{one.user}')}; else {advice}"
    told = (("givenName", one.given_name, taken.given_name), ("familyName", one.family_name, taken.family_name))
    notes = [
        Finding(
            USERS.file,
            one.row,
            column,
            value,
            f"source {owned.by} told of this person first, under another name; that name stays",
            advice,
            "note",
            code="another_name",
        )
        for column, value, kept in told
        if value != kept
    ]
    return taken, notes
