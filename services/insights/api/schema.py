"""These models describe what the API answers with."""

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from services.insights.numbers.targets import Status
from shared.plans import Comparison


class Answer(BaseModel):
    model_config = ConfigDict(frozen=True)


class Part(Answer):
    """Two counts whose quotient is the share; kept as counts, so that it stays exact."""

    numerator: int
    denominator: int


class Definition(Answer):
    """By which rule it was counted."""

    key: str = Field(examples=["W1.headline"])
    version: int | None = Field(description="Null while it is being counted for the first time.")
    title: str


class Spread(Answer):
    """How long something took: the exact median of those measured, and how many are not there yet."""

    unit: str = Field(examples=["days"])
    median: str | None = Field(examples=["12.5"])
    measured: int
    not_yet: int


class Number(Answer):
    """One number with all that is needed to judge it.

    `matured` and `open` are null for a measure without a window, or that no goal shows;
    `people_to_target` for one that no goal has a target for; `spread` for one that is a share or a count.
    """

    numerator: int
    denominator: int
    percent: str = Field(description="For people: cut after one decimal, never rounded up.", examples=["87.1 %"])
    matured: Part | None = Field(description="The part whose window has ended.")
    open: int | None = Field(description="Members whose window has not ended.")
    spread: Spread | None = None
    target: str | None = Field(description="An exact fraction, as the plan has it.", examples=["0.90"])
    comparison: Comparison
    status: Status
    status_as_counted: Status = Field(description="The status apart from staleness.")
    people_to_target: int | None
    definition: Definition
    stands_still_because: str = Field(description="Why it has no news while its definition is counted anew; or empty.")
    counted_through: datetime | None = Field(description="All that was written before is counted.")
    seconds_behind: float | None


class ReasonAnswer(Answer):
    code: str = Field(examples=["earned"])
    words: str


class Reading(Number):
    """One way to read a goal's sentence."""

    key: str
    label: str
    differs: str = Field(description="In what it differs from the headline; empty for the headline.")


class Year(Number):
    school_year: str


class GoalAnswer(Answer):
    """A goal; `readings` is empty while nothing counts it yet."""

    key: str
    title: str
    seed: str
    seed_line: int
    target: str | None
    comparison: Comparison
    deadline: date | None
    owner_role: str
    school_year: str = Field(description="The year of the readings: the one asked for, else the goal's newest settled.")
    school_year_because: ReasonAnswer
    readings: list[Reading]
    readings_disagree: bool
    years: list[Year] = Field(description="The headline in every school year.")


class SliceAnswer(Answer):
    dimension: str
    value: str


class WithheldAnswer(Answer):
    """Records of a service that cannot be told: they are counted as they were before `since`."""

    service: str
    records: int
    since: datetime


class Seen(Answer):
    """As of when, of which part, and how fresh."""

    as_of: date
    slice: SliceAnswer
    counted_through: datetime | None
    seconds_behind: float | None
    stale: bool
    stale_because: str
    withheld: list[WithheldAnswer] = Field(description="records that a service could not tell of, and since when")


class Scoreboard(Seen):
    plan: str
    school_year: str = Field(
        description="The one asked for, else the newest in which some goal is settled; each goal names its own."
    )
    goals: list[GoalAnswer]


class RowAnswer(Number):
    value: str
    label: str


class MeasureAnswer(Seen):
    """A measure by the groups of a dimension; each member is in exactly one of them."""

    definition: Definition
    unit: str
    school_year: str
    dimension: str
    rows: list[RowAnswer]


class DecidingFact(Answer):
    record: str = Field(examples=["award/a1"])
    version: int
    kind: str
    state: dict[str, Any]


class MemberAnswer(Answer):
    """One unit behind a number, and why it is counted or not."""

    student_id: str | None = Field(default=None, description="Of a measure whose members are students' own.")
    guardian_id: str | None = Field(default=None, description="Of a measure whose members are guardians' own.")
    program_id: str | None = Field(default=None, description="Of a measure whose members are programs.")
    workshop_id: str | None = Field(default=None, description="Of a measure whose members are workshops.")
    survey_id: str | None = Field(default=None, description="Of a measure whose members are surveys, or their tallies.")
    unit: str
    n: int = Field(description="How many it stands for; more than one of a head count or tally without names.")
    counted: bool
    matured: bool
    cohort_day: date | None
    counted_day: date | None
    matured_day: date | None
    dimensions: dict[str, str]
    reason: ReasonAnswer
    facts: list[DecidingFact]


class Members(Seen):
    definition: Definition
    school_year: str
    dimension: str
    value: str
    items: list[MemberAnswer]
    next: str | None


class BaselineAnswer(Answer):
    reading: str | None
    value: str
    as_of: date
    source: str
    note: str


class Explanation(Answer):
    """A rule in plain words, and the sentence of the plan that it answers."""

    key: str
    version: int
    title: str
    unit: str
    shape: str = Field(
        description="A number of `things`; of `people`, each once a school year; a `ratio` of things; a `cohort`; "
        "what is `in_force` on a day; the median of a `spread`."
    )
    population: str
    rule: str
    window: str
    earlier_days: str = Field(description="what a later fact changes on earlier days; as_of shows what is known now")
    reads: list[str]
    dimensions: list[str]
    goal: str | None
    seed: str | None
    seed_line: int | None
    target: str | None
    comparison: Comparison | None
    deadline: date | None
    differs: str
    baselines: list[BaselineAnswer]
