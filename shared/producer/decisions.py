"""What is asked row by row, what stands already, and what becomes of each row: the values that rules decide with."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

from shared.errors import Problem, Refused
from shared.producer.refusals import other_body

FIRST_LINE = {"state": 1, "void": 1, "gone": 1, "history": {"$slice": 1}}
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


def stored_of(
    documents: Iterable[Mapping[str, Any]],
    value_of: Callable[[Mapping[str, Any]], T],
    *,
    ids: Collection[str],
    digest: str,
) -> dict[str, Stored[T]]:
    """What documents, read with FIRST_LINE, hold, by id; those that are gone are left out.

    Raise Refused when one of the rows' own `ids` was used under the same key with another body.
    """
    found: dict[str, Stored[T]] = {}
    for document in documents:
        if "gone" in document:
            continue  # what may be kept under its id is said when it is written
        id = document["_id"].partition("/")[2]
        if id in ids and document["history"][0]["digest"] != digest:
            raise other_body()
        found[id] = Stored(value_of(document["state"]), document["void"])
    return found
