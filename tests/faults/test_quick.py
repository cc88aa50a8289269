"""A minute of faults of a seed, as a part of every test run; `make faults-quick SEED=...` does it again."""

import os
import random
import subprocess
import sys

import pytest

from deploy.local import processes
from deploy.local.processes import Program

pytestmark = [pytest.mark.faults, pytest.mark.real]
# Below pytest's own limit for one test: the run has bounds of its own, which grow with how slow the machine is.
WITHIN_SECONDS = 1140


def test_every_promise_holds_through_a_minute_of_faults(tmp_path):
    seed = os.environ.get("AURORA_FAULTS_SEED") or str(random.SystemRandom().randrange(100_000))
    log = tmp_path / "faults.log"
    run = processes.start(Program("faults", [sys.executable, "-m", "tests.faults", "--quick", "--seed", seed], log))
    try:
        code = run.wait(WITHIN_SECONDS)
    except subprocess.TimeoutExpired:
        code = None
    finally:
        processes.stop(run)
    said = log.read_text()
    print(said)
    assert code == 0, f"make faults-quick SEED={seed} does it again:\n{said[-6000:]}"
