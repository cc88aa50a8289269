"""What callers do with touchpoints in tests: log, plan, take a step, set right; and what of it is told."""

CALL = {
    "students": ["p1"],
    "guardian_ids": ["g1"],
    "method": "Phone",
    "purpose": "progress",
    "held_on": "2025-10-09",
    "outcome": "reached",
}


def said(body=None, **changes):
    """The body of a call, without what is None."""
    return {name: value for name, value in {**CALL, **(body or {}), **changes}.items() if value is not None}


def planned(day, **changes):
    return said(planned_for=day, held_on=None, outcome=None, **changes)


async def call(app, status=201, *, key=None, **changes):
    return await app.post("/touchpoints", said(changes), status, key=key)


async def one(app, **changes):
    (record,) = (await call(app, **changes))["touchpoints"]
    return record


async def plan(app, day, status=201, **changes):
    return await app.post("/touchpoints", planned(day, **changes), status)


async def act(app, record, action, status=200, **body):
    return await app.post(f"/touchpoints/{record['id']}/{action}", body, status, version=record["version"])


async def patch(app, record, status=200, **body):
    body = {"reason": "read wrongly", **body}
    return await app.patch(f"/touchpoints/{record['id']}", body, status, version=record["version"])


async def told(app):
    """What is published of touchpoints by now, in the order of their days."""
    return sorted(
        (fact for _, fact in await app.facts("touchpoint")), key=lambda fact: (fact.steps[-1].on, fact.student_id)
    )


def instructor(app, *programs, at=("central",), **more):
    return app.by("instructor", **{"sub": "ms-made-up", "programs": list(programs), "campuses": list(at), **more})


def counselor(app, *at):
    return app.by("counselor", sub="counselor-1", campuses=list(at or ("central", "south-campus")))
