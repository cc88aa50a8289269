"""Rows for what the page of a family says of the points of a program's plan, as the measure and the list count them."""

from datetime import date
from typing import Any

import pytest

from services.family_touchpoints.pages.family_page import made_on
from services.family_touchpoints.touchpoint.rules import Step, Touchpoint
from shared.contracts.family_touchpoints import DuePoint

FIRST, LAST = date(2025, 10, 1), date(2025, 10, 31)
POINT = DuePoint(code="first", term=1, purpose="progress", method="Phone", since=FIRST, due=LAST)
CALL = {"student_id": "p1", "occasion_id": "o", "method": "Phone", "purpose": "progress", "reached_on": FIRST}


@pytest.mark.parametrize(
    ("said", "day"),
    [
        pytest.param({}, FIRST, id="of its purpose"),
        pytest.param({"purpose": "praise"}, None, id="of another purpose"),
        pytest.param({"purpose": "praise", "plan_point": "first"}, FIRST, id="noted for it"),
        pytest.param({"method": "Text"}, FIRST, id="by another way"),
        pytest.param({"method": "Mail"}, None, id="by a way that brings no answer"),
        pytest.param({"program_id": "welding"}, FIRST, id="about the program"),
        pytest.param({"program_id": "nursing"}, None, id="about another program"),
        pytest.param({"reached_on": date(2025, 9, 30)}, None, id="the day before"),
        pytest.param({"reached_on": date(2025, 11, 1)}, date(2025, 11, 1), id="late"),
        pytest.param({"reached_on": None}, None, id="nobody was reached"),
        pytest.param({"breach": "before it was known"}, None, id="against a restriction"),
    ],
)
def test_a_point_of_the_plan_is_made_by_a_touch(said: dict[str, Any], day: date | None) -> None:
    touch = Touchpoint(**{**CALL, **said}, outcome="reached", steps=(Step("held", FIRST),))

    assert made_on(POINT, "welding", [touch]) == day
