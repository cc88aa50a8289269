"""One record beside one fact: every way in which they can differ, and what repairs it."""

import pytest

from deploy.repair.comparing import PARKED, SAID, Compared, Counted, Difference, Kept, Pair, difference

PAIR = Pair("student/made-up-1", "award/a1")


def kept(version=3, *, concerns=True, waits=False, other=False):
    return Kept(version, {"student/other" if other else PAIR.subject: concerns}, waits)


@pytest.mark.parametrize(
    ("record", "fact", "how"),
    [
        pytest.param(kept(), Counted(3, True), None, id="the same"),
        pytest.param(kept(concerns=False), Counted(3, False), None, id="withdrawn on both sides"),
        pytest.param(kept(), None, "missing", id="never counted"),
        pytest.param(kept(concerns=False), None, "missing", id="a withdrawal that never arrived"),
        pytest.param(kept(), Counted(2, True), "older", id="an older version is counted"),
        pytest.param(kept(concerns=False), Counted(2, True), "older", id="the withdrawal is not counted"),
        pytest.param(kept(), Counted(4, True), "newer", id="a newer one is, of a copy that is gone"),
        pytest.param(kept(concerns=False), Counted(3, True), "still_stands", id="of this version, and stands"),
        pytest.param(kept(), Counted(3, False), "withdrawn", id="of this version, and withdrawn"),
        pytest.param(None, Counted(1, True), "unknown", id="no such record"),
        pytest.param(None, Counted(1, False), "unknown", id="no such record, and withdrawn"),
        pytest.param(kept(other=True), Counted(3, False), "stranger", id="it never concerned the subject"),
        pytest.param(kept(waits=True), None, None, id="it waits for the relay"),
        pytest.param(kept(waits=True), Counted(2, True), None, id="its next version waits for the relay"),
        pytest.param(kept(waits=True), Counted(4, True), "newer", id="it waits, and a newer one is counted"),
        pytest.param(None, None, None, id="neither"),
    ],
)
def test_how_a_record_and_a_fact_differ(record, fact, how):
    found = difference(PAIR, record, fact)

    assert (found.how if found else None) == how
    assert how is None or SAID[how]


def found(*hows, parked=""):
    compared = Compared("credentials")
    for how in hows:
        compared.add(Difference(PAIR, how, 3, 2, parked))
    return compared


@pytest.mark.parametrize(
    ("compared", "repairs"),
    [
        pytest.param(found(), [], id="nothing differs"),
        pytest.param(found("missing", "older"), ["aurora republish credentials"], id="publishing again is enough"),
        pytest.param(
            found("older", "newer"), ["aurora republish credentials --raise-versions"], id="an older copy was restored"
        ),
        pytest.param(found("older", parked="aurora-credentials-3-17"), ["aurora parked list"], id="it is parked"),
    ],
)
def test_the_command_that_repairs_is_named(compared, repairs):
    assert compared.repairs == repairs


def test_all_are_counted_and_the_first_are_kept(monkeypatch):
    monkeypatch.setattr("deploy.repair.comparing.SHOWN", 2)
    compared = found("older", "older", "newer")
    compared.add(Difference(PAIR, "missing", 3, None, "aurora-credentials-3-17"))

    assert (compared.differences, len(compared.first)) == (4, 2)
    assert compared.by_way == {"older": 2, "newer": 1, PARKED: 1}
