"""Of several processes one holds a lease, by MongoDB's clock; when it dies, another takes it after its term."""

from datetime import datetime
from time import monotonic
from uuid import uuid4

from pymongo import ReturnDocument

from shared.mongo import Database, Session


class Lease:
    """The right to do something alone, for `seconds` from each renewal.

    It saves work; it does not keep two holders apart in every case, such as a process that was
    frozen past its term. What is done under it must bear being done twice.
    """

    def __init__(self, database: Database, name: str, *, seconds: float) -> None:
        self.seconds = seconds
        self._leases = database["leases"]
        self._name = name
        self._me = uuid4().hex
        self._renewed_at = float("-inf")

    @property
    def surely_held(self) -> bool:
        """Whether the term of the last renewal has not ended: nobody else can have taken it since."""
        return monotonic() - self._renewed_at < self.seconds

    async def held(self) -> bool:
        """Whether this process holds it now; taken or renewed when a third of the term has passed."""
        if monotonic() - self._renewed_at < self.seconds / 3:
            return True
        return await self.renew() is not None

    async def renew(self, session: Session | None = None) -> datetime | None:
        """Take it, or prolong it, by a majority write. None when another process holds it, else the server's time."""
        asked_at = monotonic()
        mine = {"$or": [{"$eq": ["$holder", self._me]}, {"$lte": [{"$ifNull": ["$until", "$$NOW"]}, "$$NOW"]}]}
        until = {"$add": ["$$NOW", int(self.seconds * 1000)]}
        lease = await self._leases.find_one_and_update(
            {"_id": self._name},
            [
                {
                    "$set": {
                        "holder": _when(mine, self._me, "$holder"),
                        "until": _when(mine, until, "$until"),
                        "renewed_at": _when(mine, "$$NOW", "$renewed_at"),
                    }
                }
            ],
            upsert=True,
            session=session,
            return_document=ReturnDocument.AFTER,
        )
        if lease["holder"] != self._me:
            self._renewed_at = float("-inf")
            return None
        self._renewed_at = asked_at
        at: datetime = lease["renewed_at"]
        return at

    async def release(self) -> None:
        """Let the next process take it at once."""
        self._renewed_at = float("-inf")
        await self._leases.delete_one({"_id": self._name, "holder": self._me})


def _when(condition: object, then: object, otherwise: object) -> dict[str, object]:
    return {"$cond": [condition, then, otherwise]}
