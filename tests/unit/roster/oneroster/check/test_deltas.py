"""Deltas that are damaged: each mistake is found by file, row and column; what is known before may be named."""

import io

import pytest

from services.roster.oneroster.check.checked import Checked
from services.roster.oneroster.check.inspection import check, survey
from services.roster.oneroster.read.findings import Finding, NothingApplied
from services.roster.oneroster.read.manifest import read_manifest
from services.roster.oneroster.read.package import open_package
from tests.oneroster_damage import YEAR, Expected, assert_found
from tests.oneroster_zips import (
    ACTIVE,
    DELETED,
    as_files,
    delta,
    demographics,
    enrollment,
    org,
    role,
    row,
    user,
    zipped,
)

BEFORE = {
    "orgs": frozenset({"d-1", "hs-1"}),
    "users": frozenset({"s-1", "s-2"}),
    "academicSessions": frozenset({"y-25", "t-fall"}),
    "courses": frozenset({"c-1"}),
    "classes": frozenset({"k-1"}),
}
SESSION = {"title": "Fall", "type": "term", "startDate": "2024-08-01", "endDate": "2024-12-20", "schoolYear": "2025"}


def found_in(packed: bytes) -> tuple[list[Finding], Checked]:
    try:
        package = open_package(io.BytesIO(packed), unpacked_max_bytes=1 << 30)
        manifest = read_manifest(package)
        checked, _ = survey(package, manifest)
        checked.terms.classes["k-1"] = ("2024-08-01", "2024-12-20")
        whole = {layout.name for layout in manifest.layouts if manifest.whole(layout)}
        before = {name: ids for name, ids in BEFORE.items() if name not in whole}
        return [one for step in check(package, manifest, checked, YEAR, before) for one in step.findings], checked
    except NothingApplied as stopped:
        return stopped.findings, Checked()


def mixed(modes: dict[str, str], rows: dict[str, list[str]]) -> bytes:
    return zipped(as_files(rows, **{f"file__{name}": mode for name, mode in modes.items()}))


SOUND = {
    "one changed user": lambda: delta({"users": [user("s-1", **ACTIVE)]}),
    "a role of a user who was sent before": lambda: delta({"roles": [role("s-2", **ACTIVE)]}),
    "a row to be deleted says no more than that": lambda: delta({"users": [row("users", sourcedId="s-1", **DELETED)]}),
    "a seat in a class that was sent before": lambda: delta({"enrollments": [enrollment("e-9", "s-1", **ACTIVE)]}),
    "groups of a user who was sent before": lambda: delta({"demographics": [demographics("s-1", **ACTIVE)]}),
    "an organisation under one that was sent before": lambda: delta({"orgs": [org("hs-2", **ACTIVE)]}),
    "users as a whole, enrollments as changes": lambda: mixed(
        {"orgs": "bulk", "users": "bulk", "enrollments": "delta"},
        {
            "orgs": [org("d-1", "district", ""), org("hs-1")],
            "users": [user("s-1")],
            "enrollments": [enrollment("e-1", "s-1", **ACTIVE)],
        },
    ),
    "moments, which are read for nothing": lambda: delta(
        {
            "users": [user("s-1", status="active"), row("users", sourcedId="s-2", status="tobedeleted")],
            "orgs": [org("hs-2", **{**ACTIVE, "dateLastModified": "1/05/2023"})],
        }
    ),
    "deleting what nobody has": lambda: delta({"roles": [row("roles", sourcedId="r-none", **DELETED)]}),
}


@pytest.mark.parametrize("packed", SOUND.values(), ids=SOUND.keys())
def test_nothing_is_wrong_with(packed):
    assert found_in(packed())[0] == []


