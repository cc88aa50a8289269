"""The verdict of a run of faults names what broke, and its bounds grow with how slow the machine is."""

from types import SimpleNamespace

import pytest

from tests.faults.__main__ import verdict
from tests.faults.invariants import lag_went_back
from tests.faults.of_families import nothing_twice
from tests.faults.pace import DRAINS_NOTHING_SECONDS, STANDS_UP_SECONDS, Pace


@pytest.mark.parametrize(
    ("took", "left", "broken"),
    [
        pytest.param(29.9, "", [], id="in time"),
        pytest.param(35.5, "", ["drained only 5.5 s after the bound"], id="too late"),
        pytest.param(30.0, "3 records", ["still not drained: 3 records"], id="not at all"),
    ],
)
def test_a_late_drain_is_no_ok(took, left, broken):
    evidence = SimpleNamespace(drained_seconds=took, drain_bound_seconds=30.0, left_behind=left)

    assert lag_went_back(evidence)[1] == broken


@pytest.mark.parametrize(
    ("void", "wrong"),
    [
        pytest.param((False, False), ["touchpoint p1 o1 is kept 2 times"], id="twice"),
        pytest.param((False, True), [], id="logged anew"),
    ],
)
def test_a_student_s_part_of_a_call_is_kept_once(void, wrong):
    state = {"student_id": "p1", "occasion_id": "o1"}
    records = [{"kind": "touchpoint", "state": state, "void": one} for one in void]
    evidence = SimpleNamespace(records={"family_touchpoints": records})

    assert nothing_twice(evidence)[1] == wrong


def test_the_verdict_names_what_broke():
    assert verdict([]) == "every promise held"
    assert verdict(["lag goes back to 0", "not drained after Kafka: killed"]) == (
        "BROKEN: lag goes back to 0; not drained after Kafka: killed"
    )


@pytest.mark.parametrize(
    ("pace", "bound"),
    [
        pytest.param(Pace(), 30.0, id="nothing measured"),
        pytest.param(Pace(1.0, 0.1), 30.0, id="a quick machine has no shorter bounds"),
        pytest.param(Pace(2 * STANDS_UP_SECONDS, DRAINS_NOTHING_SECONDS), 60.0, id="slow to stand up"),
        pytest.param(Pace(STANDS_UP_SECONDS, 3 * DRAINS_NOTHING_SECONDS), 90.0, id="slow to drain nothing"),
    ],
)
def test_a_bound_grows_with_how_slow_the_machine_is(pace, bound):
    assert pace.within(30.0) == bound
