"""Made-up OneRoster packages as districts really export them, and who is taken of one."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.roster.oneroster.check.checked import Checked, sound_rows
from services.roster.oneroster.check.inspection import check, nobody_in, survey
from services.roster.oneroster.read.findings import Finding
from services.roster.oneroster.read.layout import USERS
from services.roster.oneroster.read.manifest import Manifest, read_manifest
from services.roster.oneroster.read.package import open_package
from services.roster.oneroster.read.users import Home, Seen, seen
from services.roster.oneroster.run.notes import Notes
from tests.oneroster_damage import YEAR
from tests.oneroster_zips import as_files, text, zipped

OLDER_USERS = (
    "sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,userIds,givenName,familyName,middleName,"
    "identifier,email,sms,phone,agentSourcedIds,grades,password"
)
HOMES = {school: Home(school, school=True) for school in ("hs-1", "hs-2")}


@dataclass(frozen=True)
class Read:
    """A package as it was understood: what was found, and its students by their user."""

    findings: list[Finding]
    students: dict[str, Seen]
    checked: Checked
    manifest: Manifest
    nobody: Finding | None

    @property
    def notes(self) -> list[tuple[str, str, int]]:
        """File, column and number of rows of what is only worth knowing."""
        return [(one.file, one.column, one.rows) for one in self.findings if one.effect == "note"]

    @property
    def refused(self) -> list[tuple[str, int | None, str]]:
        return [(one.file, one.row, one.column) for one in self.findings if one.effect == "refuses_row"]


def read(packed: bytes, *, source: str = "", before: Mapping[str, frozenset[str]] | None = None) -> Read:
    """What comes of a package before anything is stored. Raise NothingApplied when it is wrong as a whole."""
    package = open_package(io.BytesIO(packed), unpacked_max_bytes=1 << 30)
    manifest = read_manifest(package, source=source)
    checked, _ = survey(package, manifest)
    notes = Notes()
    found = [one for step in check(package, manifest, checked, YEAR, before or {}) for one in notes.sift(step.findings)]
    students: dict[str, Seen] = {}
    for row in sound_rows(package, USERS, checked) if USERS in manifest.layouts else ():
        roles = checked.schools.get(row.cells["sourcedId"])
        if roles is not None:
            student, told = seen(row, roles, HOMES)
            found += notes.sift(told)
            if student is not None:
                students[student.user] = student
    return Read([*found, *notes.gathered()], students, checked, manifest, nobody_in(manifest, checked, "2024-25"))


def older(users: Sequence[str], rows: Mapping[str, Sequence[str]], **changes: str) -> dict[str, bytes]:
    """The files of a package of version 1.1: no roles.csv, and users of `OLDER_USERS`."""
    told = {"oneroster__version": "1.1", "file__users": "bulk"}
    files = as_files(
        {name: lines for name, lines in rows.items() if name not in ("users", "roles")}, **(told | changes)
    )
    return files | {"users.csv": text(OLDER_USERS, users).encode()}


def older_user(id: str, orgs: str = "hs-1", role: str = "student", grade: str = "11", status: str = "") -> str:
    """One line of a users.csv of version 1.1."""
    orgs = f'"{orgs}"' if "," in orgs else orgs
    return f"{id},{status},,TRUE,{orgs},{role},{id},,Sample,Made-Up {id},,,{id}@school.example,,,,{grade},secret"


def without_manifest(files: Mapping[str, bytes]) -> bytes:
    """The same files, zipped by hand."""
    return zipped({name: content for name, content in files.items() if name != "manifest.csv"})
