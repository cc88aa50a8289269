"""Which organisation a source means by a row of orgs.csv, and what is told of it; all names are made up."""

import pytest

from services.roster.kinds.feeds import NAMED_BY
from services.roster.oneroster.apply.orgs_csv import MeantOrg, Org, Standing, meant, organisation_id, orgs_told
from services.roster.oneroster.read.findings import Finding
from services.roster.oneroster.read.rows import Row

LINCOLN = {"name": "Lincoln High", "type": "school", "parent_id": None}
NORTH = {"name": "North", "type": "district", "parent_id": "cted"}
CAMPUS = {"name": "Northwest", "type": "central_campus", "parent_id": "cted"}
OWN = organisation_id("ps1", "100")


def org(sourced_id="100", name="Lincoln High", kind="school", parent="", number=2):
    return Row(number, {"sourcedId": sourced_id, "name": name, "type": kind, "parentSourcedId": parent})


def by(how, source="ps1", sourced_id="100"):
    return {NAMED_BY: [{"source": source, "sourced_id": sourced_id, "how": how}]}


def where(rows, source="ps1", **standing):
    return meant(rows, source, Standing(**{"known": {}, **standing}))


@pytest.mark.parametrize(
    ("standing", "id", "right"),
    [
        pytest.param({}, "100", "new", id="nobody has the id"),
        pytest.param({"known": {"100": LINCOLN | by("made")}}, "100", "own", id="its feed made it"),
        pytest.param({"known": {"lin": LINCOLN | by("mapped")}}, "lin", "own", id="mapped, whatever its id"),
        pytest.param(
            {"known": {"100": LINCOLN | by("named")}}, "100", "named", id="named before, whatever it is called"
        ),
        pytest.param({"known": {"100": LINCOLN}}, "100", "agrees", id="a person's, of the same type and name"),
        pytest.param({"known": {"100": LINCOLN | {"name": "LINCOLN  high"}}}, "100", "agrees", id="written otherwise"),
        pytest.param({"known": {"100": LINCOLN | {NAMED_BY: []}}}, OWN, "apart", id="no source's, as a person says"),
        pytest.param({"known": {"100": LINCOLN | {"name": "Roosevelt"}}}, OWN, "apart", id="of another name"),
        pytest.param({"known": {"100": LINCOLN | {"type": "district"}}}, OWN, "apart", id="of another type"),
        pytest.param({"known": {"100": LINCOLN | {"type": "satellite_campus"}}}, OWN, "apart", id="a campus"),
        pytest.param(
            {"known": {"100": LINCOLN | by("made", "ps2")}}, OWN, "apart", id="another source's, all the same"
        ),
        pytest.param({"known": {"100": LINCOLN | by("named", "ps2")}}, OWN, "apart", id="named by another source"),
        pytest.param({"known": {"100": LINCOLN | by("mapped", "ps2")}}, OWN, "apart", id="mapped to another source"),
        pytest.param({"known": {"100": LINCOLN | {"name": "x"}, OWN: LINCOLN}}, OWN, "adopted", id="apart before"),
        pytest.param({"known": {"100": LINCOLN}, "made": {"100": "ps1"}}, "100", "adopted", id="its own of old"),
        pytest.param({"known": {"100": LINCOLN}, "made": {"100": "ps2"}}, OWN, "apart", id="another source's of old"),
        pytest.param({"known": {"100": CAMPUS}, "made": {"100": "ps1"}}, "100", "named", id="of old, and a campus now"),
        pytest.param({"known": {}, "void": {"100": LINCOLN | by("made")}}, "100", "own", id="its own, void: again"),
        pytest.param({"known": {}, "void": {"100": LINCOLN}}, OWN, "apart", id="a person's, void"),
    ],
)
def test_whom_a_row_means(standing, id, right):
    assert where([org()], **standing) == {"100": MeantOrg(id, right)}


