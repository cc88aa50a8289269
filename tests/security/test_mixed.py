"""Ours and theirs in one body: what names anything out of reach is not written, and nothing of it is told."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from shared.doors.auth import Role, Rows
from tests.security.asking import Asking, askings
from tests.security.test_scope import leaks
from tests.security.world import World, claims_of

# Asking for another district's student is what it is for; beside a guardian who is refused, a walk-in is put on a roll.
MEANT = {("ask_transfer", "student"), ("take_roll", "guardian")}
CREATES = ("put_", "record_", "import_", "plan_workshop", "take_roll", "join_")
# A zip that is none is never taken.
NO_CONTROL = {"import_oneroster"}
# What else a body may name of another, by what it is.
OTHERS = {
    "another's records": ("award", "assessment", "touchpoint", "workshop", "attendance"),
    "another's guardian": ("guardian",),
    "another's walk-in": ("walk_in",),
}
NEW = {"enrolment": "new-enrolment", "completion": "new-completion", "outcome": "new-outcome"}


def mixes(ours: Mapping[str, str], theirs: Mapping[str, str]) -> Iterator[tuple[str, dict[str, str]]]:
    """Whom and what a request names: ours, but for one thing."""
    yield "another's student", {**ours, "student": theirs["student"]}
    yield "another's student, a new record", {**ours, **NEW, "student": theirs["student"]}
    yield "another's place", {**ours, "campus": theirs["campus"]}
    yield "another's place, a new record", {**ours, **NEW, "campus": theirs["campus"]}
    yield "another's district", {**ours, "district": theirs["district"]}
    for what, names in OTHERS.items():
        if records := {name: theirs[name] for name in names if name in theirs}:
            yield what, {**ours, **records}
    if "idle" in ours:
        yield "own program, no enrolment", {**ours, "student": ours["idle"]}


def callers(role: Role, rows: Rows, ours: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    yield claims_of(role, rows, ours)
    if rows is Rows.OWN_PROGRAMS:
        yield {**claims_of(role, rows, ours), "campuses": ["*"]}


def once(asking: Asking) -> Iterator[Asking]:
    """The request, and its dry run, which may tell as much."""
    asking = asking.without("If-Match") if asking.method == "put" else asking
    yield asking
    if asking.operation.startswith(("import_", "record_")):
        yield replace(asking, path=f"{asking.path}?dry_run=true")


def mixed(world: World) -> Iterator[tuple[str, Asking, Role, dict[str, Any]]]:
    """Every request that writes and names something foreign beside the own, and who could be tempted to send it."""
    ours, theirs = world.places["ours"], world.places["theirs"]
    access = world.app.state.doors.access
    plain: dict[str, set[tuple[str, bytes | None]]] = {}
    for who in (ours, {**ours, **NEW}):
        for one in askings(world.app, who, world.tables):
            plain.setdefault(one.operation, set()).add((one.path, one.content))
    for name, who in mixes(ours, theirs):
        for asking in askings(world.app, who, world.tables):
            same = (asking.path, asking.content) in plain[asking.operation]
            meant = any(asking.operation == operation and what in name for operation, what in MEANT)
            if asking.reads or same or meant:
                continue
            for role, rows in access[asking.operation].items():
                # A district's own students need no enrolment.
                if rows is Rows.ALL or (name == "own program, no enrolment" and rows is not Rows.OWN_PROGRAMS):
                    continue
                for claims in callers(role, rows, ours):
                    yield from ((name, one, role, claims) for one in once(asking))


async def test_own_and_foreign_in_one_body_is_not_written(world: World):
    before = await world.stored()
    marks = world.marks["theirs"] | world.marks.get("idle", frozenset())
    wrong, tried = [], set()
    for name, asking, role, claims in mixed(world):
        tried.add(asking.operation)
        answer = await world.ask(asking, claims)
        if told := leaks(asking, answer.text, marks):
            wrong.append((asking.operation, role.value, name, f"tells {told}"))
        now = await world.stored()
        if now != before:
            wrong.append((asking.operation, role.value, name, answer.status_code, "written"))
        before = now

    assert wrong == []
    assert len(tried) >= 5 or world.app.title == "Aurora insights"


def refused(answer: Any) -> bool:
    """Whether a report says of its row that something foreign, or nothing, was the matter."""
    said = str(answer.get("problems") or answer.get("rows") or "")
    return bool(answer.get("refused")) and "already" not in said


async def test_the_same_bodies_are_taken_with_nothing_foreign_in_them(world: World):
    """So that the refusals above are of what is foreign, and not of a body that nobody could send."""
    ours = world.places["ours"]
    access = world.app.state.doors.access
    tried = {one.operation for _, one, _, _ in mixed(world) if one.operation.startswith(CREATES)} - NO_CONTROL
    shut = []
    for asking in askings(world.app, {**ours, **NEW}, world.tables):
        if asking.operation in tried:
            rows = access[asking.operation].items()
            sent = [await world.ask(asking.without("If-Match"), claims_of(role, of, ours)) for role, of in rows]
            # A conflict is with the caller's own: nothing foreign stands in the way.
            if not any(one.status_code == 409 or (one.is_success and not refused(one.json())) for one in sent):
                shut.append((asking.operation, [(one.status_code, one.text[:300]) for one in sent]))

    assert shut == []
