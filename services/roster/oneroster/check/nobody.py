"""A package of which nobody could be taken: said so, and not done. Pure."""

from services.roster.oneroster.check.inspection import Checked
from services.roster.oneroster.read.findings import Finding, stops
from services.roster.oneroster.read.layout import ROLES, USERS
from services.roster.oneroster.read.manifest import Manifest


def nobody_in(manifest: Manifest, checked: Checked, school_year: str) -> Finding | None:
    """Why no student could be taken of a package that holds users; None when there are some, or it need hold none."""
    if USERS not in manifest.layouts or USERS.name in manifest.deltas or checked.schools:
        return None
    users = checked.tally[USERS.file]
    if not users.read:
        return stops(USERS.file, "the file has no rows: nobody could be taken", "export the users again")
    if len(users.refused) == users.read:
        return None  # each row says why
    if ROLES not in manifest.layouts or not checked.tally[ROLES.file].read:
        problem = "nobody could be taken: no row says who is a student"
        return stops(
            ROLES.file, problem, "send roles.csv too, or users.csv as in version 1.1, with role and orgSourcedIds"
        )
    if checked.students:
        problem = f"nobody could be taken: no student's role holds on any day of {school_year}"
        advice = "send it again with the school year that it is about, such as ?school_year=2024-25"
        return stops(ROLES.file, problem, advice, column="endDate")
    if len(checked.tally[ROLES.file].refused) == checked.tally[ROLES.file].read:
        return None
    problem = "no row says that anybody is a student: none was taken"
    return Finding(ROLES.file, None, "role", "", problem, "write student as the role of students", "note")
