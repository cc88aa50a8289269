"""manifest.csv says what the package holds, in which version, from which system; without it the files do."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from services.roster.oneroster.read.findings import Finding, NothingApplied, stops
from services.roster.oneroster.read.layout import BY_NAME, FILES, MANIFEST, NEVER_READ, ROLES, Column, Layout
from services.roster.oneroster.read.older import has_roles, role_lines
from services.roster.oneroster.read.package import Package
from services.roster.oneroster.read.rows import read_header, read_rows
from services.roster.values import SOURCE

FILE = f"{MANIFEST}.csv"
VERSIONS = ("1.1", "1.2", "1.2.0", "1.2.1")
MODES = ("absent", "bulk", "delta")
NOT_NAMED = ("", "absent")  # what exports write for a system without a code
LAYOUT = Layout(MANIFEST, (Column("propertyName", required=True), Column("value", required=True)))
BECAUSE_OF_NO_MANIFEST = (
    "add a manifest.csv that says bulk of every whole file, so that what is not in it any more ends"
)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the package says of itself: the files to read, in the order of reading, and its source."""

    layouts: tuple[Layout, ...]
    source: str
    notes: tuple[Finding, ...] = ()
    deltas: frozenset[str] = frozenset()  # the files that hold only what has changed
    unsaid: bool = False  # without a manifest nobody knows whether a file holds all there is
    older: bool = False  # the roles of 1.1, out of users.csv

    def whole(self, layout: Layout) -> bool:
        """Whether the file holds all there is: then what is absent from it has ended."""
        return layout.name not in self.deltas and not self.unsaid

    @property
    def partial(self) -> bool:
        """Whether rows may name what was sent before."""
        return bool(self.deltas) or self.unsaid


def read_manifest(package: Package, *, source: str = "") -> Manifest:
    """Raise NothingApplied unless the manifest and the zip agree about a package of version 1.1 or 1.2.

    `source` is what the sender calls the source; without it the manifest must name one. A package
    without a manifest is what its files are; nothing ends by not being in it.
    """
    unsaid = FILE not in package.names
    properties = _found(package) if unsaid else _properties(package)
    own = properties.get("source.systemCode", "").strip()
    own = "" if own.lower() in NOT_NAMED else own
    wrong = [] if unsaid else [*_wrong_versions(properties), *_wrong_files(properties, package.names)]
    if not re.fullmatch(SOURCE, source or own):
        problem = "the source has no name that can be used" if own else "nobody says which source this is"
        wrong.append(
            _wrong(
                properties,
                "source.systemCode",
                "no_source",
                problem,
                "send ?source= with a short name such as north-sis",
            )
        )
    if wrong:
        raise NothingApplied(wrong)
    modes = {layout.name: _mode(properties, layout.name) for layout in FILES}
    older = modes[ROLES.name] == "absent" and modes["users"] != "absent" and has_roles(package)
    if older:
        package.make(ROLES.file, lambda: role_lines(package))
        modes[ROLES.name] = modes["users"]
    layouts = tuple(layout for layout in FILES if modes[layout.name] != "absent")
    deltas = frozenset(name for name, mode in modes.items() if mode == "delta")
    _stop_where_lacking(layouts, deltas, unsaid=unsaid)
    notes = (*_notes(properties, package.names), *_notes_of_names(package, unsaid=unsaid))
    return Manifest(layouts, source or own, notes, deltas, unsaid, older)


def _found(package: Package) -> dict[str, str]:
    """What a manifest would say of these files."""
    return {f"file.{name}": "bulk" for name in BY_NAME if f"{name}.csv" in package.names}


def _properties(package: Package) -> dict[str, str]:
    found: dict[str, str] = {}
    wrong: list[Finding] = []
    for row in read_rows(package, LAYOUT, read_header(package, LAYOUT)):
        if isinstance(row, Finding):
            wrong.append(stops(FILE, row.problem, row.what_would_work, code=row.code))
            continue
        name, value = row.cells["propertyName"], row.cells["value"]
        if name in found:
            problem, works = f"{name} stands twice", "keep one of the rows"
            wrong.append(stops(FILE, problem, works, code="twice", column=name, value=value))
        found[name] = value
    if wrong:
        raise NothingApplied(wrong)
    return found


