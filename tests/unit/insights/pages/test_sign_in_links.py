"""A sign-in link is good once and for ten minutes."""

import pytest

from services.insights.pages import sign_in
from services.insights.pages.sign_in import Links
from shared.errors import TooOften, Unauthenticated


class Clock:
    now = 1_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.mark.parametrize(("seconds", "good"), [(0, True), (599, True), (600, False), (9_999, False)])
def test_for_ten_minutes(clock, seconds, good):
    kept = Links(clock)
    code = kept.make("token")
    clock.now += seconds
    if good:
        assert kept.use(code) == "token"
    with pytest.raises(Unauthenticated, match="ten minutes"):
        kept.use(code)


def test_no_two_are_alike_and_none_tells_the_token(clock):
    kept = Links(clock)
    codes = {kept.make("eytoken") for _ in range(50)}

    assert len(codes) == 50
    assert all(len(code) >= 43 and "eytoken" not in code for code in codes)


def test_so_many_wait_and_no_more_until_some_are_over(clock, monkeypatch):
    monkeypatch.setattr(sign_in, "AT_MOST", 3)
    kept = Links(clock)
    for _ in range(3):
        kept.make("token")
    with pytest.raises(TooOften):
        kept.make("token")
    clock.now += 601
    assert kept.make("token")
