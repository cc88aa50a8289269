"""Measurements side by side: medians of alternating runs, their spread, and a Markdown table of them."""

import os
import platform
import re
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

import psutil

from deploy.local import mongo
from deploy.local.jars import JARS

LIBRARIES = ("aiokafka", "faststream", "fastapi", "motor", "pymongo", "msgspec", "pydantic", "uvicorn", "uvloop")


@dataclass(frozen=True)
class Value:
    """What several runs found: the median, the lowest and the highest."""

    middle: float
    low: float
    high: float

    def shown(self) -> str:
        return f"{number(self.middle)} ({number(self.low)}–{number(self.high)})"


@dataclass(frozen=True)
class Runs:
    """All runs of one candidate."""

    found: Sequence[Mapping[str, Any]]

    def of(self, name: str) -> Value:
        values = [float(one[name]) for one in self.found]
        return Value(median(values), min(values), max(values))


@dataclass(frozen=True)
class Row:
    """One line of the table. With a peer the goal is of the ratio, else of the value; `most` for an upper bound."""

    what: str
    ours: Value
    peer: Value | None = None
    goal: float | None = None
    most: bool = False
    unit: str = ""

    def cells(self) -> list[str]:
        ratio = self.ours.middle / self.peer.middle if self.peer else None
        held = ratio if ratio is not None else self.ours.middle
        goal = "" if self.goal is None else f"{'≤' if self.most else '≥'} {number(self.goal)}{'×' if self.peer else ''}"
        met = "" if self.goal is None else ("yes" if (held <= self.goal if self.most else held >= self.goal) else "no")
        return [
            self.what,
            self.ours.shown(),
            self.peer.shown() if self.peer else "",
            self.unit,
            "" if ratio is None else f"{number(ratio)}×",
            goal,
            met,
        ]


@dataclass(frozen=True)
class Failed:
    """A part that was not measured, and why."""

    what: str
    why: BaseException

    def cells(self) -> list[str]:
        why = " ".join(f"{type(self.why).__name__}: {self.why}".split())[-300:].replace("|", "/")
        return [self.what, f"**not measured**: {why}", "", "", "", "", "no"]


def number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def alternating(runs: int, candidates: Mapping[str, Callable[[], Mapping[str, Any]]]) -> dict[str, Runs]:
    """Each candidate in turn, so many times: what else the machine does meets all of them alike."""
    found: dict[str, list[Mapping[str, Any]]] = {name: [] for name in candidates}
    for turn in range(runs):
        for name, candidate in candidates.items():
            one = candidate()
            found[name].append(one)
            figures = ", ".join(f"{key} {number(value)}" for key, value in one.items() if isinstance(value, float))
            print(f"  run {turn + 1} of {runs}: {name}: {figures}", file=sys.stderr, flush=True)
    return {name: Runs(each) for name, each in found.items()}


def machine() -> str:
    """What was measured on, without its name or any path."""
    cpu = "unknown processor"
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            cpu = re.sub(r"\s+", " ", line.partition(":")[2]).strip()
            break
    java = subprocess.run(["java", "-version"], capture_output=True, text=True, check=False).stderr.splitlines()
    kafka = next((jar.stem.removeprefix("kafka-clients-") for jar in JARS.glob("kafka-clients-*.jar")), "unknown")
    kernel, memory = f"{platform.system()} {platform.machine()}", psutil.virtual_memory().total / 2**30
    servers = f"MongoDB {'.'.join(map(str, mongo.version_of(mongo.binary())))}, one member, 1 GiB of cache"
    return (
        f"- {os.cpu_count()} cores ({cpu}), {memory:.0f} GiB of memory, {kernel}; "
        f"load over the last quarter of an hour: {os.getloadavg()[2]:.1f}\n"
        f"- Python {platform.python_version()}; {servers}; Apache Kafka {kafka}, one broker, "
        f"{java[0] if java else 'Java unknown'}\n"
        f"- {', '.join(f'{name} {version(name)}' for name in LIBRARIES)}"
    )


def page(rows: Sequence[Row | Failed], *, runs: int, took_seconds: float) -> str:
    """The results as they are kept."""
    head = ["what", "ours", "peer", "unit", "ratio", "goal", "met"]
    lines = [head, ["---"] * len(head), *(row.cells() for row in rows)]
    table = "\n".join("| " + " | ".join(line) + " |" for line in lines)
    return (
        "# Measured by `make bench`\n\n"
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC; medians of {runs} alternating runs (lowest–highest), "
        f"{took_seconds / 60:.0f} minutes in all. Load, candidate, broker and database share the machine.\n\n"
        f"{machine()}\n\n{table}\n"
    )
