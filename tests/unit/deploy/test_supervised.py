"""A process that ends itself because a loop of it is wedged: the supervisor tells its reason and starts a new one."""

import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from deploy.local import ports, processes, state
from deploy.local.processes import Program
from deploy.local.supervisor import Supervisor
from shared.process.warden import STUCK

SERVE = 'from shared.process.serving import serve; serve("tests.unit.shared.wedged_app:build")'
BOUND_SECONDS = 3
pytestmark = pytest.mark.real


@dataclass
class OneService:
    """As much of a stack as a supervisor asks for."""

    folder: Path
    port: int
    keys: Path

    def log(self, name):
        return self.folder / f"{name}.log"

    def address(self, name):
        return f"http://{ports.LOOPBACK}:{self.port}"

    def program(self, name):
        surroundings = {
            "AURORA_HTTP_PORT": str(self.port),
            "AURORA_JWKS": str(self.keys / "jwks.json"),
            "AURORA_STUCK_AFTER_SECONDS": str(BOUND_SECONDS),
            "WEDGED": str(self.folder / "wedged"),
            "PYTHONPATH": str(processes.ROOT),
        }
        return Program(name, (sys.executable, "-c", SERVE), self.log(name), surroundings)


@pytest.fixture
def supervisor(tmp_path, keys):
    found = Supervisor(OneService(tmp_path, ports.any_free(), keys))
    yield found
    found.bring_down()


def until(holds, look=lambda: None, seconds=60):
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "did not come true in time"
        look()
        time.sleep(0.05)


def test_a_wedged_process_ends_with_its_reason_and_the_next_one_goes_on(supervisor, tmp_path, capsys):
    part = supervisor._start("roster")
    first = part.process
    until(lambda: first.poll() is not None)
    assert first.returncode == STUCK
    *_, said = (tmp_path / "roster.log").read_text().splitlines()
    assert "the loop relay has not turned for" in said
    assert "wedged_app.py" in said, "where it is wedged"

    until(lambda: part.restarts == 1, lambda: supervisor._look_at(part))
    url = f"{supervisor.stack.address('roster')}/livez"
    until(lambda: answers(url) == {"relay": "ok", "of all requests": "ok"})
    time.sleep(BOUND_SECONDS + 1)
    assert part.process.poll() is None, "a loop that turns is left alone beyond the bound"

    told = state.read(tmp_path).part("roster")
    assert told.restarts == 1
    assert told.ended.startswith(f"ended with {STUCK}: the loop relay has not turned")
    assert f"roster ended with {STUCK}" in capsys.readouterr().out
    os.kill(part.process.pid, 15)
    part.process.wait(20)
    assert "the loop" not in processes.last_lines(tmp_path / "roster.log", 1), "an asked end has no last words"


@pytest.mark.parametrize(
    ("code", "words"),
    [
        pytest.param(70, "ended with 70: it was wedged", id="by itself"),
        pytest.param(-9, "was killed by SIGKILL; it had last said: it was wedged", id="by somebody"),
        pytest.param(-99, "was killed by 99; it had last said: it was wedged", id="by a signal without a name"),
    ],
)
def test_how_a_program_ended_is_told_in_words(tmp_path, code, words):
    log = tmp_path / "log"
    log.write_text('{"event": "it was wedged", "level": "critical"}\n')

    assert processes.told(code, log) == words


def answers(url):
    try:
        return httpx.get(url, timeout=5).json().get("checks")
    except httpx.TransportError:
        return None
