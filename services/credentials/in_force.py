"""What holds from its day until the next: what is in force on a day, and on which days two such lists differ."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Days from `begin` up to, not including, `until`; None means for ever."""

    begin: date
    until: date | None

    def as_filter(self) -> dict[str, str]:
        """A filter on a day that lies in it, as days stand in records."""
        return {"$gte": self.begin.isoformat(), **({"$lt": self.until.isoformat()} if self.until else {})}


ALWAYS = Span(date.min, None)


def in_force(dated: Iterable[T], day: date, *, since: Callable[[T], date]) -> T | None:
    """Of what had begun by a day the latest; of two that began on one day the later in order. None: nothing had."""
    begun = sorted((one for one in dated if since(one) <= day), key=since)
    return begun[-1] if begun else None


def differing(turns: Iterable[date], differ: Callable[[date], bool]) -> tuple[Span, ...]:
    """The days that differ, where nothing changes but on the turns and nothing differs before the first of them."""
    found: list[Span] = []
    for begin, until in pairwise([*sorted(set(turns)), None]):
        if begin is None or not differ(begin):
            continue
        if found and found[-1].until == begin:
            found[-1] = Span(found[-1].begin, until)
        else:
            found.append(Span(begin, until))
    return tuple(found)
