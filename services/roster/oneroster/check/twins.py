"""Users of one package who are one person are looked at together, or each load would undo the last."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from services.roster.identity.people import STATE_STUDENT_ID, separate_route
from services.roster.identity.weighing import Told, against
from services.roster.oneroster.read.findings import Finding
from services.roster.oneroster.read.layout import USERS
from services.roster.oneroster.read.users import Home, Seen, one_home


@dataclass(slots=True)
class Twins:
    """Which users share a state student id, or are known to be one person already."""

    _first: dict[str, str] = field(default_factory=dict)
    _same: dict[str, str] = field(default_factory=dict)

    def share(self, state_id: str, user: str) -> None:
        """Note a user with a state student id."""
        first = self._first.setdefault(state_id, user)
        if first != user:
            self.join(first, user)

    def know(self, users: Sequence[str], state_id: str | None) -> None:
        """Note who is stored under several users, or under another one than has the state student id here."""
        here = self._first.get(state_id or "")
        for other in [*users[1:], *([here] if here else [])]:
            self.join(users[0], other)

    def join(self, one: str, other: str) -> None:
        """Note that two users are one person."""
        self._same[self._leader(other)] = self._leader(one)

    def groups(self, students: Collection[str]) -> dict[str, str]:
        """For every student who shares a person with another one: which of them stands for all."""
        self._first.clear()
        leaders = {user: self._leader(user) for pair in self._same.items() for user in pair if user in students}
        size = Counter(leaders.values())
        return {user: leader for user, leader in leaders.items() if size[leader] > 1}

    def _leader(self, user: str) -> str:
        while (above := self._same.get(user, user)) != user:
            user = above
        return user


def told_apart(
    rows: Sequence[Seen], source: str, owners: Mapping[str, str], known: Mapping[str, Sequence[Told]]
) -> list[list[Seen]]:
    """The rows by the person that each is about; a row that nothing but a number joins to others must bear their name.

    `owners` gives the person who has an id, `known` what is kept of who that is. A row whose ids
    belong to two persons, or whose number is somebody's of another name, stands alone: it is
    going to be refused, and must not lend its name to anybody.
    """
    stored: dict[str, list[Seen]] = {}
    new: list[Seen] = []
    alone: list[list[Seen]] = []
    for row in rows:
        own, number = owners.get(f"{source}:{row.user}"), owners.get(f"{STATE_STUDENT_ID}:{row.state_id}")
        person = own or number
        if person is None:
            new.append(row)
        elif number not in (None, person) or (own is None and against(known.get(person, ()), [row.told])):
            alone.append([row])
        else:
            stored.setdefault(person, []).append(row)
    parts = list(stored.values())
    for row in new:
        part = next((each for each in parts if not any(against([one.told], [row.told]) for one in each)), None)
        if part is None:
            parts.append([row])
        else:
            part.append(row)
    return [*(sorted(part, key=lambda row: row.row) for part in parts), *alone]


def made_one(rows: Sequence[Seen], homes: Mapping[str, Home], source: str) -> tuple[list[Seen], list[Finding]]:
    """The rows of one person, saying the same: the first row's names and grade, and one home school.

    What they do not agree on is noted. Otherwise the order of rows would decide, and each load
    would change the person back and forth.
    """
    first = rows[0]
    by_id = {home.id: home for home in homes.values()}
    home, doubt = one_home([by_id[one.home] for one in rows if one.home in by_id])
    grade = next((one.grade for one in rows if one.grade), None)
    preferred = next((one.preferred_name for one in rows if one.preferred_name), None)
    born = next((one.birth_date for one in rows if one.birth_date), None)
    person = replace(first, preferred_name=preferred, grade=grade, home=home, birth_date=born)
    same = [replace(person, row=one.row, user=one.user, state_id=one.state_id, said=one.told) for one in rows]
    return same, [*_disagreements(first, rows[1:], source), *_homeless(doubt, rows)]


def _disagreements(first: Seen, others: Iterable[Seen], source: str) -> Iterable[Finding]:
    for one in others:
        name = ("givenName", one.given_name) if against([first.told], [one.told]) else ("familyName", one.family_name)
        if name[0] == "givenName" or one.family_name != first.family_name:
            problem = f"row {first.row} is the same person here, under another name; that name was taken"
            advice = "correct the name, or the identifier if they are two persons"
            if name[0] == "givenName":
                advice = (
                    f"if they are two persons, POST {separate_route(f'{source}:{one.user}')}; else correct the name"
                )
            yield Finding(USERS.file, one.row, *name, problem, advice, "note", code="another_name")


def _homeless(doubt: str, rows: Sequence[Seen]) -> Iterable[Finding]:
    if doubt and any(one.home for one in rows):
        advice = "give the same primaryOrgSourcedId on each of the person's rows"
        for one in rows:
            problem = f"{doubt} (rows {', '.join(str(each.row) for each in rows)} are one person)"
            home = one.home or ""
            yield Finding(
                USERS.file, one.row, "primaryOrgSourcedId", home, problem, advice, "note", code="no_home_school"
            )
