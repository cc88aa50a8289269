"""A witness from outside: at any moment of the run, the counts of a partition number are a recount of its facts.

A process of its own, so that what it works out holds nobody up. It imports nothing of the aggregator.
"""

import json
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from tests.oracle import Tally, tally

AS_OF = [date.fromisoformat(day) for day in ("2025-05-20", "2025-09-15", "2028-01-01")]
PARTITIONS = 12
PAUSE_SECONDS = 0.2


def counted(shares: Iterable[Mapping[str, Any]], as_of: date) -> Tally:
    """Count documents as anybody may read them: the sum of the days until one, that of the year's 1 July being 0."""
    found: dict[Any, list[int]] = defaultdict(lambda: [0, 0])
    for share in shares:
        last = as_of.toordinal() - date(int(share["y"][:4]), 7, 1).toordinal()
        for at, side in enumerate(("num", "den")):
            days = share.get(side, {})
            found[share["m"], share["s"], share["y"], share["d"], share["x"]][at] += sum(
                n for day, n in days.items() if int(day) <= last
            )
    return {cell: (num, den) for cell, (num, den) in found.items() if num or den}


def stated(subjects: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Per subject the standing states of its records, of the facts as the aggregator keeps them."""
    return {
        one["_id"]: {key: fact["s"] for key, fact in one.get("facts", {}).items() if fact["s"] is not None}
        for one in subjects
    }


def compared(found: Tally, expected: Tally, what: str) -> list[str]:
    """What differs, in words; nothing when all is well."""
    wrong = [cell for cell in found.keys() | expected.keys() if found.get(cell) != expected.get(cell)]
    return [f"{what}: {' '.join(cell)} is {found.get(cell)}, not {expected.get(cell)}" for cell in sorted(wrong)]


def looked(client: MongoClient[dict[str, Any]], database: str, partition: int) -> dict[str, Any]:
    """One partition number at one moment."""
    db = client[database]
    with client.start_session(snapshot=True) as session:
        place = db["places"].find_one({"_id": partition}, session=session) or {"turn": 0}
        subjects = list(db["subjects"].find({"p": partition}, session=session))
        shares = list(db["counts"].find({"p": partition}, session=session))
    wrong: list[str] = []
    for as_of in AS_OF:
        wrong += compared(counted(shares, as_of), tally(stated(subjects), as_of), str(as_of))
    return {"partition": partition, "turn": place["turn"], "subjects": len(subjects), "wrong": wrong[:5]}


def main(url: str, database: str, out: Path) -> None:
    """Look for ever, and write a line for every look; what cannot be read now is looked at again."""
    client: MongoClient[dict[str, Any]] = MongoClient(url, appname="faults", serverSelectionTimeoutMS=5000)
    with out.open("a", encoding="utf-8") as file:
        while True:
            for partition in range(PARTITIONS):
                try:
                    line = looked(client, database, partition)
                except PyMongoError as error:
                    line = {"partition": partition, "failed": type(error).__name__}
                file.write(json.dumps(line) + "\n")
                file.flush()
                time.sleep(PAUSE_SECONDS)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
