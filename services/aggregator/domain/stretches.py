"""What is in force for a time stands alike for stretches of days: from one step of a record to the next."""

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import pairwise
from typing import Protocol, TypeVar


class Dated(Protocol):
    """Something that happened on a day."""

    @property
    def on(self) -> date: ...


S = TypeVar("S", bound=Dated)


def stretches(begins: date, gone: date | None, steps: Iterable[S]) -> Iterator[tuple[date, date | None, S | None]]:
    """The days from `begins` until before `gone`, cut at each step, each with the step that holds there."""
    last_of_day = {step.on: step for step in steps}
    before = [on for on in sorted(last_of_day) if on <= begins]
    cuts = [begins, *(on for on in sorted(last_of_day) if on > begins and (gone is None or on < gone))]
    holds = [last_of_day[before[-1]] if before else None, *(last_of_day[on] for on in cuts[1:])]
    if gone is None or begins < gone:
        for (first, end), step in zip(pairwise([*cuts, gone]), holds, strict=True):
            if first is not None:
                yield first, end, step
