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
    code = kept.make("token", by="ann")
    clock.now += seconds
    if good:
        assert kept.use(code) == "token"
    with pytest.raises(Unauthenticated, match="ten minutes"):
        kept.use(code)


def test_no_two_are_alike_and_none_tells_the_token(clock):
    kept = Links(clock)
    codes = {kept.make("eytoken", by=f"caller-{number}") for number in range(50)}

    assert len(codes) == 50
    assert all(len(code) >= 43 and "eytoken" not in code for code in codes)


def test_so_many_wait_and_no_more_until_some_are_over(clock, monkeypatch):
    monkeypatch.setattr(sign_in, "AT_MOST", 3)
    kept = Links(clock)
    for _ in range(3):
        kept.make("token", by="ann")
    with pytest.raises(TooOften):
        kept.make("token", by="ann")
    clock.now += 601
    assert kept.make("token", by="ann")


def test_of_one_caller_the_newest_links_stay_and_nobody_elses_goes(clock):
    kept = Links(clock)
    others = kept.make("hers", by="bea")
    codes = [kept.make(f"token-{number}", by="ann") for number in range(8)]

    assert [kept.use(code) for code in codes[3:]] == [f"token-{number}" for number in range(3, 8)]
    for code in codes[:3]:
        with pytest.raises(Unauthenticated):
            kept.use(code)
    assert kept.use(others) == "hers"
