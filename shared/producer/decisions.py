"""What is asked row by row, what stands already, and what becomes of each row: the values that rules decide with."""

from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from shared.errors import Problem, Refused

T = TypeVar("T")

# On what of roster's a decision hangs: nothing, whose student it is, or that we do not know who or what is meant.
Doubt = Literal["none", "reach", "unknown"]


@dataclass(frozen=True, slots=True)
class Asked(Generic[T]):
    """One row: the id that its record would have, and the value with the student as the caller named it."""

    id: str
    wanted: T


@dataclass(frozen=True, slots=True)
class Stored(Generic[T]):
    """A value that is in the records, void or not."""

    value: T
    void: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision(Generic[T]):
    """`keep` is what to keep under `id`; `unchanged` says that record `id` already says it.

    `doubt` tells on what, if roster's log has not been read far enough, the decision hangs.
    """

    id: str
    keep: T | None = None
    unchanged: bool = False
    refusal: Refused | None = None
    warnings: tuple[Problem, ...] = ()
    doubt: Doubt = "none"
