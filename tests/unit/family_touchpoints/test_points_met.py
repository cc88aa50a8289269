"""Rows for what the page of a family says of a plan's points."""

from datetime import date
from typing import Any

import pytest

from services.family_touchpoints.pages.family_page import is_met
from services.family_touchpoints.touchpoint.rules import Step, Touchpoint
from shared.contracts.family_touchpoints import DuePoint

FIRST, LAST = date(2025, 10, 1), date(2025, 10, 31)
POINT = DuePoint(code="first", term=1, purpose="progress", method="Phone", since=FIRST, due=LAST)
CALL = {"student_id": "p1", "occasion_id": "o", "method": "Phone", "purpose": "progress", "reached_on": FIRST}


@pytest.mark.parametrize(
    ("said", "met"),
    [
        pytest.param({}, True, id="of its purpose, in its days"),
        pytest.param({"purpose": "praise"}, False, id="of another purpose"),
        pytest.param({"purpose": "praise", "plan_point": "first"}, True, id="noted for it"),
        pytest.param({"method": "Text"}, False, id="by another way"),
        pytest.param({"reached_on": date(2025, 9, 30)}, False, id="the day before"),
        pytest.param({"reached_on": date(2025, 11, 1)}, False, id="the day after"),
        pytest.param({"reached_on": None}, False, id="nobody was reached"),
        pytest.param({"breach": "before it was known"}, False, id="against a restriction"),
    ],
)
def test_a_point_of_the_plan_is_met_by_a_touch(said: dict[str, Any], met: bool) -> None:
    touch = Touchpoint(**{**CALL, **said}, outcome="reached", steps=(Step("held", FIRST),))

    assert is_met(POINT, [touch]) is met
