"""Which rows a caller reaches: the union over their roles, and never more by anything they send."""

import pytest

from shared.doors.auth import NOTHING, Identity, Reach, Role, Rows, identity
from shared.doors.local_key import make_key, sign
from shared.errors import NotFound, Unauthenticated
from tests.unit.shared.tiny_app import client_of, settings_with, signed, tiny_app

FIELDS = {"program": "p", "organisation": "o", "district": "d", "student": "s"}
ROW = {"p": "welding", "o": "north", "d": "lake", "s": "student-1"}


def reach(*rows: Rows, **claims) -> Reach:
    lists = {name: frozenset(value) for name, value in claims.items() if name != "student_id"}
    who = Identity("user", frozenset(), student_id=claims.get("student_id"), **lists)
    return Reach(who, frozenset(rows))


def matches(where: dict, row: dict) -> bool:
    """What MongoDB would do with the few operators that reach uses, written apart."""
    for field, wanted in where.items():
        if field == "$and":
            held = all(matches(part, row) for part in wanted)
        elif field == "$or":
            held = any(matches(part, row) for part in wanted)
        else:
            held = row.get(field) in wanted["$in"]
        if not held:
            return False
    return True


@pytest.mark.parametrize(
    ("given", "within"),
    [
        pytest.param(reach(), False, id="no rows"),
        pytest.param(reach(Rows.ALL), True, id="all"),
        pytest.param(reach(Rows.OWN_PROGRAMS, programs=["welding"], campuses=["north"]), True, id="program, campus"),
        pytest.param(reach(Rows.OWN_PROGRAMS, programs=["welding"], campuses=["south"]), False, id="other campus"),
        pytest.param(reach(Rows.OWN_PROGRAMS, programs=["baking"], campuses=["north"]), False, id="other program"),
        pytest.param(reach(Rows.OWN_PROGRAMS, programs=["welding"]), False, id="no campus claimed"),
        pytest.param(reach(Rows.OWN_PROGRAMS, programs=["*"], campuses=["north"]), True, id="every program"),
        pytest.param(
            reach(Rows.OWN_PROGRAMS, programs=["*"], campuses=["south"]), False, id="every program, elsewhere"
        ),
        pytest.param(reach(Rows.OWN_PROGRAMS, programs=["*"], campuses=["*"]), True, id="every program everywhere"),
        pytest.param(reach(Rows.OWN_CAMPUSES, campuses=["north"]), True, id="campus"),
        pytest.param(reach(Rows.OWN_CAMPUSES, programs=["welding"]), False, id="program where campus counts"),
        pytest.param(reach(Rows.OWN_DISTRICTS, districts=["lake", "hill"]), True, id="one of two districts"),
        pytest.param(reach(Rows.OWN_DISTRICTS, districts=["hill"]), False, id="another district"),
        pytest.param(reach(Rows.OWN_DISTRICTS, districts=[]), False, id="no district"),
        pytest.param(reach(Rows.SELF, student_id="student-1"), True, id="oneself"),
        pytest.param(reach(Rows.SELF, student_id="student-2"), False, id="another student"),
        pytest.param(reach(Rows.SELF), False, id="nobody"),
        pytest.param(reach(Rows.SELF, student_id="*"), False, id="a student id is never all"),
        pytest.param(
            reach(Rows.SELF, Rows.OWN_CAMPUSES, student_id="student-2", campuses=["north"]), True, id="union of two"
        ),
    ],
)
def test_rows_within_reach(given, within):
    values = {name: ROW[field] for name, field in FIELDS.items()}

    assert given.allows(**values) is within
    assert matches(given.filter(**FIELDS), ROW) is within
    if within:
        given.require("row", **values)
    else:
        with pytest.raises(NotFound, match="no row"):
            given.require("row", **values)


@pytest.mark.parametrize(
    ("given", "part"),
    [
        pytest.param(reach(Rows.OWN_PROGRAMS, programs=["welding"], campuses=["north"]), "organisation", id="program"),
        pytest.param(reach(Rows.OWN_PROGRAMS, programs=["welding"], campuses=["north"]), "program", id="campus"),
        pytest.param(reach(Rows.OWN_CAMPUSES, campuses=["north"]), "district", id="own campuses"),
        pytest.param(reach(Rows.OWN_DISTRICTS, districts=["lake"]), "student", id="own districts"),
        pytest.param(reach(Rows.SELF, student_id="student-1"), "program", id="oneself"),
        pytest.param(reach(Rows.SELF), "student", id="oneself, but the token names no student"),
    ],
)
def test_a_field_or_value_that_is_not_given_only_hides(given, part):
    field = FIELDS[part]

    assert given.filter(**{part: field}) == NOTHING
    assert given.filter() == NOTHING
    assert not given.allows(**{part: ROW[field]})
    assert not given.allows()
    assert not given.allows(**dict.fromkeys(FIELDS))


