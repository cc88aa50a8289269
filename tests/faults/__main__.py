"""`python -m tests.faults`: the fault matrix. `--quick` is a seeded minute of a random mix."""

import argparse
import asyncio
import random
import signal
import sys
from collections.abc import Sequence

from tests.faults.plan import MATRIX, alone, mixed
from tests.faults.run import run, say

QUICK_SECONDS = 40.0
ALONE_SECONDS = 15.0
MIX_SECONDS = 90.0


def main() -> None:
    """Exit code 0 when every promise held in every run."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one random mix, about a minute of faults")
    parser.add_argument("--seed", type=int, default=None, help="the same faults again")
    parser.add_argument("--only", default="", help="only faults whose name contains this, each alone")
    parser.add_argument("--begin", default="", help="leave out what stands in the list before this one")
    parser.add_argument("--apart", action="store_true", help="every fault on a ground of its own (more than an hour)")
    parser.add_argument("--mixes", type=int, default=3, help="random mixes behind the faults one by one")
    parser.add_argument("--seconds", type=float, default=None, help="how long a mix goes on")
    parser.add_argument("--rate", type=float, default=60.0, help="writes a second")
    parser.add_argument("--list", action="store_true", help="name the faults")
    asked = parser.parse_args()
    if asked.list:
        say("\n".join(f"{one.name}{'' if one.quick else '  (not in the minute)'}" for one in MATRIX))
        return
    seed = random.SystemRandom().randrange(100_000) if asked.seed is None else asked.seed
    # Asked to end, all that was started is ended: the same way as after Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        held = all(runs(asked, seed))
    except KeyboardInterrupt:
        sys.exit("asked to end: all that was started has ended, and its folder is gone")
    sys.exit(0 if held else 1)


def runs(asked: argparse.Namespace, seed: int) -> list[bool]:
    """Every run in turn."""
    begin = next(place for place, one in enumerate(MATRIX) if asked.begin in one.name)
    each = [] if asked.quick else [one for one in MATRIX[begin:] if asked.only in one.name]
    mixes = 1 if asked.quick else 0 if asked.only else asked.mixes
    held = []
    if not (asked.quick or asked.only or asked.apart):
        # What stops the count, and is repaired, is no neighbour for others: it changes what may be asked afterwards.
        several, each = [one for one in each if one.mixes], [one for one in each if not one.mixes]
        held.append(told(several, seed, ALONE_SECONDS, asked.rate, f"{len(several)} faults in turn", in_turn=True))
    held += [told(alone(one), seed, ALONE_SECONDS, asked.rate, one.name) for one in each]
    seconds = asked.seconds or (QUICK_SECONDS if asked.quick else MIX_SECONDS)
    held += [told(mixed(seed + n, quick=asked.quick), seed + n, seconds, asked.rate, "a mix") for n in range(mixes)]
    say(f"{sum(held)} of {len(held)} runs held every promise")
    return held


def told(faults, seed: int, seconds: float, rate: float, name: str, *, in_turn: bool = False) -> bool:
    say(f"\n== seed {seed}: {name}")
    broken = asyncio.run(run(faults, seed=seed, seconds=seconds, rate=rate, in_turn=in_turn))
    say(f"== seed {seed}: {name}: {verdict(broken)}")
    return not broken


def verdict(broken: Sequence[str]) -> str:
    """One line: that all held, or what did not, by name."""
    return f"BROKEN: {'; '.join(broken)}" if broken else "every promise held"


if __name__ == "__main__":
    main()
