"""The stack of `aurora up`, started for real: twice, with parts that die, and with its data after an end."""

import os
import signal
import time

import httpx
import pytest

from deploy.cli import looking, token
from deploy.local import daemon, state
from shared.doors.auth import Role

PATIENCE_SECONDS = 60.0
ORGANISATION = {"name": "Made-up District", "type": "district"}


@pytest.fixture
def folder(tmp_path):
    yield tmp_path
    daemon.down(tmp_path)


@pytest.mark.real
@pytest.mark.faults
def test_a_stack_stays_up_whatever_dies_and_keeps_its_data(folder):
    steps = []
    began = daemon.up(folder, steps.append)
    assert steps[-1] == "waiting for gateway"
    assert all(service["ready"] for service in looking.look(began)["services"])
    assert put_organisation(folder).status_code == 201

    assert daemon.up(folder, steps.append).supervisor == began.supervisor, "what runs is left as it is"

    for name in ("roster", "kafka", "gateway"):
        os.kill(state.read(folder).part(name).pid, signal.SIGKILL)
        wait_until(lambda name=name: restarted(folder, name))
    wait_until(lambda: looking.all_ready(looking.look(state.read(folder))))
    told = (folder / "logs" / "supervisor.log").read_text()
    assert "roster was killed by SIGKILL; it had last said: " in told
    assert "kafka runs again with pid" in told

    assert daemon.down(folder)
    assert not any(part.alive for part in (began.supervisor, *began.parts))
    assert not daemon.down(folder), "nothing is left to end"

    daemon.up(folder, steps.append)
    assert put_organisation(folder).headers["Aurora-Outcome"] == "unchanged"

    left = state.read(folder)
    os.kill(left.supervisor.pid, signal.SIGKILL)
    assert state.wait_gone(left.parts, PATIENCE_SECONDS) == [], "a killed supervisor leaves nothing running"


def put_organisation(folder):
    """A write that is the same each time: the second one tells whether the first is still there."""
    bearer = {"Authorization": f"Bearer {token.make(folder, Role.SERVICE)}"}
    url = f"{state.read(folder).part('gateway').address}/roster/v1/organisations/made-up"
    return httpx.put(url, json=ORGANISATION, headers=bearer, timeout=30)


def restarted(folder, name):
    part = state.read(folder).part(name)
    return part.restarts == 1 and part.alive


def wait_until(holds):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, "did not come true in time"
        time.sleep(0.2)
