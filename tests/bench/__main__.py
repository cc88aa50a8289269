"""`make bench`: every part on one broker and one database, and a Markdown table of what was found."""

import argparse
import sys
import tempfile
import time
import traceback
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from deploy.local.processes import ROOT
from tests.bench import counting, importing, recounting, relaying, seeing, servers, writing
from tests.bench.servers import Servers
from tests.bench.table import Failed, Row, page

PARTS = {
    "writing": writing.one_by_one,
    "relay": relaying.relay,
    "counting": counting.one_measure,
    "catalogue": counting.whole_catalogue,
    "recount": recounting.recount,
    "line": seeing.whole_line,
    "growth": counting.growth,
    "import": importing.hundred_thousand,
}
KEPT = ROOT / "docs" / "benchmarks"


def main() -> None:
    """Run the parts that are named, or all; only a whole run is kept, under its date."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="part", help=f"any of {', '.join(PARTS)}; all when none is named")
    parser.add_argument("--runs", type=int, default=5, help="alternating runs of each candidate")
    asked = parser.parse_args()
    if unknown := set(asked.parts) - PARTS.keys():
        parser.error(f"there is no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    rows: list[Row | Failed] = []
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, servers.started(Path(folder)) as here:
        for name in asked.parts or PARTS:
            print(f"{name} ({time.monotonic() - began:.0f} s so far)", file=sys.stderr, flush=True)
            rows += measured(name, here, asked.runs)
    found = page(rows, runs=asked.runs, took_seconds=time.monotonic() - began)
    print(found)
    if not asked.parts:
        kept = KEPT / f"{datetime.now(UTC):%Y-%m-%d}.md"
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(found, encoding="utf-8")
        print(f"kept in {kept.relative_to(ROOT)}")
    sys.exit(any(isinstance(row, Failed) for row in rows))


def measured(name: str, here: Servers, runs: int) -> Sequence[Row | Failed]:
    """A part's rows. One that fails says so in its row, and takes no other's figures with it."""
    try:
        return PARTS[name](here, runs)
    except Exception as error:  # noqa: BLE001 whatever it is, it is shown here and in the table
        traceback.print_exc()
        return [Failed(name, error)]


if __name__ == "__main__":
    main()
