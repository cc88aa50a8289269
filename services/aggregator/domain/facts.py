"""What is remembered of one subject: of each of its records the highest version, and nothing else."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

import msgspec

from services.aggregator.domain.students.enrolled import years_of
from shared.contracts.catalogue import BY_KIND
from shared.contracts.envelope import Event, Fact
from shared.contracts.family_touchpoints import Touchpoint
from shared.contracts.roster import Enrolment
from shared.school_year import parse_start, school_year_of

F = TypeVar("F", bound=Fact)


@dataclass(frozen=True, slots=True)
class Known:
    """One record as last heard of; `state` is None once it is withdrawn.

    A withdrawn record keeps its version: an older version that comes late must not revive it.
    """

    version: int
    kind: str
    state: Fact | None


@dataclass(frozen=True)
class Subject:
    """Whom or what facts are about, such as `student/7f3`, with its facts by record id.

    `passed_over` is what facts of kinds that this release does not know are found by.
    """

    id: str
    facts: Mapping[str, Known]
    passed_over: tuple[str, ...] = ()

    def learn(self, kind: str, event: Event[Fact]) -> "Subject":
        """The subject after one event; itself when that version, or a higher one, is known."""
        known = self.facts.get(event.record_id)
        if known is not None and known.version >= event.version:
            return self
        known = Known(event.version, kind, event.state)
        return Subject(self.id, {**self.facts, event.record_id: known}, self.passed_over)

    def of(self, fact: type[F]) -> list[tuple[str, F]]:
        """The standing facts of one type, each with its record id, in the order of those ids."""
        return self._standing.get(fact.kind, [])  # type: ignore[return-value]

    @cached_property
    def _standing(self) -> dict[str, list[tuple[str, Fact]]]:
        found: dict[str, list[tuple[str, Fact]]] = {}
        for record_id in sorted(self.facts):
            known = self.facts[record_id]
            if known.state is not None:
                found.setdefault(known.kind, []).append((record_id, known.state))
        return found

    @cached_property
    def worked_out(self) -> dict[Any, Any]:
        """Room for what several measures ask of this very subject, so that it is worked out once."""
        return {}

    @property
    def has(self) -> list[str]:
        """`kind|school year` of every standing fact, for each year it belongs to: members are found by it."""
        standing = {
            f"{kind}|{year}"
            for kind, facts in self._standing.items()
            for _, state in facts
            for year in school_years(state)
        }
        return sorted(standing.union(self.passed_over))


def school_years(state: Fact) -> list[str]:
    """The school years that a fact belongs to: the one that it names, or all that some day of it lies in."""
    if isinstance(state, Enrolment):
        return [year.name for year in years_of(state)]
    if isinstance(state, Touchpoint):
        return _years_of_steps(state)
    named = getattr(state, "school_year", None)
    return [named] if named is not None else []


def _years_of_steps(touchpoint: Touchpoint) -> list[str]:
    """Each step counts on its own day, and what was reached on the day on which it was."""
    days = {step.on for step in touchpoint.steps} | ({touchpoint.reached_on} if touchpoint.reached_on else set())
    starts = parse_start(touchpoint.school_year_starts)
    return sorted({touchpoint.school_year, *(school_year_of(day, starts) for day in days)})


def unknown(subject: str) -> Subject:
    """A subject that nothing has been heard of."""
    return Subject(subject, {})


def fact_document(known: Known) -> dict[str, Any]:
    """One fact as it is stored inside its subject's document."""
    state = None if known.state is None else msgspec.to_builtins(known.state)
    return {"v": known.version, "k": known.kind, "s": state}


def subject_from(document: Mapping[str, Any]) -> Subject:
    """The subject that a stored document holds.

    A kind that this release does not know is passed over: only single facts are ever written
    back, so a newer release finds it untouched.
    """
    passed_over = tuple(one for one in document.get("has", ()) if one.partition("|")[0] not in BY_KIND)
    return Subject(document["_id"], dict(_known(document.get("facts", {}))), passed_over)


def _known(facts: Mapping[str, Any]) -> Iterable[tuple[str, Known]]:
    for record_id, fact in facts.items():
        fact_type = BY_KIND.get(fact["k"])
        if fact_type is not None:
            state = None if fact["s"] is None else msgspec.convert(fact["s"], fact_type)
            yield record_id, Known(int(fact["v"]), fact["k"], state)
