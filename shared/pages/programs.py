"""Which programs a page lets its viewer choose from: those in which the viewer may have students."""

from collections.abc import Mapping

from shared.doors.auth import Reach, Rows
from shared.mongo import Collection


async def titles(known: Collection) -> dict[str, str]:
    """What every program is called that roster has told of."""
    asked = {"_id": {"$gt": "program/", "$lt": "program0"}, "own.s": {"$ne": None}}
    found = await known.find(asked, {"own.s.title": 1}).to_list(None)
    return {one["_id"].partition("/")[2]: one["own"]["s"]["title"] for one in found}


def programs_of(titles: Mapping[str, str], reach: Reach) -> dict[str, str]:
    """The programs in which the viewer may have students, by title: an instructor's own, else all."""
    own = reach.who.programs
    every = bool(reach.rows - {Rows.OWN_PROGRAMS}) or "*" in own
    found = [(key, title) for key, title in titles.items() if every or key in own]
    return dict(sorted(found, key=lambda one: one[1]))


def chosen_of(programs: Mapping[str, str], asked: str) -> str:
    """The program that was asked for, else the only one there is; empty when there are several to choose from."""
    return asked or (next(iter(programs)) if len(programs) == 1 else "")
