"""The rules of a workshop: what may be planned, held, cancelled, reopened and corrected, and how many were there."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Literal

from shared.contracts.family_touchpoints import (
    Delivery,
    HeadCountOf,
    Level,
    WorkshopStatus,
    WorkshopType,
)
from shared.errors import Problem, refused

Action = Literal["hold", "cancel", "reopen"]
# From which state which action leads where.
NEXT: Mapping[tuple[WorkshopStatus, Action], WorkshopStatus] = {
    ("planned", "hold"): "held",
    ("planned", "cancel"): "cancelled",
    ("held", "cancel"): "cancelled",
    ("cancelled", "reopen"): "planned",
}
LATE = timedelta(days=60)
WORKS: Mapping[Action, str] = {
    "hold": "reopen it first, if it is cancelled",
    "cancel": "there is nothing to do",
    "reopen": "only what was cancelled is reopened",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Workshop:
    """An occasion for many families; `held_on` is the day that it is planned for until it is held.

    Title, room and the hour are for those who run it, and are told to nobody else.
    """

    kind: WorkshopType
    career_related: bool
    level: Level
    organisation_ids: tuple[str, ...]
    program_ids: tuple[str, ...] = ()
    held_on: date
    starts_at: str | None = None
    delivery: Delivery = "in_person"
    languages: tuple[str, ...] = ()
    interpreted: tuple[str, ...] = ()
    partner_ids: tuple[str, ...] = ()
    title: str | None = None
    room: str | None = None
    status: WorkshopStatus = "planned"
    head_count: int | None = None
    head_count_of: HeadCountOf | None = None

    def unnamed(self, named: int) -> int:
        """How many more were there than the `named`, as far as heads were counted."""
        if self.status != "held" or self.head_count is None:
            return 0
        return self.head_count if self.head_count_of == "unnamed_only" else max(0, self.head_count - named)

    def outgrown(self, named: int) -> bool:
        """Whether more are named than a count of everyone had."""
        return self.head_count_of == "everyone" and self.head_count is not None and named > self.head_count


@dataclass(frozen=True, slots=True)
class Heads:
    """How many heads were counted, and of whom."""

    count: int | None = None
    of: HeadCountOf | None = None


NOBODY_COUNTED = Heads()


def follow(
    workshop: Workshop, action: Action, *, today: date, on: date | None = None, as_held: bool = False
) -> Workshop:
    """The workshop after an action; `on`: the day on which it was held, or will be. Raise Refused.

    `as_held`: what is reopened was held.
    """
    status: WorkshopStatus | None = NEXT.get((workshop.status, action))
    if status is None:
        raise refused(Problem("", f"this workshop is {workshop.status}", WORKS[action], "wrong_status"))
    after = replace(workshop, status="held" if as_held else status, held_on=on or workshop.held_on)
    return checked(after, today=today, named=0)


def checked(workshop: Workshop, *, today: date, named: int) -> Workshop:
    """The workshop, if it may stand so while so many are marked present, or Refused with every reason at once."""
    problems = [*_day(workshop, today), *_heads(workshop, named)]
    if problems:
        raise refused(*problems)
    return workshop


def corrected(workshop: Workshop, changes: Mapping[str, Any], *, today: date, named: int) -> Workshop:
    """The workshop with some fields set right. An older count that those named have outgrown may stay as it is."""
    counts = {"head_count", "head_count_of"} & changes.keys()
    return checked(replace(workshop, **changes), today=today, named=named if counts else 0)


def rolled(workshop: Workshop, on: date, heads: Heads, *, today: date, named: int) -> Workshop:
    """The workshop once a roll is taken on a day: held from its day on, and counted, if heads were. Raise Refused."""
    if workshop.status == "cancelled":
        works = "reopen it, if it takes place after all"
        raise refused(Problem("", "this workshop is cancelled", works, "wrong_status"))
    if on > today:
        raise refused(Problem("/on", f"on {on} is in the future", "take the roll on or after that day", "in_future"))
    takes_place = on >= workshop.held_on
    after = replace(workshop, status="held") if takes_place else workshop
    if heads in (NOBODY_COUNTED, Heads(workshop.head_count, workshop.head_count_of)):
        return after
    return checked(replace(after, head_count=heads.count, head_count_of=heads.of), today=today, named=named)


def late(workshop: Workshop, today: date) -> bool:
    """Whether a roll is taken so long after the day that somebody should look at the day again."""
    return today - workshop.held_on > LATE


def _day(workshop: Workshop, today: date) -> Iterator[Problem]:
    if workshop.status == "held" and workshop.held_on > today:
        said = f"held_on {workshop.held_on} is in the future"
        yield Problem("/held_on", said, "plan it; hold it on or after the day", "in_future")


def _heads(workshop: Workshop, named: int) -> Iterator[Problem]:
    count, of = workshop.head_count, workshop.head_count_of
    if (count is None) != (of is None):
        missing = "head_count" if count is None else "head_count_of"
        works = "send both; of everyone, or of unnamed_only: those whom the roll does not name"
        yield Problem(f"/{missing}", "head_count and head_count_of go together", works, "missing")
    elif count is not None and workshop.status == "planned":
        works = "count on the day, and say it with the roll"
        yield Problem("/head_count", "nobody is counted before it is held", works, "does_not_go_with")
    elif workshop.outgrown(named):
        said = f"{named} are marked present; {count} cannot be everyone"
        works = "count again, say head_count_of unnamed_only, or take off the roll who was not there"
        yield Problem("/head_count", said, works, "fewer_than_named")
