"""What was accepted, written down so that a power cut would not lose it, before anything else is asked."""

import json
import os
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Accepted:
    """One answer of 2xx: which version of which record, what it then said, and when it was asked for and given.

    `written_at`, too, is in seconds of this machine's clock that only rises: when the database wrote that version.
    """

    service: str
    key: str
    version: int
    state: dict[str, Any]
    asked_at: float
    given_at: float
    written_at: float


@dataclass
class Journal:
    """Every accepted write; `unsure` names the records that may have been written although nobody was told."""

    path: Path
    accepted: list[Accepted] = field(default_factory=list)
    unsure: set[tuple[str, str]] = field(default_factory=set)
    outcomes: Counter[str] = field(default_factory=Counter)
    refusals: list[str] = field(default_factory=list)

    def accept(self, one: Accepted) -> None:
        """Return when the line is on the disk."""
        line = {"service": one.service, "key": one.key, "version": one.version, "given_at": one.given_at}
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
            file.flush()
            os.fsync(file.fileno())
        self.accepted.append(one)

    def last(self) -> dict[tuple[str, str], Accepted]:
        """Of each record the highest version that was accepted."""
        found: dict[tuple[str, str], Accepted] = {}
        for one in self.accepted:
            at = (one.service, one.key)
            if at not in found or found[at].version <= one.version:
                found[at] = one
        return found