def _mode(properties: Mapping[str, str], name: str) -> str:
    return properties.get(f"file.{name}", "").strip().lower() or "absent"


def _wrong_versions(properties: dict[str, str]) -> Iterator[Finding]:
    for name, allowed in (("manifest.version", ("1.0",)), ("oneroster.version", VERSIONS)):
        if properties.get(name, "").strip() not in allowed:
            yield _wrong(
                properties, name, "not_known", f"{name} is not one that is read", f"one of {', '.join(allowed)}"
            )


def _wrong_files(properties: dict[str, str], names: list[str]) -> Iterator[Finding]:
    for name in (*BY_NAME, *NEVER_READ):
        said, there = f"file.{name}", f"{name}.csv" in names
        mode = _mode(properties, name)
        if mode not in MODES:
            yield _wrong(properties, said, "not_known", f"{mode!r} is no mode of a file", "one of absent, bulk, delta")
        elif mode == "absent" and there and name in BY_NAME:
            problem = f"{name}.csv is in the zip, but said to be absent"
            yield _wrong(properties, said, "says_otherwise", problem, "write bulk or delta")
        elif mode != "absent" and not there and name in BY_NAME:
            problem = f"{name}.csv is missing from the zip"
            yield _wrong(properties, said, "missing_file", problem, "add it, or write absent")


def _wrong(properties: dict[str, str], name: str, code: str, problem: str, what_would_work: str) -> Finding:
    return stops(FILE, problem, what_would_work, code=code, column=name, value=properties.get(name, ""))


def _stop_where_lacking(layouts: tuple[Layout, ...], deltas: frozenset[str], *, unsaid: bool) -> None:
    if not layouts and unsaid:
        problem = "there is no manifest.csv, and no file of OneRoster"
        works = "send the zip as the student system wrote it"
        raise NothingApplied([stops(FILE, problem, works, code="missing_file")])
    if not layouts:
        works = "write bulk or delta for each file in the zip"
        raise NothingApplied([stops(FILE, "no file is said to be there", works, code="missing_file")])
    lacking = [] if unsaid else list(_lacking(layouts, deltas))
    if lacking:
        raise NothingApplied(lacking)


def _lacking(layouts: tuple[Layout, ...], deltas: frozenset[str]) -> Iterator[Finding]:
    """What a whole file names that is not sent; a file of changes may name what was sent before."""
    there = {layout.name for layout in layouts}
    for layout in (each for each in layouts if each.name not in deltas):
        for need in layout.needs:
            if need not in there:
                problem = f"{layout.file} names rows of {need}.csv, which is absent"
                works = f"send {need}.csv too"
                yield stops(FILE, problem, works, code="missing_file", column=f"file.{need}", value="absent")


def _notes(properties: dict[str, str], names: list[str]) -> Iterator[Finding]:
    known = {f"file.{name}" for name in (*BY_NAME, *NEVER_READ)}
    known |= {"manifest.version", "oneroster.version", "source.systemName", "source.systemCode"}
    for name, value in properties.items():
        if name not in known:
            problem, works = f"{name!r} is no property of OneRoster", "it is not read"
            yield Finding(FILE, None, name, value, problem, works, "note", code="unknown_property")
    files = {FILE, *(f"{name}.csv" for name in (*BY_NAME, *NEVER_READ))}
    for name in names:
        if name not in files:
            problem, works = "this is no file of OneRoster", "it is not read; leave it out"
            yield Finding(name, None, "", name, problem, works, "note", code="unknown_file")


def _notes_of_names(package: Package, *, unsaid: bool) -> Iterator[Finding]:
    for name, called in package.renamed.items():
        problem, works = f"this was read as {name}", f"call it {name}"
        yield Finding(called, None, "", called, problem, works, "note", code="another_spelling")
    if unsaid:
        there = ", ".join(layout.file for layout in FILES if layout.file in package.names)
        problem = f"there is no manifest.csv; found and read were {there}; nothing ends by not being in them"
        yield Finding(FILE, None, "", "", problem, BECAUSE_OF_NO_MANIFEST, "note", code="no_manifest")
