"""Is this still the log that was counted? Asked on every assignment and at every jump, answered or refused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from services.aggregator.counting.log_record import Record
from services.aggregator.counting.position import Gap, Position, identity
from shared.contracts.catalogue import BY_SERVICE
from shared.errors import Stopped

At = tuple[str, int]  # topic, partition number


@dataclass(frozen=True, slots=True)
class Resume:
    """Where to read a topic on; `proof` is the identity that the first record there must have."""

    offset: int
    proof: str | None = None


def resume(position: Position, topic: str, *, beginning: int, end: int) -> Resume:
    """Read on from the last record that was counted, to see that it still is the same log.

    When retention has taken that record away, the log must begin at the very next one. Raise
    Stopped when it cannot be the log that was counted, or has lost records that were not.
    """
    following = position.next.get(topic)
    where = f"{topic}-{position.partition}"
    if following is None:
        return Resume(beginning)
    if following > end:
        raise Stopped(f"{where}: counted up to offset {following}, but the log ends at {end}. {repair(topic)}")
    if following < beginning:
        lost = f"offsets {following} to {beginning - 1} are gone and were never counted"
        raise Stopped(f"{where}: {lost}. {repair(topic)}")
    if following == beginning:
        return Resume(following)
    return Resume(following - 1, position.last.get(topic))


def repair(topic: str) -> str:
    """What an operator is told when a log is not the one that was counted."""
    return (
        "Counting on would make numbers wrong. To count this log from its beginning run "
        f"`python -m services.aggregator accept {topic}`, then `aurora republish {publisher_of(topic)}`"
    )


def publisher_of(topic: str) -> str:
    """The service whose records a topic, whatever its prefix, holds."""
    return next((service for service in BY_SERVICE if topic.endswith(service)), "SERVICE")


@dataclass(slots=True)
class Positions:
    """Which record must come next from each log that is being read, and what the first must be."""

    awaited: dict[At, int] = field(default_factory=dict)
    proofs: dict[At, str] = field(default_factory=dict)

    def start(self, partition: int, starts: Mapping[str, Resume]) -> None:
        """Reading of a partition number begins anew."""
        for topic, start in starts.items():
            self.awaited[topic, partition] = start.offset
            self.proofs.pop((topic, partition), None)
            if start.proof is not None:
                self.proofs[topic, partition] = start.proof

    def check(self, batch: Sequence[Record]) -> None:
        """Raise Gap when a log jumps, forward or back, and Stopped when it is not the one that was counted.

        A jump back matters as much: a log made anew begins at 0, and what it holds below the
        position would be taken for counted.
        """
        for record in batch:
            at = (record.topic, record.partition)
            if record.offset != self.awaited[at]:
                raise Gap(f"{record.topic}-{record.partition}: {self.awaited[at]} was awaited, not {record.offset}")
            proof = self.proofs.pop(at, None)
            if proof is not None and identity(record) != proof:
                found = f"offset {record.offset} holds {identity(record)}, but {proof} was counted there"
                raise Stopped(f"{record.topic}-{record.partition}: {found}. {repair(record.topic)}")
            self.awaited[at] = record.offset + 1
