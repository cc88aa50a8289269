"""One caller cannot ask without end, and is told when to come back; another is not held up by it."""

import pytest

from shared.doors.request_limits import Rates
from shared.errors import TooOften
from shared.process.settings import Settings


async def test_beyond_the_limit_one_subject_waits_and_another_does_not():
    rates = Rates(Settings(requests_per_minute=3))
    for _ in range(3):
        await rates.admit("busy", feed=False)

    with pytest.raises(TooOften, match="3 times within a minute") as refused:
        await rates.admit("busy", feed=False)
    await rates.admit("quiet", feed=False)

    assert 1 <= refused.value.retry_after_seconds <= 60


async def test_a_feed_has_a_limit_of_its_own():
    rates = Rates(Settings(requests_per_minute=1, feed_requests_per_minute=2))
    for _ in range(2):
        await rates.admit("nightly", feed=True)

    with pytest.raises(TooOften):
        await rates.admit("nightly", feed=True)


async def test_no_limit_is_none():
    rates = Rates(Settings(requests_per_minute=0))

    for _ in range(2_000):
        await rates.admit("busy", feed=False)

    assert Settings().requests_per_minute > 0, "people have one unless somebody says otherwise"
