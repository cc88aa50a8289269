"""What a run says at its end of how long it took: each folder, and the slowest tests."""

from collections import defaultdict
from heapq import nlargest
from operator import itemgetter
from pathlib import PurePosixPath

import pytest

SLOWEST = 25
second = itemgetter(1)
FOLDERS_DEEP = 3


class TakingLong:
    """Adds up what every test took, its fixtures too, whichever worker ran it."""

    def __init__(self) -> None:
        self._seconds: defaultdict[str, float] = defaultdict(float)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._seconds[report.nodeid] += report.duration

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        terminalreporter.section("seconds by folder")
        folders: defaultdict[str, float] = defaultdict(float)
        for test, seconds in self._seconds.items():
            folders[folder_of(test)] += seconds
        for folder, seconds in sorted(folders.items(), key=second, reverse=True):
            terminalreporter.write_line(f"{seconds:8.1f}  {folder}")
        terminalreporter.section(f"the {SLOWEST} slowest tests")
        for test, seconds in nlargest(SLOWEST, self._seconds.items(), key=second):
            terminalreporter.write_line(f"{seconds:8.1f}  {test}")


def folder_of(test: str) -> str:
    return "/".join(PurePosixPath(test.partition("::")[0]).parent.parts[:FOLDERS_DEEP])
