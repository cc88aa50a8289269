"""A student known to two schools, over the whole line: one person on the board, and two again after an unmerge."""

import pytest

from tests.e2e.whole_line import WholeLine

pytestmark = pytest.mark.faults


def decide(line, person, action, **body):
    answer = line.ask("roster", "POST", f"/persons/{person}/{action}", json={"reason": "made up", **body})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_merge_between_awards_and_an_unmerge_after(settings, keys, start_service):
    line = WholeLine(settings, keys, start_service)
    line.district(students=3)
    assert line.award("s1", "before").status_code == 201
    line.wait_for((1, 3))

    assert decide(line, "s0", "merge", other="s1")["moves"]["completion"] == 1
    line.wait_for((1, 2))
    assert line.award("s1", "in-between", awarded_on="2025-07-01").status_code == 201
    assert line.award("s0", "after", awarded_on="2025-08-01").status_code == 201
    assert line.award("s0", "the-same-again").status_code == 409
    line.wait_for((1, 2))

    decide(line, "s1", "unmerge")
    line.wait_for((2, 3))
    assert line.headline() == line.recount()
