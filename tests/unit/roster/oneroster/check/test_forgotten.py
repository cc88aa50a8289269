"""Who was erased is refused in every file that brings the student again, and nobody else is."""

import io

import pytest

from services.roster.oneroster.check.forgotten import Forgotten
from services.roster.oneroster.check.inspection import check, survey
from services.roster.oneroster.read.layout import ROLES, USERS
from services.roster.oneroster.read.manifest import read_manifest
from services.roster.oneroster.read.package import open_package
from shared.contracts.roster import alias_digest
from tests.oneroster_zips import as_files, sound, user, zipped

YEAR = ("2024-07-01", "2025-06-30")


def refused(erased, rows=None):
    """Which rows of a package are refused when these outside ids were erased, with the cell that is quoted."""
    package = open_package(io.BytesIO(zipped(as_files(rows or sound()))), unpacked_max_bytes=1 << 20)
    manifest = read_manifest(package)
    checked, _ = survey(package, manifest)
    checked.forgotten = Forgotten(manifest.source, frozenset(map(alias_digest, erased)))
    found = [one for step in check(package, manifest, checked, YEAR) for one in step.findings]
    return {(one.file, one.row, one.value) for one in found if "erased" in one.problem}


def test_every_row_about_her_is_refused_and_none_quotes_a_cell():
    assert refused({"sample-sis:s-1"}) == {
        ("users.csv", 2, ""), ("roles.csv", 2, ""), ("demographics.csv", 2, ""), ("enrollments.csv", 2, ""),
    }  # fmt: skip


def test_the_state_id_under_another_sourced_id_is_known_too():
    rows = sound()
    rows["users"][0] = user("new-1", "0900001")
    assert ("users.csv", 2, "") in refused({"stateStudentId:0900001"}, rows)


@pytest.mark.parametrize("erased", [set(), {"other-sis:s-1"}, {"sample-sis:s-9"}, {"stateStudentId:1"}])
def test_nobody_else_is_refused(erased):
    assert refused(erased) == set()


def test_a_mention_in_anothers_row_is_left_out():
    forgotten = Forgotten("sample-sis", frozenset({alias_digest("sample-sis:s-1")}))
    cells = {"givenName": "Sample", "agentSourcedIds": "s-1,s-2"}
    assert forgotten.left_out(USERS, cells)["agentSourcedIds"] == "s-2"
    assert forgotten.left_out(ROLES, cells) is cells
    assert Forgotten().left_out(USERS, cells) is cells
