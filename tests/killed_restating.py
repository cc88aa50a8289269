"""A process that changes a tier and is killed, as by a power cut, when half of the awards are restated."""

import asyncio
import os
import signal
import sys

import msgspec

from services.credentials.catalogue_entry.restating import put_credential
from services.credentials.catalogue_entry.rules import Credential
from services.credentials.main import PRODUCER
from shared import mongo
from shared.process.settings import Settings
from shared.producer.desk import desk_over
from shared.records.store import Entry


async def main(credential: Credential, middle: str) -> None:
    """Put the credential; of the awards that it touches only those before `middle` are raised."""
    settings = Settings()
    desk = desk_over(PRODUCER, mongo.connect(settings)[settings.database("credentials")], settings)
    whole = desk.records.raise_versions

    async def half(where, entry):
        await whole({"$and": [where, {"_id": {"$lt": middle}}]}, entry)
        os.kill(os.getpid(), signal.SIGKILL)

    desk.records.raise_versions = half
    await put_credential(desk, credential, Entry(by="manager-1", action="put"))


if __name__ == "__main__":
    asyncio.run(main(msgspec.json.decode(sys.argv[1], type=Credential), sys.argv[2]))
