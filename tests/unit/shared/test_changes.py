"""A change is decided on the record that it is written on, whatever is read first, and else nothing is written."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from shared.errors import Conflict, NotFound, NoVersionGiven, Refused, Retryable, Stale
from shared.records import changes
from shared.records.record import Draft, Entry, Past, Record, Saved, may_change, may_put

AT = datetime(2025, 3, 1, tzinfo=UTC)


def stored(version, **state):
    history = tuple(Past(each, AT, "ann", "put", "", "", f"d{each}") for each in range(1, version + 1))
    return Record("award", "a1", version, state, False, history, (), AT)


class Kept:
    """One record as the database keeps it; `stale` are answered to the first reads instead."""

    def __init__(self, now, *stale):
        self.now = now
        self.stale = list(stale)
        self.reads = 0
        self.before_write = nothing

    async def read(self):
        self.reads += 1
        return self.stale.pop(0) if self.stale else self.now

    async def get(self, _kind, _id):
        return await self.read()

    async def change(self, draft):
        return await self._write(draft, may_change)

    async def put(self, draft):
        return await self._write(draft, may_put)

    async def _write(self, draft, may):
        await self.before_write()
        ready = draft.readied()
        if done := may(ready, self.now):
            return done
        entry, version = ready.entry, self.now.version + 1 if self.now else 1
        line = Past(version, AT, entry.by, entry.action, entry.why, entry.key, entry.digest)
        history = (*(self.now.history if self.now else ()), line)
        self.now = Record(ready.kind, ready.id, version, ready.state, ready.void, history, (), AT)
        return Saved("changed", self.now)


async def nothing():
    """Nobody comes between."""


def change(kept, *, expected, key="k", digest="d", decide=None):
    async def verified(record):
        return Draft("award", "a1", {**record.state, "verified": True}, Entry("", ""))

    entry = Entry("bob", "verify", key=key, digest=digest)
    return changes.change(kept, kept.read, entry=entry, expected=expected, decide=decide or verified)


CORRECTED = stored(2, result="passed", day="2025-05-21")
EARLIER = stored(1, result="passed", day="2025-05-20")


async def test_a_change_whose_first_read_is_stale_is_decided_on_what_it_is_written_on():
    kept = Kept(CORRECTED, EARLIER)
    saved = await change(kept, expected=2)

    assert (saved.outcome, saved.record.version) == ("changed", 3)
    assert saved.record.state == {"result": "passed", "day": "2025-05-21", "verified": True}


async def test_a_change_that_was_overtaken_after_its_read_writes_nothing():
    kept = Kept(EARLIER)

    async def corrected():
        kept.now = CORRECTED

    kept.before_write = corrected
    with pytest.raises(Stale, match="at version 2, not 1"):
        await change(kept, expected=1)
    assert kept.now is CORRECTED


@pytest.mark.parametrize(
    ("expected", "refusal"),
    [
        pytest.param(None, NoVersionGiven, id="none"),
        pytest.param(1, Stale, id="an earlier one"),
        pytest.param(3, Stale, id="a later one, which never comes"),
    ],
)
async def test_a_change_of_another_version_is_refused_and_decides_nothing(monkeypatch, expected, refusal):
    monkeypatch.setattr(changes, "LOOK_AGAIN_SECONDS", (0.0, 0.0))

    async def decide(_):
        raise AssertionError("decided")

    kept = Kept(CORRECTED)
    with pytest.raises(refusal):
        await change(kept, expected=expected, decide=decide)
    assert kept.now is CORRECTED


async def test_a_key_that_was_used_is_answered_before_the_version_is_looked_at():
    kept = Kept(EARLIER)
    first = await change(kept, expected=1)
    again = await change(kept, expected=1)

    assert (first.outcome, again.outcome, again.record.version) == ("changed", "unchanged", 2)
    with pytest.raises(Refused, match="another body"):
        await change(kept, expected=1, digest="other")


async def test_two_changes_sent_one_behind_the_other_both_stand():
    kept = Kept(EARLIER)

    async def correct(record):
        return Draft("award", "a1", {**record.state, "day": "2025-05-21"}, Entry("", ""))

    later = asyncio.create_task(change(kept, expected=2))
    await asyncio.sleep(0.01)
    await change(kept, expected=1, key="first", decide=correct)

    assert (await later).record.state == {"result": "passed", "day": "2025-05-21", "verified": True}
    assert kept.now.version == 3


async def test_what_another_record_stands_in_the_way_of_is_refused_as_if_it_had_been_seen():
    kept, seen = Kept(EARLIER), []

    async def decide(record):
        seen.append(record)
        if len(seen) > 1:
            raise Refused("award a2 renews this one")
        return Draft("award", "a1", {"void": True}, Entry("", ""))

    async def taken():
        raise Conflict("a key of the index")

    kept.before_write = taken
    with pytest.raises(Refused, match="a2 renews"):
        await change(kept, expected=1, decide=decide)


async def test_a_decision_about_another_record_is_a_bug_and_not_written():
    async def decide(record):
        return Draft("award", "a2", record.state, Entry("", ""))

    kept = Kept(EARLIER)
    with pytest.raises(ValueError, match="award/a2 was decided on award/a1"):
        await change(kept, expected=1, decide=decide)


def pair(decided):
    return Draft("award", "a1", {"decided": decided}, Entry("ann", "decide", digest=decided))


def unless_decided(record):
    return None if record and record.state["decided"] else pair("")


@pytest.mark.parametrize(
    ("now", "stale", "left"),
    [
        pytest.param(None, (), "", id="nothing there"),
        pytest.param(stored(2, decided="two_persons"), (stored(1, decided=""),), "two_persons", id="decided meanwhile"),
        pytest.param(stored(1, decided="merged"), (None,), "merged", id="begun and decided meanwhile"),
    ],
)
async def test_what_nobody_names_a_version_of_is_decided_again_when_somebody_was_first(now, stale, left):
    kept = Kept(now, *stale)
    await changes.put(kept, "award", "a1", unless_decided)

    assert kept.now.state == {"decided": left}


async def test_what_is_always_overtaken_is_to_be_sent_again():
    kept = Kept(stored(1, decided=""))

    async def others():
        kept.now = replace(kept.now, version=kept.now.version + 1)

    kept.before_write = others
    with pytest.raises(Retryable, match="others keep changing"):
        await changes.put(kept, "award", "a1", lambda _: pair("merged"))


async def test_nobody_waits_for_a_record_that_is_not_there():
    async def read():
        raise NotFound("there is no award a1")

    with pytest.raises(NotFound):
        await changes.change(Kept(None), read, entry=Entry("bob", "void"), expected=1, decide=nothing)
