"""How far one partition number has been counted, and what of a batch is new to it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from services.aggregator.counting.log_record import Record
from services.aggregator.counting.older_copy import Heard, accepted
from services.aggregator.counting.unreadable_runs import Run
from services.aggregator.domain.catalogue import CATALOGUE, Catalogue, Definitions, counted_as, is_draft
from shared.errors import Retryable


class Gap(Retryable):
    """The log did not give the record that comes next; read again from the stored position."""


def identity(record: Record) -> str:
    """What tells this record from any other that could come to stand at its offset.

    The id alone would not do: a log that was deleted and filled again may hold the same event there.
    """
    named = next((value for key, value in record.headers if key == "ce_id" and value), b"?")
    return f"{named.decode(errors='replace')}@{record.timestamp}"


# Behind every subject: their ids begin with the name of a kind.
LAST = "~"


@dataclass(frozen=True, slots=True)
class Recount:
    """Definitions being counted from the facts, while everything else goes on being counted.

    Subjects up to the id `after` are in the cells of the `targets`, and their changes are counted
    into them as they come; the others wait for their piece. None: what stood in those cells is
    still being cleared. `run` names who asked for it, `done` of `of` subjects are through.
    """

    run: str
    targets: Definitions
    after: str | None = None
    done: int = 0
    of: int = 0


@dataclass(frozen=True, slots=True)
class Position:
    """How far one partition number has been counted.

    `next` gives, per topic, the offset of the next record to read, as in Kafka.
    `last` gives, per topic, the identity of the record before it.
    `turn` counts the writes to this partition number, whoever made them.
    `runs` gives, per topic of whose latest records some were parked, which.
    `heard` gives, per topic, the highest number and latest moment of its heartbeats so far.
    `definitions` are counted: every subject is in their cells, and every change comes into them.
    `standing` were, by an earlier release, and are as it left them.
    """

    partition: int
    turn: int = 0
    next: Mapping[str, int] = field(default_factory=dict)
    last: Mapping[str, str] = field(default_factory=dict)
    runs: Mapping[str, Run] = field(default_factory=dict)
    # Where nothing is counted yet, nothing is missing in any count.
    definitions: Definitions = CATALOGUE.definitions
    standing: Definitions = frozenset()
    recount: Recount | None = None
    heard: Mapping[str, Heard] = field(default_factory=dict)

    def counting(self, subject: str) -> Definitions:
        """Into the cells of which definitions this subject is counted."""
        recount = self.recount
        if recount is None or recount.after is None or subject > recount.after:
            return self.definitions
        return self.definitions | recount.targets

    def under(self, catalogue: Catalogue) -> "Position":
        """The position as a release with this catalogue goes on from it.

        What it does not have stands still; what it has and nobody counted here is recounted,
        along with what an operator asked for.
        """
        counted = self.definitions & catalogue.definitions
        missing = catalogue.definitions - counted
        asked = self.recount.targets if self.recount else frozenset()
        targets = missing | {one for one in asked if is_draft(one) and counted_as(one) in counted}
        standing = (self.standing | (self.definitions - counted)) - targets
        return replace(self, definitions=counted, standing=standing, recount=self._recount_of(targets))

    def asked_to_recount(self, run: str, definitions: Definitions) -> "Position":
        """The position one turn on, with these drafts to be counted from the first subject on, and what was missing."""
        missing = {one for one in self.recount.targets if not is_draft(one)} if self.recount else frozenset()
        return replace(self, turn=self.turn + 1, recount=Recount(run, definitions | missing))

    def _recount_of(self, targets: Definitions) -> Recount | None:
        if not targets or (self.recount and self.recount.targets == targets):
            return self.recount if targets else None
        return Recount("definitions that this release counts otherwise, or newly", targets)

    def not_yet_counted(self, batch: Sequence[Record]) -> list[Record]:
        """The records of a batch (in the order of their topics' logs) that are not counted yet.

        Raise Gap when one is missing before or between them: going on would drop it in silence.
        """
        fresh = []
        expected = dict(self.next)
        for record in batch:
            awaited = expected.get(record.topic, 0)
            if record.offset < awaited:
                continue
            if record.offset > awaited:
                raise Gap(f"{record.topic}-{record.partition}: offset {awaited} should come next, not {record.offset}")
            expected[record.topic] = record.offset + 1
            fresh.append(record)
        return fresh

    def read(self, fresh: Sequence[Record], heard: Mapping[str, Heard] | None = None) -> "Position":
        """The position behind these records, in the same turn: nothing has been written."""
        to = {record.topic: record for record in fresh}
        return replace(
            self,
            next={**self.next, **{topic: record.offset + 1 for topic, record in to.items()}},
            last={**self.last, **{topic: identity(record) for topic, record in to.items()}},
            heard=self.heard if heard is None else heard,
        )

    def after(
        self,
        fresh: Sequence[Record],
        runs: Mapping[str, Run] | None = None,
        heard: Mapping[str, Heard] | None = None,
    ) -> "Position":
        """The position behind these records, once they are written: one turn on."""
        return replace(self.read(fresh, heard), turn=self.turn + 1, runs=self.runs if runs is None else runs)

    def without(self, closed: Mapping[str, Collection[int]]) -> "Position":
        """The position when somebody has dealt with the parked records at these offsets, by topic."""
        left = {topic: run.without(closed.get(topic, ())) for topic, run in self.runs.items()}
        return replace(self, runs={topic: run for topic, run in left.items() if run})

    def begin(self, topic: str, offset: int) -> "Position":
        """The position with a topic that was never counted before begun at this offset."""
        return replace(self, next={**self.next, topic: offset})

    def trusting(self, topic: str, until: datetime) -> "Position":
        """The position one turn on, with the topic's heartbeats up to this moment taken as they are."""
        return replace(self, turn=self.turn + 1, heard=accepted(self.heard, topic, until))

    def anew(self, topic: str, offset: int) -> "Position":
        """The position one turn on, with a topic's log to be read from this offset, whatever was counted of another."""
        last = {other: identity for other, identity in self.last.items() if other != topic}
        runs = {other: run for other, run in self.runs.items() if other != topic}
        return replace(self.begin(topic, offset), turn=self.turn + 1, last=last, runs=runs)
