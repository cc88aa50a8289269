"""A caller who asks too often, and clients that send a byte at a time, hold up nobody else."""

import asyncio
import socket
import time
from contextlib import ExitStack

import httpx

from shared.doors import local_key
from tests import roster_app
from tests.processes import running

MANAGER = {"sub": "busy", "roles": ["data_manager"], "districts": ["*"]}
SLOW_CLIENTS = 40
ENOUGH = 100


async def test_who_asks_too_often_is_told_when_to_come_back(mongo_settings, keys):
    settings = mongo_settings.model_copy(update={"requests_per_minute": 2})
    async with roster_app.running(settings, keys) as roster:
        busy = {"Authorization": f"Bearer {local_key.sign(keys, MANAGER)}"}
        answers = [await roster.client.get("/v1/organisations", headers=busy) for _ in range(3)]
        other = await roster.by("service").ask("GET", "/organisations")

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert 1 <= int(answers[2].headers["Retry-After"]) <= 60
    assert answers[2].json()["type"] == "urn:aurora:problem:too-often"
    assert other.status_code == 200


def test_clients_that_send_a_byte_at_a_time_hold_up_nobody(mongo_settings, keys, tmp_path):
    token = local_key.sign(keys, MANAGER)
    with running("roster", mongo_settings, tmp_path / "roster.log") as service, ExitStack() as stack:
        address = httpx.URL(service.url)
        slow = [
            stack.enter_context(socket.create_connection((address.host, address.port))) for _ in range(SLOW_CLIENTS)
        ]
        head = (
            f"PUT /v1/organisations/slow HTTP/1.1\r\nHost: roster\r\nAuthorization: Bearer {token}\r\n"
            "Content-Type: application/json\r\nContent-Length: 500000\r\n\r\n{"
        )
        for one in slow:
            one.sendall(head.encode())
        answered = 0
        until = time.monotonic() + 60
        with httpx.Client(base_url=service.url, headers={"Authorization": f"Bearer {token}"}, timeout=30) as client:
            while answered < ENOUGH and time.monotonic() < until:
                for one in slow[: SLOW_CLIENTS // 2]:
                    one.sendall(b" ")
                assert client.get("/v1/organisations").status_code == 200
                answered += 1

        assert answered == ENOUGH
        assert service.process.poll() is None


async def test_a_client_that_goes_away_halfway_leaves_nothing(mongo_settings, keys):
    async with roster_app.running(mongo_settings, keys) as roster:

        async def half():
            yield b'{"name": "Half", '
            raise ConnectionResetError

        try:
            await roster.client.put("/v1/organisations/half", content=half(), headers=roster.headers)
        except ConnectionResetError:
            await asyncio.sleep(0)

        assert (await roster.ask("GET", "/organisations/half")).status_code == 404
