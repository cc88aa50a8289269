"""RECOUNT: what is counted changes here alone, piece by piece from the facts, while everything else goes on."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import Any, Protocol

from services.aggregator.counting.aggregate import TooMuchAtOnce
from services.aggregator.counting.ledger import Ledger
from services.aggregator.counting.position import LAST, Position, Recount
from services.aggregator.domain.catalogue import Catalogue, counted_as, is_draft, key_and_version
from services.aggregator.domain.counts import Cell, Days, Delta, Spread, cells_of
from services.aggregator.domain.differences import Difference, as_version, differences, recount

SUBJECTS_AT_ONCE = 500
CELLS_AT_ONCE = 2000
DIFFERENCES_KEPT = 200

Work = Callable[[Position, Ledger], Awaitable[Position]]


class Recounted(Protocol):
    """What a recount asks of `MongoStore`, and of the tests' `MemoryStore`."""

    catalogue: Catalogue

    async def step(self, partition: int, work: Work) -> Position:
        """In one transaction: do the work, and take the turn with the position that it answers."""
        ...


async def go_on(partition: int, store: Recounted, *, at_once: int = SUBJECTS_AT_ONCE) -> Position:
    """Bring the recount of a partition number one piece on, in one turn.

    1. Clear the cells that are to be counted into, some at a time.
    2. Subject after subject, in the order of their ids, add what its facts contribute. Live
       batches count changes of those that are through, and of no other: each is in once.
    3. When all are through, definition by definition: a new one is counted from now on, a draft is
       compared with the counts beside it, which become what the facts say. Small ones share a turn.

    A crash at any moment leaves a position from which the next owner goes on.
    """
    try:
        return await store.step(partition, partial(_piece, store.catalogue, at_once))
    except TooMuchAtOnce:
        if at_once == 1:
            raise
        return await go_on(partition, store, at_once=at_once // 4 or 1)


async def sweep(partition: int, store: Recounted) -> Position:
    """Delete some of the cells that nobody shows any more: those of definitions of earlier releases.

    Only when every partition number counts this release's definitions: until then the old ones are shown.
    """
    return await store.step(partition, _sweep)


async def _sweep(position: Position, ledger: Ledger) -> Position:
    gone = await ledger.clear_all_but(position.partition, position.definitions, CELLS_AT_ONCE)
    return position if gone == CELLS_AT_ONCE else replace(position, standing=frozenset())


async def _piece(catalogue: Catalogue, at_once: int, position: Position, ledger: Ledger) -> Position:
    asked = position.recount
    if asked is None:
        return position
    if asked.after is None:
        return replace(position, recount=await _clear(position.partition, asked, _cells(at_once), ledger))
    if asked.after != LAST:
        return replace(position, recount=await _count(position.partition, asked, catalogue, at_once, ledger))
    settled, most = 0, _cells(at_once)
    while position.recount and settled < most:
        position, cells = await _settle(position, position.recount, ledger)
        settled += cells
    return position


def _cells(at_once: int) -> int:
    return min(CELLS_AT_ONCE, at_once * 4)


async def _clear(partition: int, asked: Recount, at_once: int, ledger: Ledger) -> Recount:
    if await ledger.clear(partition, asked.targets, at_once) == at_once:
        return asked
    return replace(asked, after="", done=0, of=await ledger.how_many(partition))


async def _count(partition: int, asked: Recount, catalogue: Catalogue, at_once: int, ledger: Ledger) -> Recount:
    subjects = await ledger.subjects_behind(partition, asked.after or "", at_once)
    counts: Spread = {}
    recount(subjects, catalogue.named(asked.targets), counts)
    await ledger.add(partition, cells_of(counts))
    after = subjects[-1].id if len(subjects) == at_once else LAST
    return replace(asked, after=after, done=asked.done + len(subjects))


async def _settle(position: Position, asked: Recount, ledger: Ledger) -> tuple[Position, int]:
    """The position with one definition less to be recounted, and how many cells were held side by side for it."""
    target, draft = min(asked.targets), is_draft(min(asked.targets))
    key, version = key_and_version(target)
    new = as_version(await ledger.cells(position.partition, target), abs(version))
    beside = counted_as(target) if draft else _stood(position, key)
    old = as_version(await ledger.cells(position.partition, beside), abs(version)) if beside else {}
    found = sorted(differences(old.keys() | new.keys(), old, new)) if beside else []
    if draft:
        await ledger.put(position.partition, _mended(found, new))
        await ledger.clear(position.partition, frozenset({target}), len(new) or 1)
    cells = len(old.keys() | new.keys())
    report = _report(position, asked.run, beside, cells, found)
    await ledger.tell(f"{position.partition}|{counted_as(target)}", report | {"definition": counted_as(target)})
    left = asked.targets - {target}
    definitions = position.definitions if draft else position.definitions | {target}
    return replace(position, definitions=definitions, recount=replace(asked, targets=left) if left else None), cells


def _stood(position: Position, key: str) -> str:
    """The newest definition of a measure that stands still here, to compare a new one with; or none."""
    versions = [version for one, version in map(key_and_version, position.standing) if one == key]
    return f"{key}|{max(versions)}" if versions else ""


def _mended(found: list[Difference], new: Delta) -> dict[Cell, Days | None]:
    return {one.cell: new.get(one.cell) for one in found}


def _report(position: Position, run: str, beside: str, cells: int, found: list[Difference]) -> dict[str, Any]:
    return {
        "partition": position.partition,
        "run": run,
        "compared_with": beside,
        "subjects": position.recount.done if position.recount else 0,
        "cells": cells,
        "differences": len(found),
        "first": [{**one.cell._asdict(), **_plain(one)} for one in found[:DIFFERENCES_KEPT]],
    }


def _plain(one: Difference) -> dict[str, Any]:
    return {"side": one.side, "day": one.day, "counted": one.counted, "recounted": one.recounted}