DAMAGED: dict[str, tuple[bytes, list[Expected]]] = {
    "a row without a status": (
        delta({"users": [user("s-1", dateLastModified=ACTIVE["dateLastModified"])]}),
        [("users.csv", 2, "status", "empty in a delta")],
    ),
    "a status of nobody's": (
        delta({"orgs": [org("hs-2", **{**ACTIVE, "status": "inactive"})]}),
        [("orgs.csv", 2, "status", "cannot be this")],
    ),
    "deleting without an id": (
        delta({"users": [row("users", **DELETED)]}),
        [("users.csv", 2, "sourcedId", "empty")],
    ),
    "deleted and kept in one package": (
        delta({"users": [user("s-1", **ACTIVE), row("users", sourcedId="s-1", **DELETED)]}),
        [("users.csv", 3, "sourcedId", "row 2 already")],
    ),
    "a role of a user who is deleted beside it": (
        delta({"users": [row("users", sourcedId="s-1", **DELETED)], "roles": [role("s-1", **ACTIVE)]}),
        [("roles.csv", 2, "userSourcedId", "to be deleted")],
    ),
    "a seat in a class that is deleted beside it": (
        delta(
            {
                "classes": [row("classes", sourcedId="k-1", **DELETED)],
                "enrollments": [enrollment("e-9", "s-1", **ACTIVE)],
            }
        ),
        [("enrollments.csv", 2, "classSourcedId", "to be deleted")],
    ),
    "a seat of a user nobody has sent": (
        delta({"enrollments": [enrollment("e-9", "s-9", **ACTIVE)]}),
        [("enrollments.csv", 2, "userSourcedId", "users.csv has no row")],
    ),
    "a class of a course nobody has sent": (
        delta(
            {
                "classes": [
                    row(
                        "classes",
                        sourcedId="k-9",
                        title="Made up",
                        courseSourcedId="c-9",
                        classType="scheduled",
                        schoolSourcedId="hs-1",
                        termSourcedIds="t-fall",
                        **ACTIVE,
                    )
                ]
            }
        ),
        [("classes.csv", 2, "courseSourcedId", "courses.csv has no row")],
    ),
    "a seat outside of a class that was sent before": (
        delta({"enrollments": [enrollment("e-9", "s-1", beginDate="2024-08-01", endDate="2025-05-30", **ACTIVE)]}),
        [("enrollments.csv", 2, "endDate", "meets from 2024-08-01 to 2024-12-20")],
    ),
    "a term that ends before it begins": (
        delta(
            {
                "academicSessions": [
                    row("academicSessions", sourcedId="t-9", **{**SESSION, "endDate": "2024-07-01"}, **ACTIVE)
                ]
            }
        ),
        [("academicSessions.csv", 2, "endDate", "before startDate")],
    ),
    "whole users that leave out whom a change names": (
        mixed(
            {"orgs": "bulk", "users": "bulk", "enrollments": "delta"},
            {
                "orgs": [org("d-1", "district", ""), org("hs-1")],
                "users": [user("s-1")],
                "enrollments": [enrollment("e-1", "s-2", **ACTIVE)],
            },
        ),
        [("enrollments.csv", 2, "userSourcedId", "users.csv has no row")],
    ),
    "whole roles without whole or changed users": (
        mixed({"roles": "bulk"}, {"roles": [role("s-1")]}),
        [("manifest.csv", None, "file.users", "absent"), ("manifest.csv", None, "file.orgs", "absent")],
    ),
    "a delta without its columns": (
        zipped(
            as_files({"roles": []}, file__roles="delta")
            | {"roles.csv": b"sourcedId,userSourcedId,roleType,role,orgSourcedId\r\n"}
        ),
        [("roles.csv", None, "status", "missing")],
    ),
    "a delta without rows": (delta({"roles": []}), [("roles.csv", None, "", "no rows")]),
}


@pytest.mark.parametrize(("packed", "expected"), DAMAGED.values(), ids=DAMAGED.keys())
def test_a_damaged_delta_is_told_by_its_cells(packed, expected):
    assert_found(found_in(packed)[0], expected)


def test_whom_a_delta_touches():
    rows = {
        "users": [user("s-1", **ACTIVE)],
        "roles": [role("s-2", **ACTIVE)],
        "enrollments": [enrollment("e-1", "s-9", **ACTIVE)],
    }

    _, checked = found_in(delta(rows))

    assert checked.touched == {"s-1", "s-2"}
