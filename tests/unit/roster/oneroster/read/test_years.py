"""Which school year a package is about: that of its sessions, what somebody says, else the current one."""

import io

import pytest

from services.roster.oneroster.read.findings import NothingApplied
from services.roster.oneroster.read.manifest import read_manifest
from services.roster.oneroster.read.package import open_package
from services.roster.oneroster.read.years import year_of, years_told
from tests.oneroster_damage import with_file, with_rows
from tests.oneroster_zips import ACTIVE, as_files, delta, row, sound, zipped

NOW, GONE = "2026-27", "tobedeleted"


def session(id: str, year: str, **more: str) -> str:
    told = {"title": "Made up", "type": "term", "startDate": "2024-08-01", "endDate": "2024-12-20"}
    return row("academicSessions", sourcedId=id, schoolYear=year, **(told | more))


def told_by(packed: bytes) -> set[str]:
    package = open_package(io.BytesIO(packed), unpacked_max_bytes=1 << 30)
    return years_told(package, read_manifest(package))


@pytest.mark.parametrize(
    ("packed", "years"),
    [
        pytest.param(lambda: zipped(as_files(sound())), {"2024-25"}, id="one year"),
        pytest.param(lambda: with_rows(academicSessions=[session("a", "2025"), session("b", "2027")]),
                     {"2024-25", "2026-27"}, id="two years"),
        pytest.param(lambda: with_rows(academicSessions=[session("a", "2024-25")]), {"2024-25"}, id="in our writing"),
        pytest.param(lambda: with_rows(academicSessions=[session("a", "soon"), session("b", "")]), set(), id="neither"),
        pytest.param(lambda: with_rows(academicSessions=[session("a", "2000")]), {"1999-00"}, id="a century ends"),
        pytest.param(lambda: with_rows(academicSessions=[session("a", "2025"), session("b", "2020", status=GONE)]),
                     {"2024-25"}, id="what is to be deleted says nothing"),
        pytest.param(lambda: zipped(as_files({"orgs": sound()["orgs"]})), set(), id="no sessions"),
        pytest.param(lambda: delta({"academicSessions": [session("a", "2020", **ACTIVE)]}), set(), id="changes alone"),
        pytest.param(lambda: with_file("academicSessions.csv", b"pupils\r\n1\r\n"), set(), id="a header of nobody's"),
    ],
)  # fmt: skip
def test_the_years_that_a_package_tells(packed, years):
    assert told_by(packed()) == years


@pytest.mark.parametrize(
    ("asked", "told", "year"),
    [
        pytest.param("", {"2024-25"}, "2024-25", id="the sessions say it, whatever day it is"),
        pytest.param("2024-25", {"2026-27"}, "2024-25", id="who says it is believed"),
        pytest.param("", {"2024-25", "2026-27"}, "2026-27", id="several, and the current one among them"),
        pytest.param("", set(), "2026-27", id="nobody says anything"),
    ],
)
def test_the_year_to_file_it_under(asked, told, year):
    assert year_of(asked, told, NOW) == year


def test_it_is_asked_for_when_the_sessions_leave_it_open():
    with pytest.raises(NothingApplied) as refused:
        year_of("", {"2024-25", "2023-24"}, NOW)

    (one,) = refused.value.findings
    assert "2023-24 and 2024-25" in one.problem
    assert "?school_year=2024-25" in one.what_would_work