@pytest.mark.parametrize("program", ["welding", None])
def test_a_star_reaches_rows_without_a_program_too(program):
    mine = reach(Rows.OWN_PROGRAMS, programs=["*"], campuses=["north"])

    assert mine.allows(program=program, organisation="north")
    assert matches(mine.filter(program="p", organisation="o"), {"p": program, "o": "north"})
    assert not mine.allows(program=program, organisation="south")


def test_what_a_caller_asks_for_cannot_widen_their_reach():
    mine = reach(Rows.OWN_CAMPUSES, campuses=["north"])

    where = mine.within({"$or": [{"o": {"$in": ["south"]}}], "o": {"$in": ["south"]}}, organisation="o")

    assert not matches(where, {"o": "south"})


@pytest.mark.parametrize(
    ("claims", "words"),
    [
        pytest.param({}, "sub", id="no sub"),
        pytest.param({"sub": ""}, "sub", id="an empty sub"),
        pytest.param({"sub": 3}, "sub", id="a sub that is no text"),
        pytest.param({"sub": "u", "roles": "instructor"}, "roles", id="roles as text"),
        pytest.param({"sub": "u", "campuses": [{"$ne": 1}]}, "campuses", id="an operator as campus"),
        pytest.param({"sub": "u", "programs": None}, "programs", id="null as programs"),
        pytest.param({"sub": "u", "student_id": ["a"]}, "student_id", id="a list as student"),
    ],
)
def test_claims_of_another_form_are_refused(claims, words):
    with pytest.raises(Unauthenticated, match=words):
        identity(claims)


def test_a_role_that_we_do_not_know_opens_nothing():
    assert identity({"sub": "u", "roles": ["instructor", "emperor"]}).roles == {Role.INSTRUCTOR}


@pytest.fixture(scope="module")
def app(keys):
    return tiny_app(settings_with(keys))


@pytest.fixture
async def client(app, keys):
    async with client_of(app, signed(keys)) as opened:
        for id in ("a", "b"):
            await opened.put(f"/v1/things/{id}", json={"name": "x", "program_id": "welding"})
        opened.headers.pop("authorization")
        yield opened


INSTRUCTOR = {"sub": "i", "roles": ["instructor"], "programs": ["welding"], "campuses": ["north"]}


@pytest.mark.parametrize(
    ("claims", "path", "status"),
    [
        pytest.param(INSTRUCTOR, "/v1/things/a", 200, id="own program"),
        pytest.param({**INSTRUCTOR, "programs": ["baking"]}, "/v1/things/a", 404, id="another's: as if it were not"),
        pytest.param({"sub": "s", "roles": ["student"], "student_id": "a"}, "/v1/things/a", 200, id="oneself"),
        pytest.param({"sub": "s", "roles": ["student"], "student_id": "a"}, "/v1/things/b", 404, id="another student"),
        pytest.param({"sub": "s", "roles": ["student"], "student_id": "a"}, "/v1/things", 403, id="role not listed"),
        pytest.param({"sub": "s", "roles": ["operator"]}, "/v1/things/a", 403, id="no rows at all"),
        pytest.param({"sub": "s"}, "/v1/things/a", 403, id="no role"),
        pytest.param(None, "/v1/things/a", 401, id="no token"),
        pytest.param(None, "/livez", 200, id="public"),
        pytest.param(None, "/openapi.json", 200, id="public description"),
    ],
)
async def test_routes_open_by_role_and_rows(client, keys, claims, path, status):
    answer = await client.get(path, headers=signed(keys, claims) if claims else {})

    assert answer.status_code == status, answer.text
    assert ("www-authenticate" in answer.headers) is (status == 401)


@pytest.mark.parametrize(
    ("header", "words"),
    [
        pytest.param("Basic YWJj", "Bearer", id="another scheme"),
        pytest.param("Bearer", "Bearer", id="no token behind it"),
        pytest.param("Bearer a b", "signed JWT", id="two tokens"),
    ],
)
async def test_an_authorization_header_of_another_form(client, header, words):
    answer = await client.get("/v1/things", headers={"authorization": header})

    assert answer.status_code == 401
    assert words in answer.json()["detail"]


@pytest.mark.parametrize(
    ("method", "status"),
    [pytest.param("GET", 200, id="reads"), pytest.param("PUT", 401, id="never writes")],
)
async def test_the_cookie_is_for_reading(client, keys, method, status):
    token = signed(keys)["Authorization"].removeprefix("Bearer ")

    answer = await client.request(
        method,
        "/v1/things/a",
        headers={"cookie": f"aurora_token={token}"},
        json={"name": "x", "program_id": "p"} if method == "PUT" else None,
    )

    assert answer.status_code == status


def test_the_local_key_is_made_once_and_is_nobody_elses_to_read(tmp_path):
    folder = tmp_path / "keys"
    make_key(folder)
    before = (folder / "private.pem").read_bytes()
    make_key(folder)

    assert (folder / "private.pem").read_bytes() == before
    assert (folder / "private.pem").stat().st_mode & 0o077 == 0
    assert '"d"' not in (folder / "jwks.json").read_text()
    assert "local-" in (folder / "jwks.json").read_text()
    assert sign(folder, {"sub": "u"}, 60).count(".") == 2
