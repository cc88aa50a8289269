"""manifest.csv: which files the package says it holds, in which version, from which system."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from services.roster.oneroster.findings import Finding, NothingApplied, stops
from services.roster.oneroster.layout import BY_NAME, FILES, NEVER_READ, Column, Layout
from services.roster.oneroster.package import Package
from services.roster.oneroster.reading import read_header, read_rows
from services.roster.values import SOURCE

FILE = "manifest.csv"
VERSIONS = ("1.2", "1.2.0", "1.2.1")
MODES = ("absent", "bulk", "delta")
LAYOUT = Layout("manifest", (Column("propertyName", required=True), Column("value", required=True)))


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the package says of itself: the files to read, in the order of reading, and its source."""

    layouts: tuple[Layout, ...]
    source: str
    notes: tuple[Finding, ...] = ()
    deltas: frozenset[str] = frozenset()  # the files that hold only what has changed

    def whole(self, layout: Layout) -> bool:
        """Whether the file holds all there is: then what is absent from it has ended."""
        return layout.name not in self.deltas


def read_manifest(package: Package, *, source: str = "") -> Manifest:
    """Raise NothingApplied unless the manifest and the zip agree about a package of version 1.2.

    `source` is what the sender calls the source; without it the manifest must name one.
    """
    if FILE not in package.names:
        raise NothingApplied([stops(FILE, "there is no manifest.csv", "add it at the top of the zip")])
    properties = _properties(package)
    own = properties.get("source.systemCode", "").strip()
    wrong = [*_wrong_versions(properties), *_wrong_files(properties, package.names)]
    if not re.fullmatch(SOURCE, source or own):
        problem = "the source has no name that can be used" if own else "nobody says which source this is"
        wrong.append(
            _wrong(properties, "source.systemCode", problem, "send ?source= with a short name such as north-sis")
        )
    if wrong:
        raise NothingApplied(wrong)
    layouts = tuple(layout for layout in FILES if properties.get(f"file.{layout.name}") in ("bulk", "delta"))
    deltas = frozenset(layout.name for layout in layouts if properties[f"file.{layout.name}"] == "delta")
    if not layouts:
        raise NothingApplied(
            [stops(FILE, "no file is said to be there", "write bulk or delta for each file in the zip")]
        )
    lacking = list(_lacking(layouts, deltas))
    if lacking:
        raise NothingApplied(lacking)
    return Manifest(layouts, source or own, tuple(_notes(properties, package.names)), deltas)


def _properties(package: Package) -> dict[str, str]:
    found: dict[str, str] = {}
    wrong: list[Finding] = []
    for row in read_rows(package, LAYOUT, read_header(package, LAYOUT)):
        if isinstance(row, Finding):
            wrong.append(stops(FILE, row.problem, row.what_would_work))
            continue
        name, value = row.cells["propertyName"], row.cells["value"]
        if name in found:
            wrong.append(stops(FILE, f"{name} stands twice", "keep one of the rows", column=name, value=value))
        found[name] = value
    if wrong:
        raise NothingApplied(wrong)
    return found


def _wrong_versions(properties: dict[str, str]) -> Iterator[Finding]:
    for name, allowed in (("manifest.version", ("1.0",)), ("oneroster.version", VERSIONS)):
        if properties.get(name, "") not in allowed:
            yield _wrong(properties, name, f"{name} is not one that is read", f"one of {', '.join(allowed)}")


def _wrong_files(properties: dict[str, str], names: list[str]) -> Iterator[Finding]:
    for name in (*BY_NAME, *NEVER_READ):
        said, there = f"file.{name}", f"{name}.csv" in names
        mode = properties.get(said, "absent")
        if mode not in MODES:
            yield _wrong(properties, said, f"{mode!r} is no mode of a file", "one of absent, bulk, delta")
        elif mode == "absent" and there:
            yield _wrong(properties, said, f"{name}.csv is in the zip, but said to be absent", "write bulk or delta")
        elif mode != "absent" and not there:
            yield _wrong(properties, said, f"{name}.csv is missing from the zip", "add it, or write absent")


def _wrong(properties: dict[str, str], name: str, problem: str, what_would_work: str) -> Finding:
    return stops(FILE, problem, what_would_work, column=name, value=properties.get(name, ""))


def _lacking(layouts: tuple[Layout, ...], deltas: frozenset[str]) -> Iterator[Finding]:
    """A whole file names rows of whole files beside it; one with changes may name what was sent before."""
    there = {layout.name for layout in layouts}
    for layout in (each for each in layouts if each.name not in deltas):
        for need in layout.needs:
            if need not in there:
                problem = f"{layout.file} names rows of {need}.csv, which is absent"
                yield stops(FILE, problem, f"send {need}.csv too", column=f"file.{need}", value="absent")


def _notes(properties: dict[str, str], names: list[str]) -> Iterator[Finding]:
    known = {f"file.{name}" for name in (*BY_NAME, *NEVER_READ)}
    known |= {"manifest.version", "oneroster.version", "source.systemName", "source.systemCode"}
    for name, value in properties.items():
        if name not in known:
            yield Finding(FILE, None, name, value, f"{name!r} is no property of OneRoster", "it is not read", "note")
    files = {FILE, *(f"{name}.csv" for name in (*BY_NAME, *NEVER_READ))}
    for name in names:
        if name not in files:
            yield Finding(name, None, "", name, "this is no file of OneRoster", "it is not read; leave it out", "note")