@pytest.mark.parametrize(
    ("district", "right"),
    [
        pytest.param("north", "agrees", id="in the same district"),
        pytest.param("south", "apart", id="in another one"),
        pytest.param("", "agrees", id="nothing is said of it"),
    ],
)
def test_a_school_of_another_district_is_another_school(district, right):
    known = {"north": NORTH, "south": NORTH | {"name": "South"}, "100": LINCOLN | {"parent_id": "north"}}
    rows = [org(parent=district), org("north", "North", "district"), org("south", "South", "district")]

    assert where(rows, known=known)["100"].right == right


def test_two_sources_of_one_sourced_id_are_two_organisations():
    first = where([org()], "ps1")["100"]
    second = where([org(name="Roosevelt Middle")], "ps2", known={first.id: LINCOLN | by("made")})["100"]

    assert first != second
    assert second.id != first.id


@pytest.mark.parametrize("sourced_id", ["a.b", "7f3c/x", "_a", "x" * 65])
def test_a_sourced_id_that_can_be_no_id_gives_one_always_the_same(sourced_id):
    one, other = where([org(sourced_id)], "ps1")[sourced_id], where([org(sourced_id)], "ps2")[sourced_id]

    assert one == where([org(sourced_id)], "ps1")[sourced_id] != other


@pytest.mark.parametrize("kind", ["school", "district"])
def test_a_circle_in_old_rows_is_walked_once(kind):
    rows = [org("a", kind=kind, parent="b"), org("b", kind=kind, parent="a"), org("c", parent="a")]

    assert where(rows).keys() == {"a", "b", "c"}


def kept(rows, known, source="ps1", **earlier):
    told = list(orgs_told(rows, source, Standing(known, **earlier)))
    return (
        {one.sourced_id: one for one in told if isinstance(one, Org)},
        [one for one in told if isinstance(one, Finding)],
    )


@pytest.mark.parametrize("kind", ["central_campus", "satellite_campus", "cted"])
def test_what_no_feed_changes_is_named_and_not_written(kind):
    found, notes = kept([org("nw", "Elementary")], {"nw": CAMPUS | {"type": kind} | by("mapped", sourced_id="nw")})

    assert (found["nw"].id, found["nw"].body, notes) == ("nw", None, [])


def test_a_school_lies_under_what_its_source_means_by_the_parent():
    known = {"d": NORTH | {"name": "Other"}, "cted": {"name": "Sample", "type": "cted", "parent_id": None}}
    rows = [org("d", "North", "district"), org("mid", "x", "department", "d"), org("s", parent="mid")]

    found, _ = kept(rows, known)

    assert found["d"].id == organisation_id("ps1", "d")
    assert found["s"].body is not None
    assert found["s"].body.parent_id == found["d"].id


@pytest.mark.parametrize(
    "stored",
    [
        pytest.param(LINCOLN, id="named"),
        pytest.param(LINCOLN | {"name": "Roosevelt"}, id="apart"),
    ],
)
def test_who_meets_an_id_that_was_there_is_told_how_to_map_it(stored):
    _, [note] = kept([org()], {"100": stored})

    assert (note.row, note.column, note.effect) == (2, "sourcedId", "note")
    assert "PUT /v1/organisations/100/sources" in note.what_would_work
    assert '{"source": "ps1", "sourced_id": "100"}' in note.what_would_work


@pytest.mark.parametrize(
    ("stored", "earlier", "noted"),
    [
        pytest.param({"100": LINCOLN | by("named")}, {"100": 2}, True, id="named by this import"),
        pytest.param({"100": LINCOLN | by("named")}, {}, False, id="named by an earlier one"),
        pytest.param({"100": CAMPUS, OWN: LINCOLN | by("made")}, {OWN: 1}, True, id="set apart by this import"),
        pytest.param({"100": CAMPUS, OWN: LINCOLN | by("made")}, {OWN: 4}, False, id="changed by this import only"),
        pytest.param({"100": CAMPUS, OWN: LINCOLN | by("made")}, {}, False, id="set apart by an earlier one"),
        pytest.param({OWN: LINCOLN | by("made")}, {OWN: 1}, False, id="made by this import, beside nothing"),
    ],
)
def test_an_import_that_goes_on_tells_again_what_it_told(stored, earlier, noted):
    _, notes = kept([org()], stored, earlier=earlier)

    assert len(notes) == noted
