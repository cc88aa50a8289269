"""Rows are read by header and not by position, and one bad line never takes the next with it."""

import csv
import difflib
import io
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from services.roster.oneroster.read.findings import Finding, NothingApplied, stops
from services.roster.oneroster.read.layout import Column, Layout
from services.roster.oneroster.read.package import LONGEST_LINE, Package

BOM = b"\xef\xbb\xbf"
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
SAVE_AS_UTF_8 = "save the file as UTF-8"
MOST_LINES_OF_A_ROW = 20
DELTA = ("status",)
SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs"}
NOT_READ = {"|": "vertical bars", ":": "colons", "^": "carets"}


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number as a spreadsheet shows it, and the cells of the columns that are read."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Header:
    """The names in a file's first line, which of them are read and may be quoted, and what is only worth knowing."""

    names: tuple[str, ...]
    read: tuple[tuple[int, str], ...]
    quoted: frozenset[str]
    notes: tuple[Finding, ...]
    separator: str = ","


def read_header(package: Package, layout: Layout, *, delta: bool = False) -> Header:
    """Raise NothingApplied unless every column that a row cannot do without is there, once."""
    text = _first_line(package, layout.file)
    separator = _separator(layout, text)
    names, notes = _named(layout, _header_cells(layout.file, text, separator))
    if separator != ",":
        problem = f"the cells are separated by {SEPARATORS[separator]}, not by commas"
        works = "they were read so; commas are the standard"
        notes.append(Finding(layout.file, 1, "", "", problem, works, "note", code="another_separator"))
    known = {column.name: column for column in layout.columns}
    wrong = [
        stops(layout.file, f"two columns are named {name}", "keep one of them", code="column_twice", column=name)
        for name in sorted({name for name in names if name and names.count(name) > 1})
    ]
    wrong += [
        _missing(layout, column.name, names)
        for column in layout.columns
        if (column.required or (delta and column.name in DELTA)) and column.name not in names
    ]
    if wrong:
        raise NothingApplied(wrong)
    notes += [
        _unknown(layout.file, name, known) for name in names if name not in known and not name.startswith("metadata.")
    ]
    read = [(place, name) for place, name in enumerate(names) if name in known and not known[name].unread]
    quoted = frozenset(name for _, name in read if not known[name].quiet)
    return Header(names, tuple(read), quoted, tuple(notes), separator)


def _separator(layout: Layout, text: str) -> str:
    """What stands between the cells: that by which the header names the most columns; commas when none does."""
    known = {word for column in layout.columns for word in _words(column)}
    best, most = ",", 0
    for sign in (*SEPARATORS, *NOT_READ):
        cells = _cells(text, sign)
        named = sum(cell.strip().lower() in known for cell in cells) if not isinstance(cells, str) else 0
        if named > most:
            best, most = sign, named
    if best in NOT_READ:
        problem = f"the cells are separated by {NOT_READ[best]} ({best}), not by commas"
        works = "save the file with commas between the cells"
        raise NothingApplied([stops(layout.file, problem, works, code="another_separator", value=best)])
    return best


def _words(column: Column) -> list[str]:
    return [column.name.lower(), *(other.lower() for other in column.also)]


def _named(layout: Layout, cells: list[str]) -> tuple[tuple[str, ...], list[Finding]]:
    """The columns by the names of the standard, without blank ones at the end, and what was read as another name."""
    while cells and not cells[-1].strip():
        cells = cells[:-1]
    exact = set(cells)
    meant = {word: column.name for column in layout.columns for word in _words(column) if column.name not in exact}
    names: list[str] = []
    notes: list[Finding] = []
    known = {column.name for column in layout.columns}
    for cell in cells:
        name = cell if cell in known else meant.get(cell.strip().lower(), cell)
        if name in names and name != cell:
            name = cell  # the first of two that could be meant
        if name != cell:
            problem = f"the column {cell!r} was read as {name}"
            notes.append(Finding(layout.file, 1, cell, cell, problem, f"write {name}", "note", code="another_spelling"))
        names.append(name)
    return tuple(names), notes


def read_rows(package: Package, layout: Layout, header: Header) -> Iterator[Row | Finding]:
    """Every row below the header, or what is wrong with the line that should have been one."""
    lines = _Lines(package.lines(layout.file))
    lines.take()
    number = 1
    while (line := lines.take()) is not None:
        number += 1
        if line.strip():
            yield _row(lines, line, number, layout.file, header)


class _Lines:
    """A file's lines, of which some may be put back."""

    def __init__(self, source: Iterator[bytes]) -> None:
        self._source = source
        self._back: deque[bytes] = deque()

    def take(self) -> bytes | None:
        if self._back:
            return self._back.popleft()
        line = next(self._source, None)
        return line if line is None else line.removesuffix(b"\r")

    def put_back(self, lines: list[bytes]) -> None:
        self._back.extendleft(reversed(lines))


