"""A number of few people is withheld from whoever may not read who they are, and so is what would give it away."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

SMALL = 10  # fewer members than this are shown to nobody who may not read them one by one


@dataclass(frozen=True, slots=True)
class HiddenRows:
    """The values of a breakdown that are not shown; `unnamed`: not even that they are among its rows."""

    values: frozenset[str] = frozenset()
    unnamed: bool = False


def total_withheld(members: int, readable: int) -> bool:
    """Whether a total is withheld from a viewer who may read `readable` of its members one by one.

    What is left when the viewer takes those away must be nobody or enough people.
    """
    return 0 < members - readable < SMALL


def withheld(members: Mapping[str, int], readable: Collection[str]) -> HiddenRows:
    """Which rows of a breakdown are withheld, given that its total is shown.

    Small cells are hidden, and beside them the next smallest, until their sum leaves it open which
    of them has how many. Where there is nothing left to hide beside them, no row is named at all.
    """
    unread = {value: n for value, n in members.items() if value not in readable}
    hidden = sorted(value for value, n in unread.items() if 0 < n < SMALL)
    beside = sorted((value for value, n in unread.items() if n >= SMALL), key=lambda value: (unread[value], value))
    while hidden and not _open([unread[value] for value in hidden]):
        if not beside:
            return HiddenRows(frozenset(unread), unnamed=True)
        hidden.append(beside.pop(0))
    return HiddenRows(frozenset(hidden))


def _open(members: Sequence[int]) -> bool:
    """Whether their sum leaves open how many are in each cell, where each has somebody and not all have just one."""
    return sum(members) >= max(SMALL, len(members) + 1)
