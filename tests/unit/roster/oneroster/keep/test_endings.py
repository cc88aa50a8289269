"""What ends without asking: a few rows always, many only where they are few of all."""

import pytest

from services.roster.oneroster.keep.endings import Endings
from services.roster.oneroster.keep.source_rows import SourceRow
from services.roster.oneroster.read.layout import CLASSES, ENROLLMENTS, ROLES, USERS

COUNTED = (USERS, ROLES, ENROLLMENTS)


def ending(number: int, in_force: int) -> Endings:
    rows: dict[str, dict[str, SourceRow]] = {layout.name: {} for layout in COUNTED}
    for each in range(number):
        rows[COUNTED[each % 3].name][f"x-{each}"] = SourceRow(f"x-{each}", {})
    return Endings(rows | {CLASSES.name: {"k-1": SourceRow("k-1", {})}}, in_force=in_force)


@pytest.mark.parametrize(
    ("number", "in_force", "waits"),
    [
        pytest.param(3, 45, False, id="one of fifteen, with a role and a seat"),
        pytest.param(2, 30, False, id="one of fifteen, with a role"),
        pytest.param(4, 4, False, id="four rows are few, whatever they are of"),
        pytest.param(5, 45, True, id="five rows are asked for when they are more than 5 %"),
        pytest.param(5, 100, False, id="exactly 5 %"),
        pytest.param(6, 100, True, id="six of a hundred"),
        pytest.param(50, 1000, False, id="many, but 5 % of all"),
        pytest.param(51, 1000, True, id="one more than that"),
    ],
)
def test_asking_begins_at_five_rows_and_more_than_5_percent(number, in_force, waits):
    found = ending(number, in_force)

    assert bool(found.must_wait(None)) is waits
    assert found.must_wait(number) == ""