def _row(lines: _Lines, line: bytes, number: int, file: str, header: Header) -> Row | Finding:
    try:
        text = line.decode()
    except UnicodeDecodeError as error:
        return _not_utf_8(line, error, number, file, header)
    if text.count('"') % 2:
        return _open_quote(lines, text, number, file, header)
    cells = _cells(text, header.separator)
    if isinstance(cells, str):
        works = 'put quotes around the whole field, and write " inside it as ""'
        return Finding(file, number, "", "", cells, works, code="not_csv")
    width = len(header.names)
    if len(cells) != width and (len(cells) < width or any(cell.strip() for cell in cells[width:])):
        problem = f"the row has {len(cells)} fields, the header has {width}"
        works = "a comma inside a field needs quotes around the field"
        return Finding(file, number, "", "", problem, works, code="cells_missing_or_too_many")
    return Row(number, {name: cells[place] for place, name in header.read})


def _cells(text: str, separator: str) -> list[str] | str:
    """The fields of a line whose quotes are all closed, or what is wrong with it."""
    if '"' not in text and "\r" not in text:
        return text.split(separator)
    try:
        return next(csv.reader([text], strict=True, delimiter=separator))
    except csv.Error as error:
        return f"the line is no CSV: {error}"


def _open_quote(lines: _Lines, text: str, number: int, file: str, header: Header) -> Finding:
    """A field with a line break is one bad row; a quote that is never closed spoils its own line only."""
    taken: list[bytes] = []
    whole = text
    while len(taken) < MOST_LINES_OF_A_ROW and len(whole) < LONGEST_LINE:
        line = lines.take()
        if line is None:
            break
        taken.append(line)
        whole += "\n" + line.decode(errors="replace")
        if whole.count('"') % 2 == 0:
            break
    if whole.count('"') % 2 == 0 and taken:
        cells = next(csv.reader(io.StringIO(whole, newline=""), delimiter=header.separator))
        broken = [name for name, cell in zip(header.names, cells, strict=False) if "\n" in cell]
        if len(cells) == len(header.names) and broken:
            problem = "there is a line break inside a field, which OneRoster does not allow"
            return Finding(file, number, broken[0], "", problem, "write the field on one line", code="line_break")
    lines.put_back(taken)
    problem, works = "a quote is opened and never closed", 'write " inside a quoted field as ""'
    return Finding(file, number, "", "", problem, works, code="not_csv")


def _not_utf_8(line: bytes, error: UnicodeDecodeError, number: int, file: str, header: Header) -> Finding:
    cells = _cells(line.decode(errors="replace"), header.separator)
    spoilt = [
        (name, cell if name in header.quoted else "")
        for name, cell in zip(header.names, cells if isinstance(cells, list) else [], strict=False)
        if "\ufffd" in cell
    ]
    column, value = spoilt[0] if spoilt else ("", "")
    problem = f"byte 0x{line[error.start]:02X} is not UTF-8"
    return Finding(file, number, column, value, problem, SAVE_AS_UTF_8, code="not_utf8")


def _first_line(package: Package, file: str) -> str:
    line = next(package.lines(file), b"").removesuffix(b"\r")
    if line.startswith(UTF_16) or b"\0" in line:
        raise NothingApplied([stops(file, "the file is UTF-16, not UTF-8", SAVE_AS_UTF_8, code="not_utf8")])
    if b"\r" in line:
        raise NothingApplied(
            [stops(file, "lines end in CR alone", "end every line with CR LF or LF", code="line_ends")]
        )
    try:
        return line.removeprefix(BOM).decode()
    except UnicodeDecodeError as error:
        raise NothingApplied([stops(file, "the header is not UTF-8", SAVE_AS_UTF_8, code="not_utf8")]) from error


def _header_cells(file: str, text: str, separator: str) -> list[str]:
    cells = _cells(text, separator) if text.strip() and text.count('"') % 2 == 0 else "there is no header row"
    if isinstance(cells, str):
        raise NothingApplied([stops(file, cells, "write the column names as the first row", code="no_header")])
    return cells


def _missing(layout: Layout, name: str, names: tuple[str, ...]) -> Finding:
    near = difflib.get_close_matches(name, [other for other in names if other], n=1)
    advice = f"add the column {name}" + (f", or rename {near[0]!r} if that is meant" if near else "")
    return stops(layout.file, f"the column {name} is missing", advice, code="missing_column", column=name)


def _unknown(file: str, name: str, known: Mapping[str, object]) -> Finding:
    near = difflib.get_close_matches(name, known, n=1)
    problem, works = (
        f"{name!r} is no column of OneRoster",
        f"it is not read; call it metadata.{name or 'name'} to keep it",
    )
    if near:
        works = f"if {near[0]} is meant, write that"
    return Finding(file, 1, name, name, problem, works, "note", code="unknown_column")
