"""`make bench`: every part on one broker and one database, and a Markdown table of what was found."""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from deploy.local.processes import ROOT
from tests.bench import counting, importing, relaying, seeing, servers, writing
from tests.bench.table import Row, page

PARTS = {
    "writing": writing.one_by_one,
    "relay": relaying.relay,
    "counting": counting.one_measure,
    "catalogue": counting.whole_catalogue,
    "line": seeing.whole_line,
    "growth": counting.growth,
    "import": importing.hundred_thousand,
}
KEPT = ROOT / "docs" / "benchmarks" / "latest.md"


def main() -> None:
    """Run the parts that are named, or all; only a whole run replaces the kept table."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="part", help=f"any of {', '.join(PARTS)}; all when none is named")
    parser.add_argument("--runs", type=int, default=5, help="alternating runs of each candidate")
    asked = parser.parse_args()
    if unknown := set(asked.parts) - PARTS.keys():
        parser.error(f"there is no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    rows: list[Row] = []
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, servers.started(Path(folder)) as here:
        for name in asked.parts or PARTS:
            print(f"{name} ({time.monotonic() - began:.0f} s so far)", file=sys.stderr, flush=True)
            rows += PARTS[name](here, asked.runs)
    found = page(rows, runs=asked.runs, took_seconds=time.monotonic() - began)
    print(found)
    if not asked.parts:
        KEPT.parent.mkdir(parents=True, exist_ok=True)
        KEPT.write_text(found, encoding="utf-8")
        print(f"kept in {KEPT.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
