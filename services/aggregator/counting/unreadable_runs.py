"""Records that cannot be counted, coming too thick to be accidents: how many in a row, how many of the last hundred."""

import sys
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from types import MappingProxyType
from typing import Any

from services.aggregator.counting.log_record import Record

WINDOW = 100
FACT, PARKED, DEALT_WITH = "f", "p", "d"


@dataclass(frozen=True, slots=True)
class Limits:
    """So many parked in a row, or more than so many of the last hundred, stop a log instead of being parked."""

    in_a_row: int = sys.maxsize
    of_a_hundred: int = WINDOW


@dataclass(frozen=True, slots=True)
class Run:
    """What of one log was parked lately, and nobody has dealt with.

    The latest `length` records were, one after the other with no fact between, from the offset
    `since` on; `dealt_with` of them were replayed or discarded; `first` tells of the first.
    `recent` has a letter for each of the last hundred records, heartbeats not among them, and
    `parked` tells of the parked ones of those: offset, words. All of it is kept in the position, and
    so in the very transaction that parks: it is exact, whoever goes on.
    """

    length: int = 0
    first: str = ""
    since: int = 0
    recent: str = ""
    parked: tuple[tuple[int, str], ...] = ()
    dealt_with: int = 0

    @property
    def in_a_row(self) -> int:
        return self.length - self.dealt_with

    def one_more(self, record: Record, reason: str) -> "Run":
        """The run with this record at its end."""
        told = _told(record, reason)
        parked = (*self.parked, (record.offset, told))
        recent, parked = _slid(self.recent + PARKED, parked)
        if not self.length:
            return Run(1, told, record.offset, recent, parked)
        return replace(self, length=self.length + 1, recent=recent, parked=parked)

    def fact(self) -> "Run | None":
        """With a fact behind it: none is a run any more; None once the last hundred hold no parked one."""
        recent, parked = _slid(self.recent + FACT, self.parked)
        return Run(recent=recent, parked=parked) if parked else None

    def too_many(self, limits: Limits) -> bool:
        """Whether the latest is one too many. Those in a row alone are judged as such."""
        mixed = len(self.parked) > self.in_a_row
        return self.in_a_row >= limits.in_a_row or (mixed and len(self.parked) > limits.of_a_hundred)

    def without(self, closed: Collection[int]) -> "Run | None":
        """What is left when somebody has dealt with those at these offsets; None when that is nothing."""
        left = tuple(one for one in self.parked if one[0] not in closed)
        offsets = (offset for offset, _ in self.parked)
        recent = "".join(
            DEALT_WITH if letter == PARKED and next(offsets) in closed else letter for letter in self.recent
        )
        dealt_with = sum(1 for offset in closed if offset >= self.since)
        if dealt_with >= self.length:
            return Run(recent=recent, parked=left) if left else None
        first = self.first
        if self.since in closed:
            first = next((told for offset, told in left if offset >= self.since), first)
        return Run(self.length, first, self.since, recent, left, dealt_with)

    @property
    def begins(self) -> int:
        """The offset of the first parked record that it speaks of."""
        offsets = [offset for offset, _ in self.parked[:1]]
        return min([*offsets, self.since] if self.length else offsets)

    def refusal(self, record: Record, reason: str) -> str:
        """What an operator is told once they are too many to be an accident."""
        alone = len(self.parked) <= self.in_a_row
        many = (
            f"{self.in_a_row} records in a row"
            if alone
            else f"{len(self.parked)} of the last {len(self.recent)} records"
        )
        limit = f"PARKED_IN_A_ROW above {self.in_a_row}" if alone else f"PARKED_OF_A_HUNDRED above {len(self.parked)}"
        topic = record.topic
        return (
            f"{topic}-{record.partition}: {many} cannot be counted. "
            f"The first: {self.first if alone else self.parked[0][1]}. The latest: {_told(record, reason)}. "
            "It and all behind it wait in the log, nothing is lost. When its producer is right, install a release of "
            f"the aggregator that can read them. Else look at those before (`aurora parked list --topic {topic}`) "
            "and replay or discard them: as many again are let by then, without a restart. To have all of them set "
            f"aside, start the aggregator with AURORA_{limit}"
        )


NO_RUNS: Mapping[str, Run] = MappingProxyType({})


def run_of(document: Mapping[str, Any]) -> Run:
    """A stored run."""
    return Run(**{**document, "parked": tuple((offset, told) for offset, told in document.get("parked", ()))})


def run_fields(run: Run) -> dict[str, Any]:
    """A run as it is stored."""
    return {**asdict(run), "parked": [list(one) for one in run.parked]}


def _slid(recent: str, parked: tuple[tuple[int, str], ...]) -> tuple[str, tuple[tuple[int, str], ...]]:
    if len(recent) <= WINDOW:
        return recent, parked
    return recent[1:], parked[1:] if recent[0] == PARKED else parked


def _told(record: Record, reason: str) -> str:
    named = next((value for key, value in record.headers if key == "ce_type" and value), b"no type")
    schema = named.decode(errors="replace")[:80]
    return f"offset {record.offset}: {reason[:300] if schema in reason else f'{schema}: {reason[:300]}'}"
