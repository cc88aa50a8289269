"""One record beside one fact of it: whether they say the same, and if not, in which way they differ. Pure."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

SHOWN = 1000


class Pair(NamedTuple):
    """A subject, such as `student/7f3`, and a record that concerns or concerned it."""

    subject: str
    record: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A record as its service has it: `concerns` gives every subject it was ever told to, and whether it is one now.

    `waits`: the relay has something of it still to publish.
    """

    version: int
    concerns: Mapping[str, bool]
    waits: bool = False


@dataclass(frozen=True, slots=True)
class Counted:
    """What the aggregator knows of it; `stands` unless it was withdrawn."""

    version: int
    stands: bool


@dataclass(frozen=True, slots=True)
class Difference:
    """How a record and a fact differ; `parked` names the record of the log that could not be counted."""

    pair: Pair
    how: str
    record_version: int | None
    fact_version: int | None
    parked: str = ""


MISSING, OLDER, NEWER, UNKNOWN, STRANGER, STANDS, WITHDRAWN = (
    "missing",
    "older",
    "newer",
    "unknown",
    "stranger",
    "still_stands",
    "withdrawn",
)
SAID: Mapping[str, str] = {
    MISSING: "the record is not among the facts",
    OLDER: "the fact is older than the record",
    NEWER: "the fact is newer than the record, as when the service was restored from an older copy",
    UNKNOWN: "the fact is of a record that the service does not have",
    STRANGER: "the fact is of a record that never concerned this subject",
    STANDS: "the fact still stands, though the record concerns this subject no more",
    WITHDRAWN: "the fact is withdrawn, though the record concerns this subject",
}
# What time alone does not explain, however far counting is behind.
CERTAIN = frozenset({NEWER, UNKNOWN, STRANGER})
BY_PUBLISHING = frozenset({MISSING, OLDER})
PARKED = "parked"


def difference(pair: Pair, record: Kept | None, fact: Counted | None) -> Difference | None:
    """None when they say the same, or when the relay has yet to say it."""
    how = _how(pair.subject, record, fact)
    if how is None or (record is not None and record.waits and how not in CERTAIN):
        return None
    return Difference(pair, how, record.version if record else None, fact.version if fact else None)


def _how(subject: str, record: Kept | None, fact: Counted | None) -> str | None:
    if record is None:
        return None if fact is None else UNKNOWN
    if subject not in record.concerns:
        return None if fact is None else STRANGER
    if fact is None:
        return MISSING
    if fact.version != record.version:
        return OLDER if fact.version < record.version else NEWER
    if fact.stands == record.concerns[subject]:
        return None
    return STANDS if fact.stands else WITHDRAWN


@dataclass(slots=True)
class Compared:
    """What came of comparing a service's records with the facts; the first differences are kept, all are counted.

    `behind` says why it is not known that everything is counted; then only what no waiting can
    explain is told.
    """

    service: str
    records: int = 0
    facts: int = 0
    waiting: int = 0
    behind: str = ""
    by_way: Counter[str] = field(default_factory=Counter)
    first: list[Difference] = field(default_factory=list)

    @property
    def differences(self) -> int:
        return self.by_way.total()

    def add(self, found: Difference) -> None:
        self.by_way[PARKED if found.parked else found.how] += 1
        if len(self.first) < SHOWN:
            self.first.append(found)

    @property
    def repairs(self) -> list[str]:
        """The commands that put it right, in their order."""
        wanted = []
        if self.by_way[PARKED]:
            wanted.append("aurora parked list")
        ways = {way for way in self.by_way if way != PARKED}
        if ways - BY_PUBLISHING:
            wanted.append(f"aurora republish {self.service} --raise-versions")
        elif ways:
            wanted.append(f"aurora republish {self.service}")
        return wanted
