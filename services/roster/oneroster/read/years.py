"""A package is about the school year of its sessions, unless its sender says another."""

from itertools import islice

from services.roster.oneroster.read.cells import told_by
from services.roster.oneroster.read.dates import Order
from services.roster.oneroster.read.findings import Finding, NothingApplied, stops
from services.roster.oneroster.read.layout import ACADEMIC_SESSIONS
from services.roster.oneroster.read.manifest import Manifest
from services.roster.oneroster.read.package import Package
from services.roster.oneroster.read.rows import read_header, read_rows

MOST_SESSIONS = 10_000
YEAR = next(column for column in ACADEMIC_SESSIONS.columns if column.name == "schoolYear")


def years_told(package: Package, manifest: Manifest) -> set[str]:
    """The school years of the package's sessions, such as `2024-25`; none when it does not hold all its sessions."""
    if ACADEMIC_SESSIONS not in manifest.layouts or ACADEMIC_SESSIONS.name in manifest.deltas:
        return set()
    try:
        header = read_header(package, ACADEMIC_SESSIONS)
    except NothingApplied:  # the checking says what is wrong with it, beside all else
        return set()
    told: set[str] = set()
    for row in islice(read_rows(package, ACADEMIC_SESSIONS, header), MOST_SESSIONS):
        if not isinstance(row, Finding) and row.cells.get("status", "") != "tobedeleted":
            year, _ = told_by(YEAR, row.cells.get("schoolYear", ""), Order())
            told |= {f"{int(year) - 1}-{year[2:]}"} if year else set()
    return told


def year_of(asked: str, told: set[str], current: str) -> str:
    """The school year to file the package under. Raise NothingApplied when its sessions leave it open.

    The current year is meant where the sessions name it among others, and where none says anything.
    """
    if asked or not told or current in told:
        return asked or current
    if len(told) == 1:
        return next(iter(told))
    several = sorted(told)
    problem = f"the sessions are of {' and '.join(several)}, and nobody says which school year this is about"
    advice = f"send it again with the school year, such as ?school_year={several[-1]}"
    raise NothingApplied([stops(ACADEMIC_SESSIONS.file, problem, advice, code="several_years", column="schoolYear")])
