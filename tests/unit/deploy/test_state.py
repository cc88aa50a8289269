"""What is written down about a running stack, and who is still alive."""

import os
import subprocess
import sys
import time

import pytest

from deploy.local import processes, state
from deploy.local.processes import Program
from deploy.local.state import Part, State
from deploy.local.supervisor import LONGEST_PAUSE_SECONDS, Watched, end_leftovers, roll

ONESELF = Part(name="supervisor", address="", pid=os.getpid(), started=processes.started_at(os.getpid()) or 0.0)


def test_what_is_written_is_read_again(tmp_path):
    written = State(phase="up", supervisor=ONESELF, parts=(Part(name="roster", address="x", pid=3, started=4.5),))

    state.write(tmp_path, written)

    assert state.read(tmp_path) == written


def test_where_nothing_ever_ran_there_is_nothing_to_read(tmp_path):
    assert state.read(tmp_path) is None


@pytest.mark.parametrize(
    ("part", "alive"),
    [
        pytest.param(ONESELF, True, id="this very process"),
        pytest.param(
            Part(name="a", address="", pid=os.getpid(), started=ONESELF.started - 60), False, id="its pid, lent again"
        ),
        pytest.param(Part(name="a", address="", pid=0, started=0.0), False, id="never started"),
    ],
)
def test_a_pid_alone_proves_nothing(part, alive):
    assert part.alive is alive


def test_a_stack_that_could_not_start_is_not_running():
    assert State(phase="up", supervisor=ONESELF).running
    assert not State(phase="down", supervisor=ONESELF, trouble="no Java").running


def test_a_part_that_dies_at_once_is_started_again_ever_more_slowly():
    part = Watched("roster", process=None, started=1000.0)

    pauses = [part.pause_after_death(1000.0 + 1) for _ in range(12)]

    assert pauses == sorted(pauses)
    assert pauses[0] == 0.5
    assert pauses[-1] == LONGEST_PAUSE_SECONDS


def test_a_part_that_lived_long_is_started_again_at_once():
    part = Watched("roster", process=None, started=1000.0, quick_deaths=5)

    assert part.pause_after_death(1000.0 + 3600) == 0.0


@pytest.mark.real
def test_what_a_killed_supervisor_left_behind_is_ended_and_nothing_else(tmp_path):
    left, bystander = (processes.start(sleeper(tmp_path)) for _ in range(2))
    try:
        part = Part(name="kafka", address="", pid=left.pid, started=processes.started_at(left.pid))
        lent = Part(name="mongo", address="", pid=bystander.pid, started=12.5)

        end_leftovers(State(phase="up", supervisor=ONESELF, parts=(part, lent)))

        assert processes.started_at(left.pid) is None
        assert bystander.poll() is None
    finally:
        processes.stop(left)
        processes.stop(bystander)


@pytest.mark.real
def test_one_that_has_ended_but_is_not_reaped_is_gone(tmp_path):
    process = processes.start(Program("brief", ["true"], tmp_path / "log"))
    part = Part(name="brief", address="", pid=process.pid, started=time.time())

    assert state.wait_gone([part], 5) == []  # nobody has waited for it: it is a zombie now
    processes.stop(process)


def test_one_that_stays_is_named(tmp_path):
    assert state.wait_gone([ONESELF], 0.1) == [ONESELF]


@pytest.mark.real
def test_a_program_ends_when_the_one_that_started_it_is_killed(tmp_path):
    parent = subprocess.Popen(
        [sys.executable, "-c", STARTS_A_CHILD.format(log=str(tmp_path / "child.log"))],
        stdout=subprocess.PIPE, text=True, cwd=processes.ROOT,
    )  # fmt: skip
    child = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()

    deadline = time.monotonic() + 5
    while processes.started_at(child) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert processes.started_at(child) is None


STARTS_A_CHILD = """
import time
from pathlib import Path
from deploy.local import processes
child = processes.start(processes.Program("child", ["sleep", "60"], Path({log!r})))
print(child.pid, flush=True)
time.sleep(60)
"""


def sleeper(folder):
    return Program("sleeper", ["sleep", "60"], folder / "sleeper.log")


@pytest.mark.real
def test_a_program_that_will_not_end_is_killed(tmp_path):
    stubborn = Program(
        "stubborn", ["sh", "-c", "trap '' TERM; echo ready; sleep 60 & wait; sleep 60"], tmp_path / "log"
    )
    process = processes.start(stubborn)
    while "ready" not in processes.last_lines(tmp_path / "log"):
        time.sleep(0.01)

    processes.stop(process, grace_seconds=0.2)

    assert process.returncode == -9


def test_a_large_log_is_set_aside_and_a_small_one_is_not(tmp_path, monkeypatch):
    monkeypatch.setattr("deploy.local.supervisor.LOG_MEGABYTES", 0)
    log = tmp_path / "kafka.log"
    log.write_text("much\n")

    roll(log)

    assert not log.exists()
    assert (tmp_path / "kafka.log.1").read_text() == "much\n"
