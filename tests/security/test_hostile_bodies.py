"""Whatever stands where a value belongs is refused in words and leaves nothing stored: every route, every field."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from shared.doors.auth import Rows
from tests.security.asking import Asking, askings, with_query
from tests.security.world import World, claims_of

DEEP = "[" * 5_000 + "]" * 5_000
OPERATORS = ({"$ne": None}, [{"$where": "sleep(1000)"}])
HOSTILE: dict[str, Any] = {
    **{f"operator {n}": value for n, value in enumerate(OPERATORS)},
    "a negative number": -1,
    "a huge number": 10**400,
    "not a number": "NaN",
    "a control character": "a\x00b",
    "turned around": "\u202egnidlew",
    "an operator as text": "$where",
    "a path": "../../etc/passwd",
    "nothing in a list": [None],
}


def spoilt(asking: Asking) -> Iterator[tuple[str, Asking]]:
    """The request once for each field of its body and each value that does not belong there."""
    if asking.headers.get("Content-Type") != "application/json":
        return
    body = json.loads(asking.content or b"{}")
    for name in body:
        for what, value in HOSTILE.items():
            yield f"{name}: {what}", replace(asking, content=json.dumps({**body, name: value}).encode())
    yield "a megabyte", replace(asking, content=json.dumps(dict.fromkeys(body, "x" * 1_000_000)).encode())
    yield "nested too deep", replace(asking, content=f'{{"x": {DEEP}}}'.encode())
    yield "an operator beside", replace(asking, content=json.dumps({**body, "$set": {"version": 9}}).encode())
    yield "a name twice over", replace(asking, content=json.dumps({**body, "_id": "x", "__proto__": {}}).encode())


# Texts that a person types may hold any characters: they are kept as text, and never looked up by.
TYPED = {
    "name",
    "title",
    "given_name",
    "family_name",
    "preferred_name",
    "reason",
    "cluster",
    "issuer",
    "note",
    "method",
    "ctdl_id",
    "license_number",
    "form",
    "scale",
    "told_to_staff",
    "best_time",
    "room",
}
FILTERS = ("student_id[$ne]=x", "student[$gt]=", "limit=-1", "limit=99999999999999999999", "cursor=%00", "ids=$where")
TEXTS = {"not a number", "turned around", "an operator as text", "a path"}


def is_text(what: str) -> bool:
    name, _, value = what.partition(": ")
    # A code of the caller's own may be spelled like that.
    return (name in TYPED and value in TEXTS) or (name == "source" and value == "not a number")


async def test_nothing_hostile_is_stored_or_breaks_anything(world: World):
    theirs = world.places["theirs"]
    access = world.app.state.doors.access
    broke, taken, tried = [], [], 0
    for asking in askings(world.app, theirs, world.tables):
        role, rows = next(iter(sorted(access[asking.operation].items(), key=lambda one: one[1] is not Rows.ALL)))
        for what, request in spoilt(asking):
            tried += 1
            answer = await world.ask(request, {**claims_of(role, rows, theirs), "districts": ["*"]})
            if answer.status_code >= 500:
                broke.append((asking.operation, what, answer.status_code))
            elif answer.is_success and not is_text(what) and not answer.json().get("refused"):
                taken.append((asking.operation, what, answer.status_code))

    assert broke == []
    assert taken == []
    assert tried > 0 or world.app.title == "Aurora insights"


async def test_no_filter_takes_an_operator(world: World):
    theirs = world.places["theirs"]
    access = world.app.state.doors.access
    broke = []
    for asking in askings(world.app, theirs, world.tables):
        if not asking.reads or asking.operation == "stream_counts":
            continue
        role, rows = next(iter(access[asking.operation].items()))
        for query in (
            "student_id[$ne]=x",
            "student[$gt]=",
            "limit=-1",
            "limit=99999999999999999999",
            "cursor=%00",
            "ids=$where",
        ):
            answer = await world.ask(
                replace(asking, path=with_query(asking.path, query)), claims_of(role, rows, theirs)
            )
            if not 400 <= answer.status_code < 500:
                broke.append((asking.operation, query, answer.status_code))

    assert broke == []
