"""The zip is opened without unpacking it to disk, and refused when it is damaged, hidden or too large."""

import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import BinaryIO

from services.roster.oneroster.read.findings import Finding, NothingApplied, stops
from services.roster.oneroster.read.layout import BY_NAME, MANIFEST, NEVER_READ

MOST_ENTRIES = 200
LARGEST_DIRECTORY = 1 << 20
CHUNK_BYTES = 1 << 16
MOST_TIMES = 100  # rosters pack 5 to 30 times smaller; what packs better says the same over and over
ALWAYS_UNPACKED = 8 << 20  # so much is looked at, however well it packs
WRITTEN = {f"{name}.csv".lower(): f"{name}.csv" for name in (MANIFEST, *BY_NAME, *NEVER_READ)}
LONGEST_LINE = 1 << 16
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # the others unpack without a bound
IGNORED_FOLDERS = ("__MACOSX/",)  # what a Mac adds to every zip
DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,
)
PACK_AGAIN = "pack the CSV files again, at the top of one ordinary zip"


class Package:
    """An opened zip whose entries are safe to read one after the other."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._made: dict[str, Callable[[], Iterator[bytes]]] = {}
        # By the names of the standard: a zip holds no two files that differ by case alone.
        self._entries = {
            WRITTEN.get(entry.filename.lower(), entry.filename): entry
            for entry in archive.infolist()
            if not _ignored(entry)
        }

    @property
    def names(self) -> list[str]:
        return list(self._entries)

    @property
    def renamed(self) -> dict[str, str]:
        """The files that are called otherwise than in the standard: by its name, theirs."""
        return {name: entry.filename for name, entry in self._entries.items() if name != entry.filename}

    def make(self, file: str, lines: Callable[[], Iterator[bytes]]) -> None:
        """Let a file that is not in the zip be read as these lines, which are made out of other files."""
        self._made[file] = lines

    def lines(self, file: str) -> Iterator[bytes]:
        """The file's lines without their ends. Raise NothingApplied when the packed bytes are damaged."""
        if file in self._made:
            yield from self._made[file]()
            return
        rest = b""
        try:
            with self._archive.open(self._entries[file]) as stream:
                while chunk := stream.read(CHUNK_BYTES):
                    pieces = (rest + chunk).split(b"\n")
                    rest = pieces.pop()
                    if max(len(rest), len(pieces[0]) if pieces else 0) > LONGEST_LINE:
                        raise NothingApplied([_endless_line(file)])
                    yield from pieces
        except DAMAGED as error:
            raise NothingApplied([_damaged(file, error)]) from error
        if rest:
            yield rest

    def first_bytes(self, file: str) -> bytes:
        """The beginning of a file, enough to tell what it is."""
        try:
            with self._archive.open(self._entries[file]) as stream:
                return stream.read(4)
        except DAMAGED as error:
            raise NothingApplied([_damaged(file, error)]) from error


def open_package(file: BinaryIO, *, unpacked_max_bytes: int) -> Package:
    """Raise NothingApplied, having unpacked nothing, unless every entry is safe to read.

    Only the zip's own directory is believed so far; `Package.lines` never yields more than it says.
    """
    try:
        _refuse_a_large_directory(file)
        archive = zipfile.ZipFile(file)
    except DAMAGED as error:
        detail = "this is no zip file, or its end is missing"
        raise NothingApplied(
            [stops("", detail, "send the zip as the student system wrote it", code="damaged")]
        ) from error
    entries = archive.infolist()
    found = [finding for entry in entries if not _ignored(entry) for finding in _wrong_with(entry)]
    found += _wrong_together(entries, unpacked_max_bytes)
    if found:
        raise NothingApplied(found)
    package = Package(archive)
    nested = [_nested(name) for name in package.names if package.first_bytes(name) == b"PK\x03\x04"]
    if nested:
        raise NothingApplied(nested)
    return package


def _ignored(entry: zipfile.ZipInfo) -> bool:
    return entry.filename.endswith("/") or entry.filename.startswith(IGNORED_FOLDERS) or entry.filename == ".DS_Store"


