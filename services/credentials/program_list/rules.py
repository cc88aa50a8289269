"""The rules of a program's list of credentials: in which order it is proposed, approved, revised and retired."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from services.credentials.in_force import in_force
from shared.contracts.credentials import CatalogueStatus
from shared.errors import Problem, refused

APPROVED: frozenset[CatalogueStatus] = frozenset({"approved", "revised"})
# What may come after what; None is before the first step.
NEXT: Mapping[CatalogueStatus | None, tuple[CatalogueStatus, ...]] = {
    None: ("proposed",),
    "proposed": ("approved", "retired"),
    "approved": ("revised", "retired"),
    "revised": ("revised", "approved", "retired"),
    "retired": ("proposed",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """From `on` the list stands so; `body` is who approved it, and stays in the service."""

    status: CatalogueStatus
    on: date
    body: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """All that has become of a program's list, by day."""

    program_id: str
    steps: tuple[Step, ...] = ()

    def status_on(self, day: date) -> CatalogueStatus | None:
        """How the list stands on a day; of two steps on one day the later one counts. None: there is no list yet."""
        step = in_force(self.steps, day, since=lambda each: each.on)
        return step.status if step else None

    def approved_on(self, day: date) -> bool:
        """Whether the list is approved on a day: it stays so while it is revised."""
        return self.status_on(day) in APPROVED


def checked(wanted: Approval, *, today: date) -> Approval:
    """The steps as they will be kept, by day, or Refused with every reason at once."""
    order = sorted(range(len(wanted.steps)), key=lambda row: wanted.steps[row].on)
    problems = [*_each(wanted, today), *_order(wanted, order)]
    if problems:
        raise refused(*problems)
    return Approval(program_id=wanted.program_id, steps=tuple(wanted.steps[row] for row in order))


def _each(wanted: Approval, today: date) -> Iterator[Problem]:
    for row, step in enumerate(wanted.steps):
        if step.on > today:
            said = f"{step.status} on {step.on} is in the future"
            works = "send it on or after that day"
            yield Problem(f"/steps/{row}/on", said, works, "in_future")
        if step.status == "approved" and step.body is None:
            said = f"approved on {step.on} needs body"
            works = "say who approved it, as the governing board"
            yield Problem(f"/steps/{row}/body", said, works, "missing")


def _order(wanted: Approval, order: list[int]) -> Iterator[Problem]:
    before: Step | None = None
    for row in order:
        step = wanted.steps[row]
        may = NEXT[before.status if before else None]
        if step.status not in may:
            after = f"after {before.status} on {before.on}" if before else "as the first step"
            works = f"{' or '.join(may)} may come there"
            if step.status == "approved" and "proposed" in may:
                works += ": put proposed before it, on the same day when the day is not known"
            yield Problem(
                f"/steps/{row}/status", f"{step.status} on {step.on} cannot come {after}", works, "out_of_order"
            )
            return
        before = step
