"""One change of one record within reach, decided on what it is written on."""

from shared.doors.auth import Caller
from shared.producer.desk import Desk
from shared.producer.refusals import is_void
from shared.records.changes import Decide
from shared.records.changes import change as change_record
from shared.records.record import Entry, Record, Saved


async def change(
    desk: Desk, kind: str, id: str, *, caller: Caller, entry: Entry, expected: int | None, decide: Decide
) -> Saved:
    """Take a record from one version to the next; a key that was used before is answered first.

    Raise NotFound, also for what is out of reach, Stale, or whatever `decide` refuses with.
    """

    async def read() -> Record:
        return await desk.get(kind, id, caller)

    return await change_record(desk.records, read, entry=entry, expected=expected, decide=decide)


def refuse_void(record: Record) -> None:
    """Raise Refused for a record that was taken out."""
    if record.void:
        raise is_void(record.kind.replace("_", " "), record.id)
