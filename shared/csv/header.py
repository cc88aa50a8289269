"""The first row of a CSV file says which delimiter it is written with, and which column is which."""

import csv
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from shared.errors import Problem, Refused
from shared.words.wording import nearest

# What spreadsheets write, where the comma separates decimals or where tabs were copied.
DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "upright bars"}
METADATA = "metadata."
NAMELESS = "(without a name)"


@dataclass(frozen=True, slots=True)
class Wanted:
    """The columns that a file must have, may have, and those that are passed over, as `metadata.*` always is."""

    must: Collection[str]
    may: Collection[str] = ()
    ignored: Collection[str] = ()

    @property
    def known(self) -> list[str]:
        return [*self.must, *(name for name in self.may if name not in self.must)]

    def passes_over(self, name: str) -> bool:
        return name in self.ignored or name.startswith(METADATA)

    def meant(self, written: str) -> str:
        """The column that a heading means, whatever case, spaces and hyphens it is written with."""
        name = written.strip()
        if name in self.known or self.passes_over(name):
            return name
        folded = {_folded(one): one for one in (*self.known, *self.ignored)}
        return folded.get(_folded(name), name)


def delimiter_of(text: str, wanted: Wanted) -> str:
    """The delimiter under which the first row names the most columns that are known here; a comma in doubt."""
    first = text.lstrip("\r\n").partition("\n")[0]
    return max(DELIMITERS, key=lambda one: (len(_known_in(first, one, wanted)), one == ","))


def _known_in(first: str, delimiter: str, wanted: Wanted) -> set[str]:
    try:
        names = next(csv.reader([first], delimiter=delimiter), [])
    except csv.Error:
        return set()
    return {name for each in names if (name := wanted.meant(each)) in wanted.known}


def read_header(reader: Iterator[list[str]], wanted: Wanted) -> Sequence[str]:
    """The columns as they are known here; those without a name, behind the last, are empty.

    Raise Refused when a column is missing, stands there twice or is not known: then nothing is read.
    """
    try:
        written = next(reader, [])
    except csv.Error as error:
        raise Refused(f"row 1 is not CSV: {error}", works="save it as CSV again", code="not_csv") from error
    header = [wanted.meant(name) for name in written]
    columns = f"the columns are {', '.join(wanted.known)}"
    if not any(header):
        raise Refused("the file has no header row", works=columns, code="no_header")
    while header and not header[-1]:
        header.pop()
    problems = [*_missing(header, wanted), *_strangers(header, wanted), *_twice(header)]
    if problems:
        said = "; ".join(one.said for one in problems[:5])
        raise Refused(said, problems, works=f"{columns}. Nothing was read")
    return header


def _missing(header: Sequence[str], wanted: Wanted) -> Iterator[Problem]:
    for name in wanted.must:
        if name not in header:
            yield Problem(f"/{name}", f"column {name} is missing", "add it", "missing_column")


def _strangers(header: Sequence[str], wanted: Wanted) -> Iterator[Problem]:
    for name in header:
        if name in wanted.known or wanted.passes_over(name):
            continue
        near = nearest(name, [each for each in wanted.known if each not in header])
        works = f"call it {near}, if that is meant, or take it out" if near else "take it out"
        yield Problem(f"/{name}", f"there is no column {name or NAMELESS}", works, "unknown_column")


def _twice(header: Sequence[str]) -> Iterator[Problem]:
    for name in sorted({name for name in header if name and header.count(name) > 1}):
        yield Problem(f"/{name}", f"column {name} stands there twice", "take one of them out", "column_twice")


def _folded(name: str) -> str:
    return "_".join(name.casefold().replace("-", " ").replace("_", " ").split())
