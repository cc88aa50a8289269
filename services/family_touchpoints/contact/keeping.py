"""What is said of contact is kept, each decided on what stands there already, and many are written at once."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.family_touchpoints.contact.record import CONSENT, PROFILE
from shared.errors import Refused, Retryable, Stale
from shared.producer.answers import Outcome
from shared.producer.desk import Desk
from shared.producer.refusals import refuse_void
from shared.records.record import NOTHING_THERE, Draft, Entry, Record, Saved, must_be_at, was_done

TRIES = 5
# Erased with one student, a guardian may come to be another's.
OF_GUARDIANS = (CONSENT, PROFILE)
State = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wish:
    """What a record is to say next, by what it says now; `becomes` raises Refused."""

    id: str
    becomes: Callable[[State | None], State]


@dataclass(frozen=True, slots=True)
class _Decided:
    """What becomes of each row if nobody comes between, and what is to be written, a draft a record."""

    outcomes: Mapping[int, Outcome | Refused]
    drafts: Mapping[str, Draft]


async def keep(
    desk: Desk, kind: str, wishes: Sequence[Wish], entry: Entry, *, expected: int | None = None
) -> list[Saved | Refused]:
    """Have each record say what is wished of it, several about one record in their order.

    Raise Retryable, or Stale when the first is `expected` at another version.
    """
    done: dict[int, Saved | Refused] = {}
    for _ in range(TRIES):
        rows = {row: wish for row, wish in enumerate(wishes) if row not in done}
        before = await _before(desk, kind, rows.values())
        if expected is not None:
            must_be_at(expected, before.get(wishes[0].id))
        decided = _decided(kind, rows, before, entry)
        saved = await desk.records.put_many(list(decided.drafts.values()))
        came = dict(zip(decided.drafts, saved, strict=True))
        after = before | {id: one.record for id, one in came.items() if isinstance(one, Saved)}
        for row, outcome in decided.outcomes.items():
            written = came.get(rows[row].id)
            if isinstance(outcome, Refused):
                done[row] = outcome
            elif not isinstance(written, Refused):
                done[row] = Saved(outcome, after[rows[row].id])
            elif not isinstance(written, Stale):
                done[row] = written
        if len(done) == len(wishes):
            return [done[row] for row in range(len(wishes))]
    raise Retryable("others keep changing the same; send this again")


async def keep_one(desk: Desk, kind: str, wish: Wish, *, entry: Entry, expected: int | None = None) -> Saved:
    """Have one record say what is wished of it. Raise Refused, or Stale when it is `expected` at another version."""
    (saved,) = await keep(desk, kind, [wish], entry, expected=expected)
    if isinstance(saved, Refused):
        raise saved
    return saved


async def would_keep(desk: Desk, kind: str, wishes: Sequence[Wish], entry: Entry) -> list[Outcome | Refused]:
    """What would become of each wish now; nothing is written."""
    rows = dict(enumerate(wishes))
    outcomes = _decided(kind, rows, await _before(desk, kind, wishes), entry).outcomes
    return [outcomes[row] for row in rows]


async def _before(desk: Desk, kind: str, wishes: Collection[Wish]) -> dict[str, Record]:
    return await desk.records.get_many(kind, {wish.id for wish in wishes})


def _decided(kind: str, rows: Mapping[int, Wish], before: Mapping[str, Record], entry: Entry) -> _Decided:
    outcomes: dict[int, Outcome | Refused] = {}
    drafts: dict[str, Draft] = {}
    for row, wish in rows.items():
        record, draft = before.get(wish.id), drafts.get(wish.id)
        now = dict(draft.state) if draft else dict(record.state) if record else None
        try:
            wanted = _wanted(wish, record, now, entry)
        except Refused as refusal:
            outcomes[row] = refusal
            continue
        outcomes[row] = "unchanged" if wanted == now else "created" if now is None else "changed"
        if wanted != now:
            expected = record.version if record else NOTHING_THERE
            others = kind in OF_GUARDIANS
            drafts[wish.id] = Draft(kind, wish.id, wanted, entry, expected=expected, of_others=others)
    return _Decided(outcomes, drafts)


def _wanted(wish: Wish, record: Record | None, now: State | None, entry: Entry) -> State:
    """What the record is to say; as it stands, when the key of this was used for it before."""
    if record and now is not None:
        refuse_void(record)
        if was_done(entry, record):
            return now
    return wish.becomes(now)
