"""The strategic plans as data: each goal's sentence, target, deadline, owner and the readings that rival each other."""

from datetime import date
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, model_validator

Comparison = Literal[">=", ">"]
OwnerRole = Literal["instructor", "coordinator", "counselor", "leader", "data_manager"]


def _exact(text: Any) -> Any:
    """The text of a fraction; a bare YAML number is refused, since 0.9 is not nine tenths in binary."""
    if isinstance(text, float):
        raise ValueError(f'write the number as text, such as "{text}", so that it stays exact')  # noqa: TRY004  pydantic reads no other
    if isinstance(text, str):
        Fraction(text)
    return text


Exact = Annotated[str, BeforeValidator(_exact)]


class _Entry(BaseModel):
    """Frozen, and a misspelt field is refused rather than ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Reading(_Entry):
    """Another way to read the same sentence, always shown beside the headline.

    One that is no rival belongs beside the number too, but is not what the sentence promises:
    it is held to no target, and cannot disagree.
    """

    key: str
    label: str
    differs: str
    rival: bool = True


class Baseline(_Entry):
    """Where the district stood: never compared without its source and the reading that it resembles."""

    reading: str | None
    value: Exact
    as_of: date
    source: str
    note: str = ""

    @property
    def share(self) -> Fraction:
        """The value as the exact number that it is."""
        return Fraction(self.value)


class Goal(_Entry):
    """One sentence of the plan and what it takes to keep it.

    `beside` are readings, of whatever goal, that public reports mix up: shown side by side, each with whom it is of.
    """

    key: str
    title: str
    seed: str
    line: int
    target: Exact | None
    comparison: Comparison = ">="
    deadline: date | None
    owner_role: OwnerRole
    unit: str
    headline: str | None
    readings: tuple[Reading, ...] = ()
    baselines: tuple[Baseline, ...] = ()
    beside: tuple[str, ...] = ()

    @property
    def share(self) -> Fraction | None:
        """The target as the exact number that it is."""
        return Fraction(self.target) if self.target else None

    @property
    def measures(self) -> tuple[str, ...]:
        """The keys of all its readings, headline first; none when nothing counts it yet."""
        return (self.headline, *(reading.key for reading in self.readings)) if self.headline else ()

    def label(self, measure: str) -> str:
        """What a reading is called beside the others."""
        return next((reading.label for reading in self.readings if reading.key == measure), "Headline")

    def promises(self, measure: str) -> bool:
        """Whether a reading is held to the goal's target."""
        return all(reading.rival for reading in self.readings if reading.key == measure)

    def differs(self, measure: str) -> str:
        """In what a rival reading differs from the headline; empty for the headline."""
        return next((reading.differs for reading in self.readings if reading.key == measure), "")

    @model_validator(mode="after")
    def readings_belong_to_it(self) -> Self:
        if self.readings and not self.headline:
            raise ValueError(f"goal {self.key} has rival readings but no headline; name the headline measure")
        keys = self.measures
        if len(set(keys)) != len(keys):
            raise ValueError(f"goal {self.key} names a reading twice")
        for baseline in self.baselines:
            if baseline.reading is not None and baseline.reading not in keys:
                raise ValueError(f"goal {self.key}: baseline of {baseline.reading}, which is none of its readings")
        return self


class Plan(_Entry):
    """One district's plan."""

    key: str
    title: str
    organisation: str
    source: str
    goals: tuple[Goal, ...]

    @property
    def measures(self) -> tuple[str, ...]:
        """Every measure that some goal shows, in the plan's order."""
        return tuple(key for goal in self.goals for key in goal.measures)

    def goal_of(self, measure: str) -> Goal | None:
        """The goal that shows a measure, if any does."""
        return next((goal for goal in self.goals if measure in goal.measures), None)

    @model_validator(mode="after")
    def keys_are_unique(self) -> Self:
        for keys in ([goal.key for goal in self.goals], self.measures):
            if len(set(keys)) != len(keys):
                raise ValueError(f"plan {self.key} names a goal or a reading twice")
        for goal in self.goals:
            if strange := [key for key in goal.beside if key not in self.measures]:
                raise ValueError(f"goal {goal.key} shows {', '.join(strange)} beside it, which no goal reads")
        return self


def read_plan(text: str) -> Plan:
    """A plan from its YAML. Raise pydantic's ValidationError, naming the field, for what cannot be one."""
    return Plan.model_validate(yaml.safe_load(text))


@cache
def plans() -> dict[str, Plan]:
    """Every plan that is kept here, by its key."""
    folder = Path(__file__).parent
    found = [read_plan(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.yaml"))]
    return {plan.key: plan for plan in found}
