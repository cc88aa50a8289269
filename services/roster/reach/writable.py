"""A caller writes only where both the student and every place that the record newly names lie in reach. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from services.roster.identity.people import State
from shared.errors import Forbidden, Problem, Refused

PLACED = ("enrolment", "completion")
ASK = "its district asks for the student with POST /v1/transfers"


@dataclass(frozen=True, slots=True)
class Writable:
    """What one caller may write about.

    `own` are the places of the caller's districts, `shared` those of no district, such as a central campus.
    `let_in` gives, by student out of reach, the own places that the home district has let them into.
    """

    own: frozenset[str] = frozenset()
    shared: frozenset[str] = frozenset()
    students: frozenset[str] = frozenset()
    let_in: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def about(self, kind: str, person: str, places: Iterable[str]) -> bool:
        """Whether a row of this kind that names these places may be about this person."""
        if person in self.students:
            return True
        into = self.let_in.get(person, frozenset())
        return kind in (*PLACED, "student") and bool(into) and into >= set(places)

    def refusal(self, kind: str, name: str, state: State, before: State | None) -> Refused | None:
        """Why this state may not follow `before`, or None; that it is about somebody within reach is known."""
        foreign = sorted(_named_anew(kind, state, before or {}) - self.own - self.shared)
        if foreign:
            detail = f"{kind} {name} names {foreign[0]}, which lies in no district of this token"
            pointer = "/years" if kind == "student" else "/organisation_id"
            problem = Problem(pointer, detail, ASK, "beyond_reach")
            return Forbidden(problem.said, [problem])
        if kind == "student" and before is None and not _schools(state) & self.own:
            return Forbidden(
                f"{kind} {name} would not lie in a district of this token",
                works="name a school of yours in its years",
                code="beyond_reach",
            )
        return None


def _named_anew(kind: str, state: State, before: State) -> set[str]:
    """The places that only one of the two states names."""
    if kind == "student":
        years = [
            {(str(one["school_year"]), one["school_id"]) for one in each.get("years", ())} for each in (state, before)
        ]
        return {str(school) for _, school in years[0] ^ years[1] if school}
    place, was = state.get("organisation_id"), before.get("organisation_id")
    return {str(one) for one in (place, was) if one and place != was}


def _schools(state: State) -> set[str]:
    return {str(year["school_id"]) for year in state["years"] if year["school_id"]}
