"""Nobody reads or writes across the rows that a route's declared scope gives them: every route, every role."""

from shared.doors.auth import Rows
from tests.security.asking import Asking, askings
from tests.security.world import World, claims_of, strangers

CLOSED = (401, 403, 404)
# What is asked for by its id; a change may also be refused for what it says, before whom it is about is looked at.
SHUT = {True: (403, 404), False: (403, 404, 422)}
# Places, programs, sources, the catalogue and numbers of whole boards belong to everybody to read.
COMMON = {
    "get_organisation",
    "get_source",
    "get_program",
    "get_credential",
    "get_cuts",
    "get_program_catalogue",
    "get_touchpoint_plan",
    "get_survey",
    # A version is everybody's; of a program elsewhere no link is made, and none is told.
    "make_survey_links",
    "read_measure",
    "explain_measure",
    "read_members",
}
# What the worlds do not have one of: their routes are asked, and rightly answer 404.
ABSENT = {
    "get_oneroster_import",
    "get_oneroster_import_problems",
    "get_cuts",
    "get_program_catalogue",
    "stream_counts",
    "decide_person_conflict",
}


def leaks(asking: Asking, text: str, marks: frozenset[str]) -> list[str]:
    """What an answer tells of the other place; what the request itself said is only said back."""
    said = asking.path + (asking.content or b"").decode("latin-1")
    return sorted(mark for mark in marks if mark in text and mark not in said)


async def test_what_lies_elsewhere_is_neither_read_nor_written(world: World):
    """For every route, role and wrong claim: nothing told, nothing changed; one thing asked for by its id
    is answered as if it did not exist."""
    ours, theirs = world.places["ours"], world.places["theirs"]
    access = world.app.state.doors.access
    before = await world.stored()
    wrong, tried = [], 0
    for asking in askings(world.app, theirs, world.tables):
        for role, rows in access[asking.operation].items():
            if rows is Rows.ALL:
                continue
            for name, claims in strangers(role, rows, ours, theirs).items():
                tried += 1
                answer = await world.ask(asking, claims)
                if told := leaks(asking, answer.text, world.marks["theirs"]):
                    wrong.append((asking.operation, role.value, name, f"tells {told}"))
                if asking.about_one and asking.operation not in COMMON and answer.status_code not in SHUT[asking.reads]:
                    wrong.append((asking.operation, role.value, name, answer.status_code))
    after = await world.stored()

    changed = sorted(key for key in {*after, *before} if after.get(key) != before.get(key))
    assert changed == []
    assert wrong == []
    assert tried > 0


async def test_the_same_requests_reach_what_is_their_own(world: World):
    """So that the refusals above are of the scope, and not of a request that nobody could make."""
    theirs = world.places["theirs"]
    access = world.app.state.doors.access
    asked = askings(world.app, theirs, world.tables)
    shut = []
    for asking in sorted(asked, key=lambda one: not one.reads):
        answers = [
            (await world.ask(asking.without("If-Match"), claims_of(role, rows, theirs))).status_code
            for role, rows in access[asking.operation].items()
        ]
        if asking.operation not in ABSENT and all(status in CLOSED for status in answers):
            shut.append((asking.operation, answers))

    assert shut == [], "no role reaches its own rows here"
