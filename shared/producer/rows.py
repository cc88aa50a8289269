"""What is logged, one row or a list: decided with one read of roster's news, written once, each row answered."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Generic, Literal, TypeVar

from shared.doors.auth import Caller, Reach
from shared.errors import Conflict, NotFound, Problem, Refused, Retryable
from shared.producer.decisions import Asked, Decision
from shared.producer.desk import Desk
from shared.producer.suggesting import Named, suggesting
from shared.records.record import Draft, Entry, Record, Saved
from shared.roster_copy.patience import Hangs, Patience

TRIES = 3
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """What became of one row; `record` is None in a dry run and where nothing was written."""

    outcome: Literal["created", "unchanged", "refused"]
    id: str
    record: Record | None = None
    refusal: Refused | None = None
    warnings: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class RowsOf(Generic[T]):
    """How rows of one kind are decided and kept.

    `decide` reads what the rules need, within a caller's reach and for a body's digest, and gives a
    decision per row; `named` says whom and what of roster's a value names, `draft` how it is kept.
    """

    decide: Callable[[Desk, Sequence[Asked[T]], Reach, str], Awaitable[Sequence[Decision[T]]]]
    named: Callable[[T], Named]
    draft: Callable[[str, T, Entry], Draft]


async def log_rows(
    desk: Desk,
    rows_of: RowsOf[T],
    asked: Sequence[Asked[T]],
    *,
    caller: Caller,
    entry: Entry,
    dry_run: bool = False,
    patience: Patience | None = None,
) -> list[Logged]:
    """Keep every row that may be kept, with one read of what roster has told and one write.

    Raise Retryable, having kept nothing, when a row cannot be judged before roster's log has
    been read further; whatever the rows' `decide` raises, such as Refused for a key that was used before.
    """
    patience = patience or Patience()
    logged: dict[int, Logged] = {}
    for _ in range(TRIES):
        waiting = [row for row in range(len(asked)) if row not in logged]
        rows = [asked[row] for row in waiting]
        decisions = await decisions_on(desk, rows_of, rows, reach=caller.reach, digest=entry.digest, patience=patience)
        if dry_run:
            return [_would(one) for one in decisions]
        written = await _written(desk, decisions, rows_of.draft, entry)
        logged |= {row: one for row, one in zip(waiting, written, strict=True) if one is not None}
        if len(logged) == len(asked):
            return [logged[row] for row in range(len(asked))]
    raise Retryable("others keep logging the same; send this again")


async def decisions_on(
    desk: Desk, rows_of: RowsOf[T], rows: Sequence[Asked[T]], *, reach: Reach, digest: str, patience: Patience
) -> list[Decision[T]]:
    """The decision about each row once roster cannot be about to change it; a refusal says what was likely meant."""

    async def read() -> Sequence[Decision[T]]:
        return await rows_of.decide(desk, rows, reach, digest)

    found = await desk.roster.settled(patience, read, _hangs)
    named = [rows_of.named(row.wanted) for row in rows]
    near = await suggesting(desk.roster, reach, named, [one.refusal for one in found])
    return [replace(one, refusal=near.get(at, one.refusal)) for at, one in enumerate(found)]


async def void_all(
    desk: Desk,
    kind: str,
    batch_id: str,
    *,
    caller: Caller,
    draft: Callable[[Record], Draft],
    first: Callable[[Sequence[Record]], Awaitable[object]] | None = None,
) -> tuple[int, int]:
    """Take out every record that came with a class list: how many were, and how many already had been.

    `first` may refuse those that still stand. Raise NotFound when the caller reaches none of it.
    """
    voided = 0
    for _ in range(TRIES):
        cursor = desk.records.collection.find({"kind": kind, "state.batch_id": batch_id})
        found = await desk.reachable([Record.of(document) async for document in cursor], caller.reach)
        if not found:
            raise NotFound(f"there is no batch {batch_id}")
        standing = [one for one in found if not one.void]
        if first:
            await first(standing)
        saved = await desk.records.put_many([draft(one) for one in standing])
        voided += sum(isinstance(one, Saved) for one in saved)
        if all(isinstance(one, Saved) for one in saved):
            return voided, len(found) - voided
    raise Retryable("others keep changing records of this batch; send this again")


def _hangs(found: Sequence[Decision[T]]) -> Hangs:
    return Hangs(
        doubtful=any(one.doubt != "none" for one in found),
        lacking=any(one.doubt == "unknown" for one in found),
        harmless=all(one.doubt == "none" or one.refusal is None for one in found),
    )


async def _written(
    desk: Desk, decisions: Sequence[Decision[T]], draft: Callable[[str, T, Entry], Draft], entry: Entry
) -> list[Logged | None]:
    """What came of the rows; None where another writer was first and it is to be decided again."""
    drafts = {one.id: draft(one.id, one.keep, entry) for one in decisions if one.keep is not None}
    saved = dict(zip(drafts, await desk.records.create_many(list(drafts.values())), strict=True))
    return [_came_to(one, saved.get(one.id) if one.keep is not None else None) for one in decisions]


def _would(decision: Decision[T]) -> Logged:
    if decision.refusal:
        return Logged(outcome="refused", id="", refusal=decision.refusal)
    outcome: Literal["created", "unchanged"] = "unchanged" if decision.unchanged else "created"
    return Logged(outcome=outcome, id=decision.id, warnings=decision.warnings)


def _came_to(decision: Decision[T], saved: Saved | Refused | None) -> Logged | None:
    if saved is None:
        return _would(decision)
    if isinstance(saved, Conflict):
        return None
    if isinstance(saved, Refused):
        return Logged(outcome="refused", id="", refusal=saved)
    outcome: Literal["created", "unchanged"] = "created" if saved.outcome == "created" else "unchanged"
    return Logged(outcome=outcome, id=decision.id, record=saved.record, warnings=decision.warnings)
