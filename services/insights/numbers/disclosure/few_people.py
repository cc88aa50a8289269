"""Which numbers are withheld from whoever may not read who is behind them, so that none can be worked out. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

SMALL = 10  # fewer members than this are shown to nobody who may not read them one by one


@dataclass(frozen=True, slots=True)
class Withheld:
    """The values of a breakdown that are not shown; `unnamed`: not even that they are among its rows."""

    values: frozenset[str] = frozenset()
    unnamed: bool = False


def total_withheld(members: int, readable: int) -> bool:
    """Whether a total is not shown, of whose members the viewer may read so many one by one.

    What is left when the viewer takes those away must be nobody or enough people.
    """
    return 0 < members - readable < SMALL


def withheld(members: Mapping[str, int], readable: Collection[str]) -> Withheld:
    """What of one breakdown is not shown, beside a total that may be.

    Small cells are hidden, and beside them the next smallest, until their sum leaves it open which
    of them has how many. Where there is nothing left to hide beside them, no row is named at all.
    """
    unread = {value: n for value, n in members.items() if value not in readable}
    hidden = sorted(value for value, n in unread.items() if 0 < n < SMALL)
    beside = sorted((value for value, n in unread.items() if n >= SMALL), key=lambda value: (unread[value], value))
    while hidden and not _open([unread[value] for value in hidden]):
        if not beside:
            return Withheld(frozenset(unread), unnamed=True)
        hidden.append(beside.pop(0))
    return Withheld(frozenset(hidden))


def _open(members: Sequence[int]) -> bool:
    """Whether the sum of these cells leaves open how many are in each: each has somebody, and not all have just one."""
    return sum(members) >= max(SMALL, len(members) + 1)


def month_ends(day: date) -> tuple[date, ...]:
    """The day itself if it ends a month, else the ends of the month before and of its own."""
    if (day + timedelta(days=1)).day == 1:
        return (day,)
    before = day.replace(day=1) - timedelta(days=1)
    after = (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    return before, after
