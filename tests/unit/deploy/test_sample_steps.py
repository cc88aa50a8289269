"""The steps of a load: side by side, in their order where one rests on another, and at an end when one fails."""

import asyncio
from datetime import UTC, datetime
from hashlib import sha256

import httpx
import pytest

from deploy.cli.bringing import demo, sample
from deploy.cli.screen import Steps
from deploy.sample import load
from deploy.sample.district import district
from deploy.sample.roster.nightly import night
from deploy.sample.roster.packages import NIGHTLY
from deploy.sample.sending import NotLoaded, Step, send_all

PACKED = b"the night's package"


def steps_of(log, **after):
    """Steps that note when they begin and end; each gives way once in between."""

    def step(name, earlier):
        async def send(to):
            log.append(f"{name} begins")
            await asyncio.sleep(0)
            log.append(f"{name} ends")

        return Step(name, send, tuple(earlier))

    return [step(name, earlier) for name, earlier in after.items()]


async def test_a_step_waits_for_those_it_is_after_and_for_no_other():
    log = []

    await send_all(steps_of(log, last=["first", "other"], first=[], other=[]), None)

    assert log == ["first begins", "other begins", "first ends", "other ends", "last begins", "last ends"]


async def test_what_rests_on_a_step_that_fails_is_not_sent_and_the_refusal_is_told_as_it_was():
    log = []

    async def refused(to):
        async with asyncio.TaskGroup() as group:  # as awards are put right, some at a time
            group.create_task(refuse())

    async def refuse():
        raise NotLoaded("awards.csv: 1 rows refused")

    with pytest.raises(NotLoaded, match="1 rows refused"):
        await send_all([Step("awards", refused), *steps_of(log, raised=["awards"])], None)
    assert log == []


def test_every_step_is_after_steps_that_there_are():
    steps = [step for share in load.SHARES for step in share.steps]
    names = [step.name for step in steps]

    assert len(set(names)) == len(names)
    assert {earlier for step in steps for earlier in step.after} < set(names)
    assert {share.service for share in load.SHARES} == set(load.SERVICES)


def imports(*ended):
    """Roster's list of imports: whose bytes, and what became of each."""
    items = [
        {"sha256": sha256(packed).hexdigest(), "status": status, "finished_at": "2026-11-02T08:00:00+00:00"}
        for packed, status in ended
    ]
    return httpx.Response(200, json={"items": items}, request=httpx.Request("GET", "http://roster"))


@pytest.mark.parametrize(
    ("answer", "there"),
    [
        pytest.param(imports((PACKED, "done")), True, id="its last package is in"),
        pytest.param(imports((PACKED, "refused")), False, id="the last package was refused"),
        pytest.param(imports((b"another", "done")), False, id="another district was loaded"),
        pytest.param(imports(), False, id="nothing was ever loaded"),
    ],
)
def test_a_sample_is_there_once_roster_has_applied_its_last_package(answer, there, tmp_path, monkeypatch):
    (tmp_path / NIGHTLY).write_bytes(PACKED)
    monkeypatch.setattr(httpx, "get", lambda *_, **__: answer)

    assert bool(load.loaded_on(tmp_path, roster_url="http://roster", token="t")) is there


@pytest.mark.parametrize(
    ("made", "asked", "there"),
    [("third", "third", True), ("full", "full", True), ("full", "third", True), ("third", "full", False)],
)
def test_a_demo_loads_nothing_where_as_much_is_there(made, asked, there, tmp_path, monkeypatch):
    for size in sample.Size:
        (tmp_path / "sample" / size).mkdir(parents=True)
    (tmp_path / "sample" / made / NIGHTLY).write_bytes(PACKED)
    monkeypatch.setenv("AURORA_LOCAL_FOLDER", str(tmp_path))
    monkeypatch.setenv("AURORA_ROSTER_URL", "http://roster")
    monkeypatch.setattr(httpx, "get", lambda *_, **__: imports((PACKED, "done")))
    monkeypatch.setattr(demo, "bring_up", lambda _: None)
    monkeypatch.setattr(sample, "made", lambda *_: None)
    sent = []
    monkeypatch.setattr(sample, "load", lambda made: sent.append(made) or load.Loaded({}, []))

    since = demo._loaded_on(sample.Size(asked), Steps())

    assert (len(sent) == 0) is there
    assert (since == datetime(2026, 11, 2, 8, tzinfo=UTC)) is there


def test_a_sample_that_was_never_made_is_not_there(tmp_path):
    assert load.loaded_on(tmp_path, roster_url="http://nobody.invalid", token="t") is None


def test_a_third_is_not_loaded_where_the_full_district_is(tmp_path):
    """Its packages would end everybody who is not in them."""
    made = load.make(tmp_path, seed=7, every=60)
    whole = night(district(7, datetime.now(UTC).date())).packed
    asked = []

    def answer(request):
        asked.append(request.method)
        return imports((whole, "done"))

    urls = {"roster": "http://roster"}
    loaded = load.send(made, urls=urls, token="t", progress=None, through=httpx.MockTransport(answer))

    assert (loaded.rows, loaded.told) == ({}, [load.ALL_THERE])
    assert asked == ["GET"]