def _refuse_a_large_directory(file: BinaryIO) -> None:
    """A directory of a million entries would fill the memory before one of them could be looked at."""
    size = file.seek(0, 2)
    file.seek(max(0, size - (1 << 16) - 98))
    tail = file.read()
    ending = len(tail) - 22 if tail[-22:-18] == b"PK\5\6" and tail[-2:] == b"\0\0" else tail.rfind(b"PK\5\6")
    if ending < 0:
        raise zipfile.BadZipFile("no end of directory")
    directory = int.from_bytes(tail[ending + 12 : ending + 16], "little")
    locator = ending - 20
    if locator >= 56 and tail[locator : locator + 4] == b"PK\6\7":
        directory = int.from_bytes(tail[locator - 56 + 40 : locator - 56 + 48], "little")
    if directory > LARGEST_DIRECTORY:
        raise NothingApplied(
            [stops("", "the zip lists far more files than a roster has", PACK_AGAIN, code="too_large")]
        )
    file.seek(0)


def _wrong_with(entry: zipfile.ZipInfo) -> Iterator[Finding]:
    name = entry.filename
    parts = name.replace("\\", "/").split("/")
    if name.startswith(("/", "\\")) or ".." in parts or ":" in parts[0]:
        yield stops(name, "the name leads out of the zip", PACK_AGAIN, code="misplaced", value=name)
    elif len(parts) > 1:
        works = "put the CSV files at the top of the zip"
        yield stops(name, "the file lies in a folder", works, code="misplaced", value=name)
    if not name:
        yield stops("", "the zip holds a file without a name", PACK_AGAIN, code="misplaced")
    if entry.flag_bits & 0x1:
        yield stops(name, "the file is encrypted", "pack the files without a password", code="cannot_be_unpacked")
    elif entry.compress_type not in METHODS:
        problem = f"compression method {entry.compress_type} is not read"
        yield stops(name, problem, "pack with deflate, as usual", code="cannot_be_unpacked")
    if stat.S_ISLNK(entry.external_attr >> 16):
        yield stops(name, "this is a link, not a file", PACK_AGAIN, code="misplaced")
    if name.lower().endswith(".zip"):
        yield _nested(name)


def _nested(name: str) -> Finding:
    return stops(name, "a zip inside the zip", "put the CSV files at the top of one zip", code="misplaced")


def _wrong_together(entries: list[zipfile.ZipInfo], unpacked_max_bytes: int) -> Iterator[Finding]:
    if len(entries) > MOST_ENTRIES:
        works = f"at most {MOST_ENTRIES}; a roster has about 20"
        yield stops("", f"the zip holds {len(entries)} files", works, code="too_large")
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > unpacked_max_bytes:
        most = f"at most {unpacked_max_bytes >> 20} MiB are unpacked; send the sources one by one"
        yield stops("", f"unpacked, the files would be {unpacked >> 20} MiB", most, code="too_large")
    else:
        for entry in entries:
            if entry.file_size > max(ALWAYS_UNPACKED, MOST_TIMES * entry.compress_size):
                problem = f"unpacked, the file would be {entry.file_size // max(1, entry.compress_size)} times as large"
                works = f"{MOST_TIMES} times at most: no roster says the same so often"
                yield stops(entry.filename, problem, works, code="too_large")
    seen: set[str] = set()
    for entry in entries:
        name = entry.filename.lower()
        if name in seen:
            yield stops(entry.filename, "the zip holds two files of this name", "keep the right one", code="twice")
        seen.add(name)


def _damaged(file: str, error: Exception) -> Finding:
    works = "send the zip again; it was cut or changed on its way"
    return stops(file, f"the packed bytes are damaged ({error})", works, code="damaged")


def _endless_line(file: str) -> Finding:
    works = "write one row a line, ended by CR LF or LF"
    return stops(file, f"a line is longer than {LONGEST_LINE} bytes", works, code="line_ends")
