"""One record of a Kafka log, as the counting loop is handed it."""

from collections.abc import Sequence
from typing import Protocol


class Record(Protocol):
    """One record of the log, as aiokafka hands it over."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]
