"""One run: stand up, write, inflict, drain, look at the evidence, say what holds."""

import asyncio
import sys
import time
from collections.abc import Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from deploy.local import processes
from deploy.local.processes import ROOT, Program
from tests.faults.evidence import Evidence, collected, wait_counted
from tests.faults.ground import Ground, standing
from tests.faults.invariants import judged
from tests.faults.journal import Journal
from tests.faults.load import Load
from tests.faults.matrix.fault import Fault
from tests.faults.matrix.looking import counting_on
from tests.faults.pace import Clock, Pace, within
from tests.faults.plan import Told, inflicted

DRAIN_SECONDS = 30.0
LAST_LINES_BYTES = 2_000_000


async def run(faults: Sequence[Fault], *, seed: int, seconds: float, rate: float, in_turn: bool = False) -> list[str]:
    """Which promises were broken under these faults, by name; what was seen is printed.

    In turn: each once, alone, when all that came before it is counted.
    """
    began = time.monotonic()
    async with standing(seed) as ground:
        journal = Journal(ground.folder / "journal.jsonl")
        load = Load(ground, journal, seed, rate)
        await load.district()
        # Else a fault would meet members that have nothing to count yet.
        await counting_on(ground)
        Clock.pace = await measured(ground, time.monotonic() - began)
        say(
            f"standing after {Clock.pace.stood_up_seconds:.0f} s, nothing drained in "
            f"{Clock.pace.drained_nothing_seconds:.1f} s: bounds of time are {Clock.pace.times:.1f} times those of a "
            f"quiet machine; in {ground.folder}"
        )
        async with witness(ground) as looks:
            told = Told()
            writing = asyncio.create_task(load.run())
            if in_turn:
                await one_by_one(ground, faults, seed=seed, told=told)
            else:
                await inflicted(ground, faults, seed=seed, seconds=seconds, told=told)
            healed_at = time.monotonic()
            load.stopping.set()
            await writing
            wrote = time.monotonic() - told.began
            bound = within(DRAIN_SECONDS)
            left = await wait_counted(ground, seconds=bound)
            evidence = Evidence(journal, ground, time.monotonic() - healed_at, bound, left)
        await collected(evidence, looks=looks)
        lines, broken = judged(evidence)
        broken += told.failed
        report(evidence, told, lines, wrote=wrote)
        if broken:
            say(f"what its parts said is kept in {keep_logs(ground, seed)}")
        return broken


async def measured(ground: Ground, stood_up_seconds: float) -> Pace:
    """How slow this machine is: what it needed to stand up, and to count on where nobody writes and nothing fails."""
    began = time.monotonic()
    await counting_on(ground)
    return Pace(stood_up_seconds, time.monotonic() - began)


async def one_by_one(ground: Ground, faults: Sequence[Fault], *, seed: int, told: Told) -> None:
    """Do the faults in their order; each must be drained, under load, before the next one comes."""
    for one in faults:
        await inflicted(ground, [replace(one, surely=True)], seed=seed, seconds=0.0, told=told)
        healed_at = time.monotonic()
        try:
            await counting_on(ground, seconds=DRAIN_SECONDS)
        except TimeoutError as error:
            told.failed.append(f"not drained after {one.name}: {error}")
        say(f"{told.lines[-1]}, drained after {time.monotonic() - healed_at:.1f} s")
    told.lines.clear()


@asynccontextmanager
async def witness(ground: Ground):
    """The process that looks at snapshots all the while; the answer is where it writes what it saw."""
    out = ground.folder / "looks.jsonl"
    out.touch()
    command = ["nice", "-n", "5", sys.executable, "-m", "tests.faults.witness"]
    command += [ground.settings.mongo_url, ground.settings.database("aggregator"), str(out)]
    process = processes.start(Program("witness", command, ground.log("witness")))
    try:
        yield out
        if process.poll() is not None:
            raise RuntimeError(f"the witness ended: {processes.last_lines(ground.log('witness'))}")
    finally:
        processes.stop(process)


def report(evidence: Evidence, told: Told, lines: Sequence[str], *, wrote: float) -> None:
    journal, ground = evidence.journal, evidence.ground
    for line in (*told.lines, *(f"        could not be done or healed: {one}" for one in told.failed)):
        say(line)
    accepted = len(journal.accepted)
    say(f"{accepted} writes accepted ({accepted / wrote:.0f}/s); answers: {dict(journal.outcomes.most_common())}")
    for refusal in journal.refusals[:3]:
        say(f"        {refusal[:160]}")
    ended = {part.name: part.ends for part in ground.parts.values() if part.ends}
    if ended:
        say(f"ended by themselves and were started again: {ended}")
    for line in lines:
        say(line)


def keep_logs(ground: Ground, seed: int) -> Path:
    """The ends of all logs, where the next run of this seed writes over them."""
    kept = ROOT / ".local" / "faults" / f"seed-{seed}"
    kept.mkdir(parents=True, exist_ok=True)
    for log in (ground.folder / "logs").glob("*.log"):
        (kept / log.name).write_bytes(log.read_bytes()[-LAST_LINES_BYTES:])
    return kept


def say(line: str) -> None:
    print(line, flush=True)
