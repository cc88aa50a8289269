"""The checking leaves this for all that comes after it: which rows are sound, and who is a student where."""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from services.roster.oneroster.check.forgotten import Forgotten
from services.roster.oneroster.check.tally import Tally
from services.roster.oneroster.check.terms import Terms
from services.roster.oneroster.check.twins import Twins
from services.roster.oneroster.read.dates import Order
from services.roster.oneroster.read.findings import Finding
from services.roster.oneroster.read.layout import Layout
from services.roster.oneroster.read.meaning import meant_by
from services.roster.oneroster.read.package import Package
from services.roster.oneroster.read.rows import Header, Row, read_rows
from services.roster.oneroster.read.users import Groups

GONE = "tobedeleted"


class Ids:
    """Very many ids in very little memory: whether one was among them, sure but for one chance in billions."""

    def __init__(self, ids: Iterable[str]) -> None:
        self._hashes = array("q", sorted(hash(each) for each in ids))

    def __contains__(self, id: str) -> bool:
        own = hash(id)
        at = bisect_left(self._hashes, own)
        return at < len(self._hashes) and self._hashes[at] == own


@dataclass(slots=True)
class Checked:
    """What the checking leaves for the applying: which rows are refused, and who is a student where."""

    headers: dict[str, Header] = field(default_factory=dict)
    tally: Tally = field(default_factory=Tally)
    schools: dict[str, tuple[str, ...]] = field(default_factory=dict)  # of users with a student role in force
    guardians: set[str] = field(default_factory=set)  # users with the role of one
    groups: dict[str, Groups] = field(default_factory=dict)  # of users with a row in demographics.csv
    twins: Twins = field(default_factory=Twins)
    terms: Terms = field(default_factory=Terms)
    ids: dict[str, Ids] = field(default_factory=dict)  # by file: every sourcedId on a row of it
    gone: dict[str, set[str]] = field(default_factory=dict)  # by file: what its rows say is to be deleted
    touched: set[str] = field(default_factory=set)  # users of whom a delta says anything
    unread: dict[str, int] = field(default_factory=dict)  # by file: lines of which nobody knows whose they are
    forgotten: Forgotten = field(default_factory=Forgotten)  # who is not to be kept again
    identifier_is_state_id: bool = False  # as somebody said of the source
    students: int = 0  # roles of students, whenever they hold
    order: Order = field(default_factory=Order)
    otherwise: set[str] = field(default_factory=set)  # files of which some row means other cells than it has
    circles: dict[str, set[int]] = field(default_factory=dict)  # by file: rows whose parent lies under them


def in_force(cells: Mapping[str, str], year: tuple[str, str]) -> bool:
    """Whether a role holds on some day of the school year."""
    first, last = year
    return (cells.get("beginDate") or first) <= last and (cells.get("endDate") or last) >= first


def sound_rows(package: Package, layout: Layout, checked: Checked) -> Iterator[Row]:
    """The rows of a file that the checking did not refuse, as they are understood."""
    refused, circles = checked.tally[layout.file].refused, checked.circles.get(layout.name, set())
    header = checked.headers[layout.name]
    there = {name for _, name in header.read}
    columns = [column for column in layout.columns if column.name in there]
    parents = {column.name: "" for column in columns if column.refers == layout.name}
    otherwise = layout.name in checked.otherwise
    for row in read_rows(package, layout, header):
        if isinstance(row, Finding) or row.number in refused:
            continue
        meant = meant_by(layout, columns, row, checked.order)[0] if otherwise else row
        yield Row(row.number, {**meant.cells, **parents}) if row.number in circles else meant
