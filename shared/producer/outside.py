"""What a producer answers to operators' commands, which work on its database from outside its process."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from shared.mongo import Database
from shared.process.settings import Settings
from shared.records.relay import FactsOf


@dataclass(frozen=True, slots=True)
class Forgetting:
    """How a producer forgets a person, by every id of the same human.

    `erase` also takes by what something that was kept unread would name the person, and answers
    how much of what there was. `forgotten`: whether nothing stands any more of what others told of them.
    """

    erase: Callable[[Database, Sequence[str], Sequence[str]], Awaitable[dict[str, int]]]
    forgotten: Callable[[Database, Sequence[str]], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class Outside:
    """Named `OUTSIDE` in a producer's main.py, where commands look for it.

    `facts_in`: what is published of records, by what a view of its database says. Only roster has
    no `forgetting`: it alone knows who is meant, and is asked first and erased last.
    """

    facts_in: Callable[[Database, Settings], FactsOf]
    forgetting: Forgetting | None = None
