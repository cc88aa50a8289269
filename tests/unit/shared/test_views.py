"""A student reads the own record, and not who of the staff did what."""

from datetime import UTC, datetime

import pytest

from shared.doors.auth import Caller, Identity, Reach, Role, Rows
from shared.records.record import Past, Record
from shared.web.views import shown

AT = datetime(2025, 5, 20, tzinfo=UTC)


def kept():
    past = Past(version=1, at=AT, by="teacher-7", action="record", why="", key="", digest="")
    state = {"student_id": "p1", "verifications": [{"by": "clerk-3", "level": "seen"}, {"by": None}]}
    return Record(
        kind="award", id="a1", version=1, state=state, void=False, updated_at=AT, history=(past,), subjects=()
    )


def caller(*roles):
    who = Identity("x", frozenset(roles))
    return Caller(who, Reach(who, frozenset({Rows.SELF})))


@pytest.mark.parametrize(
    ("roles", "named"),
    [
        pytest.param([Role.STUDENT], False, id="a student"),
        pytest.param([Role.STUDENT, Role.INSTRUCTOR], True, id="one of the staff"),
        pytest.param([Role.LEADER], True, id="a leader"),
    ],
)
def test_who_did_what(roles, named):
    view = str(shown(kept(), history=True, to=caller(*roles)))

    assert ("teacher-7" in view, "clerk-3" in view) == (named, named)
    assert "record" in view
