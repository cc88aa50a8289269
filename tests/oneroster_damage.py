"""Ways to damage a OneRoster package, and what is found in one."""

import io
import re
import struct
import zipfile
from collections.abc import Callable

from services.roster.oneroster.check.inspection import check, survey
from services.roster.oneroster.read.findings import Finding, NothingApplied
from services.roster.oneroster.read.manifest import read_manifest
from services.roster.oneroster.read.package import open_package
from tests.oneroster_zips import HEADERS, USERS, as_files, sound, text, zipped

YEAR = ("2024-07-01", "2025-06-30")
CODE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")  # of a kind of trouble, for programs
Expected = tuple[str, int | None, str, str]  # file, row, column, words of the problem
Case = tuple[Callable[[], bytes], list[Expected]]


def findings_of(packed: bytes, *, unpacked_max_bytes: int = 1 << 30) -> list[Finding]:
    """All that is wrong with a package, whether it stops everything or one row."""
    try:
        package = open_package(io.BytesIO(packed), unpacked_max_bytes=unpacked_max_bytes)
        manifest = read_manifest(package)
        checked, _ = survey(package, manifest)
        return [finding for step in check(package, manifest, checked, YEAR) for finding in step.findings]
    except NothingApplied as stopped:
        return stopped.findings


def with_rows(**changes: list[str]) -> bytes:
    return zipped(as_files(sound() | changes))


def with_more(file: str, *lines: str) -> bytes:
    return with_rows(**{file: [*sound()[file], *lines]})


def with_file(name: str, content: bytes) -> bytes:
    return zipped(as_files(sound()) | {name: content})


def with_manifest(**changes: str) -> bytes:
    return zipped(as_files(sound(), **changes))


def without(*files: str) -> bytes:
    return zipped(as_files({name: rows for name, rows in sound().items() if name not in files}))


def with_header(file: str, header: str) -> bytes:
    return with_file(f"{file}.csv", text(header, sound()[file]).encode())


def with_line(file: str, line: bytes) -> bytes:
    """The sound file with one raw line between its first row and the others."""
    head, first, *rest = text(HEADERS[file], sound()[file]).encode().split(b"\r\n")
    return with_file(f"{file}.csv", b"\r\n".join([head, first, line, *rest]))


def encrypted() -> bytes:
    return patched(zipped(as_files(sound())), flag=0x1)


def patched(packed: bytes, *, flag: int = 0, method: int | None = None) -> bytes:
    """The zip with a flag or a method written into every local and central header."""
    changed = bytearray(packed)
    for signature, at_flag in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        at = changed.find(signature)
        while at >= 0:
            changed[at + at_flag] |= flag
            if method is not None:
                changed[at + at_flag + 2 : at + at_flag + 4] = struct.pack("<H", method)
            at = changed.find(signature, at + 4)
    return bytes(changed)


def nameless() -> bytes:
    """A zip whose directory gives its last file, of a name of one letter, no name: the letter is "extra"."""
    changed = bytearray(with_file("x", b"x"))
    at = changed.rfind(b"PK\1\2")
    changed[at + 28 : at + 32] = struct.pack("<HH", 0, 1)
    return bytes(changed)


def zeros(megabytes: int) -> bytes:
    """A zip of a users.csv of zeros, packed a thousand to one."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in as_files(sound()).items():
            if name != "users.csv":
                archive.writestr(name, content)
        with archive.open("users.csv", "w", force_zip64=True) as stream:
            for _ in range(megabytes):
                stream.write(b"\0" * (1 << 20))
    return packed.getvalue()


def lying_about_size() -> bytes:
    """32 MiB of zeros whose directory says 100 bytes."""
    packed = bytearray(zeros(32))
    at = packed.find(b"PK\1\2", packed.rfind(b"enrollments.csv", 0, packed.rfind(b"users.csv")))
    packed[at + 24 : at + 28] = struct.pack("<I", 100)
    return bytes(packed)


def twice() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in as_files(sound()).items():
            archive.writestr(name, content)
        archive.writestr("Users.CSV", text(USERS, []))
    return packed.getvalue()


def linked() -> bytes:
    entry = zipfile.ZipInfo("orgs.csv")
    entry.external_attr = 0o120777 << 16
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in as_files(sound()).items():
            archive.writestr(entry if name == "orgs.csv" else name, b"/etc/passwd" if name == "orgs.csv" else content)
    return packed.getvalue()


def cut() -> bytes:
    packed = zipped(as_files(sound()))
    return packed[: len(packed) // 2]


def flipped() -> bytes:
    """One bit of the packed users.csv has changed on its way."""
    packed = bytearray(zipped(as_files(sound())))
    at = packed.find(b"users.csv") + 60
    packed[at] ^= 0x55
    return bytes(packed)


def crowded() -> bytes:
    return zipped(as_files(sound()) | {f"extra-{number}.csv": b"a" for number in range(300)})


def swollen_directory() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for number in range(6000):
            archive.writestr(f"{number:05d}{'x' * 150}.csv", b"")
    return packed.getvalue()


def saying_of_its_size(size: int) -> bytes:
    """A small zip whose directory says that one entry is this large, as a true one of zeros would."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        entry = zipfile.ZipInfo("users.csv")
        archive.writestr(entry, b"")
        entry.file_size = size
    return packed.getvalue()


def assert_found(found: list[Finding], expected: list[Expected]) -> None:
    assert [(one.file, one.row, one.column) for one in found] == [one[:3] for one in expected]
    for one, (*_, words) in zip(found, expected, strict=True):
        assert words in one.problem
        assert one.what_would_work
        assert CODE.fullmatch(one.code)
