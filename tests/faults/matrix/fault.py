"""What a fault is: a name, which parts it touches, and what is done; afterwards everything runs again."""

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tests.faults.ground import Ground

Strike = Callable[[Ground, random.Random], Awaitable[None]]


@dataclass(frozen=True)
class Fault:
    """One entry of the matrix.

    `strike` does it and heals it. `touches` names the parts that no other fault may touch
    meanwhile: aggregator, producers, log, database, messages. `quick`: short enough for the minute.
    `mixes`: nobody but itself needs to lend a hand, so that it may come along with others.
    """

    name: str
    strike: Strike
    touches: frozenset[str]
    quick: bool = True
    mixes: bool = True
    surely: bool = False  # in every quick run, whatever the seed


def fault(
    name: str, strike: Strike, *touches: str, quick: bool = True, mixes: bool = True, surely: bool = False
) -> Fault:
    return Fault(name, strike, frozenset(touches), quick and mixes, mixes, surely)
