"""Each row of a list is answered with what is wrong, what would work, and a code, one by one."""

from functools import partial

import pytest

from services.credentials.verification.bodies import batch_answer as looks
from services.credentials.verification.commands import Looked
from shared.errors import Conflict, Problem, Refused, refused
from shared.producer.answers import list_answer
from shared.producer.rows import Logged

awards = partial(list_answer, id_as="award_id")
FUTURE = Problem("/awarded_on", "awarded_on is in the future", "send it later", "in_future")
WORDS = "awarded_on is in the future; send it later"


def of_awards(refusal):
    return awards("b1", [Logged(outcome="refused", id="", refusal=refusal)], dry_run=False)["rows"][0]


def of_looks(refusal):
    return looks([Looked(outcome="refused", id=None, refusal=refusal)], dry_run=False).model_dump()["rows"][0]


@pytest.mark.parametrize("answered", [of_awards, of_looks])
@pytest.mark.parametrize(
    ("refusal", "pointer"),
    [
        pytest.param(refused(FUTURE), "/rows/0/awarded_on", id="of a field"),
        pytest.param(Refused(FUTURE.detail, works=FUTURE.works, code=FUTURE.code), "/rows/0", id="of the row"),
        pytest.param(Conflict(WORDS, problems=[FUTURE]), "/rows/0/awarded_on", id="a conflict"),
    ],
)
def test_a_refused_row_says_what_would_work_apart(answered, refusal, pointer):
    row = answered(refusal)

    assert row["problem"] == WORDS
    told = {"detail": FUTURE.detail, "what_would_work": FUTURE.works, "code": FUTURE.code}
    assert row["errors"] == [{"pointer": pointer, **told}]


def test_a_warning_is_one_sentence():
    warned = Logged(outcome="created", id="a1", warnings=(FUTURE,))
    rows = awards("b1", [warned], dry_run=True)["rows"]

    assert rows[0]["warnings"] == [WORDS]
