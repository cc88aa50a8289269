"""An award is renewed or void, never both: whichever write comes first, the database itself refuses the other."""

import asyncio

import pytest

from services.credentials.award import commands
from tests.credentials_app import settled


@pytest.fixture
async def credentials(mongo_settings, keys):
    async with settled(mongo_settings, keys) as opened:
        yield opened


@pytest.fixture
async def former(credentials):
    return await credentials.batch(["p1"], awarded_on="2023-06-20")


def meanwhile(monkeypatch, owner, name, does):
    """When `name` has been asked once, `does` happens before anything else of the same request."""
    asked, whole = [], getattr(owner, name)

    async def interrupted(*args, **more):
        came = await whole(*args, **more)
        if not asked:
            asked.append(name)
            await does()
        return came

    monkeypatch.setattr(owner, name, interrupted)


@pytest.mark.parametrize("whole_batch", [False, True], ids=["one", "its batch"])
async def test_what_was_renewed_while_it_was_taken_out_stays(credentials, former, monkeypatch, whole_batch):
    id = former["rows"][0]["award_id"]
    made = {}

    async def renewed():
        made.update(await credentials.log(201, renews=id))

    meanwhile(monkeypatch, commands, "let_go", renewed)
    path = f"/awards/batch/{former['batch_id']}/void" if whole_batch else f"/awards/{id}/void"
    answer = await credentials.ask("POST", path, json={"reason": "x"}, headers={"If-Match": '"1"'})

    assert answer.status_code == 422, answer.text
    assert f"award {made['id']} renews this one" in answer.json()["detail"]
    assert (await credentials.get(f"/awards/{id}"))["void"] is False
    assert (await credentials.get(f"/awards/{made['id']}"))["renews"] == id


async def voided(credentials, id):
    await credentials.act(id, "void", 1, reason="never happened")


async def test_what_was_taken_out_while_it_was_renewed_is_not_renewed(credentials, former, monkeypatch):
    id = former["rows"][0]["award_id"]
    meanwhile(monkeypatch, commands, "beside", lambda: voided(credentials, id))

    refused = await credentials.log(422, renews=id)

    assert f"award {id} is void; leave renews out" in refused["detail"]
    assert await credentials.ids() == []


async def test_what_was_taken_out_while_a_correction_named_it_is_not_named(credentials, former, monkeypatch):
    id = former["rows"][0]["award_id"]
    later = (await credentials.log())["id"]
    meanwhile(monkeypatch, commands, "hold_together", lambda: voided(credentials, id))

    refused = await credentials.act(later, "correct", 1, 422, renews=id)

    assert f"award {id} is void" in refused["detail"]
    assert (await credentials.get(f"/awards/{later}"))["renews"] is None


async def test_many_at_once_leave_no_award_that_is_both(credentials):
    """Without any interleaving of ours: rounds of the two requests sent together."""
    for n in range(12):
        day = f"2023-06-{n + 1:02d}"
        id = (await credentials.log(awarded_on=day))["id"]
        void, renewal = await asyncio.gather(
            credentials.ask("POST", f"/awards/{id}/void", json={"reason": "x"}, headers={"If-Match": '"1"'}),
            credentials.ask(
                "POST",
                "/awards",
                json={"student_id": "p1", "credential_code": "osha-10", "result": "passed", "renews": id}
                | {"awarded_on": f"2024-06-{n + 1:02d}"},
                headers={"Idempotency-Key": f"r{n}"},
            ),
        )
        assert sorted([void.status_code, renewal.status_code]) in ([200, 422], [201, 422])


async def test_an_award_that_was_taken_out_frees_what_it_renewed(credentials, former):
    id = former["rows"][0]["award_id"]
    renewal = await credentials.log(201, renews=id)
    assert not [name for name in await credentials.get(f"/awards/{renewal['id']}") if name.startswith("_")]
    await credentials.act(renewal["id"], "void", 1, reason="x")

    again = await credentials.log(201, awarded_on="2025-05-21", renews=id)

    await credentials.act(again["id"], "void", 1, reason="x")
    await credentials.act(id, "void", 1, reason="x")
