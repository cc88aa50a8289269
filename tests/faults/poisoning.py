"""Which records of a log cannot be counted, by what was put there on purpose: known by its bytes alone."""

from typing import Any

from shared.contracts.envelope import Message
from tests.poison import GOOD, POISON

# Of the right form, and only ever sent to a partition that its key does not belong in.
MISPLACED: tuple[Message, ...] = (GOOD,)
MESSAGES = (*POISON.values(), *MISPLACED)
BYTES = {(one.key, one.value, tuple(one.headers)) for one in MESSAGES}


def poisonous(record: Any) -> bool:
    """Whether this is one of ours; also one whose acknowledgement we never saw."""
    return (record.key, record.value, tuple(record.headers)) in BYTES
