"""In OneRoster 1.1 a user's roles stand in users.csv; they are read as if roles.csv had been sent."""

import csv
import hashlib
import io
from collections.abc import Iterator

from services.roster.oneroster.read.cells import split
from services.roster.oneroster.read.findings import Finding, NothingApplied
from services.roster.oneroster.read.layout import ROLES, USERS, Column, Layout
from services.roster.oneroster.read.package import Package
from services.roster.oneroster.read.rows import read_header, read_rows

ORGS_IN = "orgSourcedIds"
COLUMN_IN = {"userSourcedId": "sourcedId", "orgSourcedId": ORGS_IN, "role": "role"}
LAYOUT = Layout(
    USERS.name,
    (
        Column("sourcedId", "id", required=True),
        Column("status"),
        Column(ORGS_IN, required=True, also=("orgSourcedId",)),
        Column("role", required=True),
    ),
)
HEADER = b"sourcedId,status,userSourcedId,role,orgSourcedId"


def has_roles(package: Package) -> bool:
    """Whether users.csv says itself what everybody is, and where."""
    if USERS.file not in package.names:
        return False
    try:
        read_header(package, LAYOUT)
    except NothingApplied:  # no such columns, or a header that the reading of users.csv itself refuses
        return False
    return True


def role_lines(package: Package) -> Iterator[bytes]:
    """The lines of a roles.csv: of every user one for each organisation, by an id that is always the same."""
    yield HEADER
    for row in read_rows(package, LAYOUT, read_header(package, LAYOUT)):
        if isinstance(row, Finding):  # told when users.csv is read
            continue
        user, status = row.cells["sourcedId"], row.cells.get("status", "")
        for org in split(row.cells[ORGS_IN]) or [""]:
            line = io.StringIO()
            csv.writer(line, lineterminator="").writerow((role_id(user, org), status, user, row.cells["role"], org))
            yield line.getvalue().encode()


def role_id(user: str, org: str) -> str:
    """The id of a user's role at an organisation."""
    own = f"{user}\n{org}"
    return f"{ROLES.name}-{hashlib.sha256(own.encode()).hexdigest()[:32]}"
