"""What tests of records say: made-up awards and people, and writers that overtake each other."""

from shared.records.outbox import Outbox
from shared.records.store import Draft, Entry, Records, Saved


def award(id="a1", *, code="ic3", student="p1", key="", digest="", expected=None, void=False, action="record", **more):
    entry = Entry("ann", action, key=key, digest=digest)
    state = {"student_id": student, "code": code, **more}
    return Draft("award", id, state, entry, (f"student/{student}",), void, expected)


def person(id, *sources):
    state = {"sources": [{"source": source, "sourced_id": sourced_id} for source, sourced_id in sources]}
    return Draft("student", id, state, Entry("sis", "put"))


async def document(records, key="award/a1"):
    return await records.collection.find_one({"_id": key})


async def all_published(records):
    outbox = Outbox(records)
    await outbox.published([one.record for one in await outbox.oldest(10_000)])


def outcomes(results):
    return [one.outcome if isinstance(one, Saved) else type(one).__name__ for one in results]


def overtake(records, write, *, times=1):
    """Have `write()` happen between a read and the write that was decided on it."""
    read, left = records._read, [times]

    async def read_then_be_overtaken(keys):
        found = await read(keys)
        if left[0] > 0:
            left[0] -= 1
            await write()
        return found

    records._read = read_then_be_overtaken


async def other_writer(records, id, **changes):
    """The same words in history, from another process."""
    await Records(records.database).put(award(id, action="put", **changes))
