"""A package that costs much more than it is: refused at a bound, in words; what is counted meanwhile stays true."""

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.roster.oneroster.check import inspection as checking
from services.roster.oneroster.check.inspection import check, survey
from services.roster.oneroster.read.findings import Finding, NothingApplied
from services.roster.oneroster.read.manifest import read_manifest
from services.roster.oneroster.read.package import open_package
from services.roster.oneroster.run.notes import FIRST_ROWS, MOST_KINDS, Notes
from services.roster.oneroster.run.stages import Stages
from tests.oneroster_damage import YEAR, findings_of
from tests.oneroster_zips import as_files, org, sound, zipped


def repeating(line: bytes, times: int) -> bytes:
    """The sound package with a users.csv that says one thing over and over."""
    files = as_files(sound())
    return zipped(files | {"users.csv": files["users.csv"] + line * times})


def test_what_unpacks_to_a_hundred_times_its_size_is_no_roster():
    (found,) = findings_of(repeating(b"x" * 80 + b"\r\n", 150_000))

    assert (found.file, found.effect) == ("users.csv", "stops_all")
    assert "times as large" in found.problem
    assert "100 times at most" in found.what_would_work


def test_a_roster_that_packs_well_is_read():
    packed = repeating(b"x\r\n", 1000)

    assert all(one.effect != "stops_all" for one in findings_of(packed))


def test_more_rows_than_the_largest_district_has_are_refused_while_they_are_counted(monkeypatch):
    monkeypatch.setattr(checking, "MOST_ROWS", 20)

    (found,) = findings_of(repeating(b"x\r\n", 40))

    assert (found.file, found.problem) == ("users.csv", "the package has more than 20 rows")


def test_a_file_in_which_hardly_a_row_is_right_is_refused_as_a_whole(monkeypatch):
    monkeypatch.setattr(checking, "MOST_REFUSED", 10)
    monkeypatch.setattr(checking, "ROWS_A_STEP", 5)

    found = findings_of(repeating(b"x\r\n", 1000))

    assert "more than 10 rows are refused" in found[-1].problem
    assert len(found) <= 10 + 5 + 1


def test_the_tally_is_true_at_every_step(monkeypatch):
    monkeypatch.setattr(checking, "ROWS_A_STEP", 3)
    package = open_package(io.BytesIO(repeating(b"x\r\n", 50)), unpacked_max_bytes=1 << 30)
    manifest = read_manifest(package)
    checked, _ = survey(package, manifest)

    told = [checked.tally.as_document()["users.csv"] for _ in check(package, manifest, checked, YEAR)]

    assert told[-1]["read"] == 53
    assert told[-1]["refused"] == 50
    assert all(each["checked"] >= 0 and sum(each.values()) == 2 * each["read"] for each in told)


def test_a_line_of_fifty_thousand_organisations_is_walked_once():
    orgs = [org(f"o-{at}", "department", f"o-{at + 1}") for at in range(50_000)]

    found = findings_of(zipped(as_files({"orgs": [*orgs, org("o-50000", "department", "o-49990")]})))

    assert {one.problem for one in found} == {"it lies under itself; the cell was left out"}
    assert len(found) == 11


def test_a_zip_of_two_bytes_a_row_stays_small():
    """The bound of size alone would let millions of rows of nothing through."""
    packed = repeating(b"x\n", 300_000)
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert archive.getinfo("users.csv").file_size < 8 << 20

    assert "more than 200,000 rows are refused" in findings_of(packed)[-1].problem


stages = st.lists(st.integers(0, 3000), max_size=8)


@given(st.integers(0, 10_000), stages, st.integers(0, 30_000), stages, st.integers(0, 20_000))
def test_progress_never_falls_and_never_passes_its_end(lines, checking_rows, to_do, applying_rows, reached):
    """Whatever is told of either stage, and however far an earlier turn had been."""
    told = Stages(reached=min(reached, 2 * lines))
    told.begin(lines)
    seen = [told.done]
    for rows in checking_rows:
        told.further(rows)
        seen.append(told.done)
    told.second(to_do)
    seen.append(told.done)
    for rows in applying_rows:
        told.further(rows)
        seen.append(told.done)
    told.end()
    seen.append(told.done)

    assert seen == sorted(seen)
    assert seen[0] >= 0
    assert seen[-1] == told.total == 2 * lines


def test_checking_is_the_first_half_and_applying_the_second():
    told = Stages()
    told.begin(100)
    told.further(50)
    half_checked = told.done
    told.further(50)
    told.second(10)
    told.further(5)

    assert (half_checked, told.done, told.total) == (50, 150, 200)


def note(row: int, problem: str = "made up", **more: str) -> Finding:
    return Finding("users.csv", row, "grades", "x", problem, "made up", "note", code="made_up", **more)  # type: ignore[arg-type]


def test_notes_wait_and_refusals_do_not():
    notes = Notes()
    refusal = Finding("users.csv", 3, "givenName", "", "empty", "fill it in", code="missing")
    whole = Finding("users.csv", None, "", "", "no rows", "send them", "note", code="no_rows")

    assert notes.sift([note(2), refusal, whole, note(4)]) == [refusal, whole]
    (one,) = notes.gathered()

    assert (one.row, one.rows, one.problem) == (2, 2, "made up (2 rows: 2, 4)")
    assert notes.gathered() == []


def test_notes_of_one_kind_are_one_whatever_their_words():
    notes = Notes()
    notes.sift([note(at, f"day {at}", kind="outside") for at in range(2, 40)])

    (one,) = notes.gathered()

    assert one.rows == 38
    assert one.problem.count(",") == FIRST_ROWS - 1


@pytest.mark.parametrize("more", [0, 5])
def test_notes_that_each_have_words_of_their_own_do_not_fill_the_memory(more):
    notes = Notes()

    at_once = notes.sift(note(at, f"day {at}") for at in range(MOST_KINDS + more))

    assert len(at_once) == more


def test_what_stopped_all_is_told_beside_what_was_found_before(monkeypatch):
    monkeypatch.setattr(checking, "MOST_REFUSED", 1)
    package = open_package(io.BytesIO(repeating(b"x\r\n", 5)), unpacked_max_bytes=1 << 30)
    manifest = read_manifest(package)
    checked, _ = survey(package, manifest)

    with pytest.raises(NothingApplied) as refused:
        list(check(package, manifest, checked, YEAR))

    assert [one.effect for one in refused.value.findings] == [*["refuses_row"] * 5, "stops_all"]
