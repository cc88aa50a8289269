"""Packages that are wrong as a whole: nothing of them is applied, and the reason says what to send instead."""

import zipfile

import pytest

from tests.oneroster_damage import (
    Case,
    assert_found,
    crowded,
    cut,
    encrypted,
    findings_of,
    flipped,
    linked,
    lying_about_size,
    nameless,
    patched,
    saying_of_its_size,
    swollen_directory,
    twice,
    with_file,
    with_header,
    with_manifest,
    without,
    zeros,
)
from tests.oneroster_zips import HEADERS, USERS, as_files, sound, text, zipped

STOPS: dict[str, Case] = {
    "an empty body": (lambda: b"", [("", None, "", "no zip")]),
    "a text, not a zip": (lambda: b"sourcedId,name\r\n" * 50, [("", None, "", "no zip")]),
    "half a zip": (cut, [("", None, "", "no zip")]),
    "a bit has changed": (flipped, [("users.csv", None, "", "damaged")]),
    "encrypted": (encrypted, [(f"{name}.csv", None, "", "encrypted") for name in ("manifest", *sound())]),
    "an unbounded compression": (
        lambda: patched(zipped(as_files(sound())), method=zipfile.ZIP_LZMA),
        [(f"{name}.csv", None, "", "method 14") for name in ("manifest", *sound())],
    ),
    "a file without a name": (nameless, [("", None, "", "without a name")]),
    "out of the zip by ..": (lambda: with_file("../users.csv", b"x"), [("../users.csv", None, "", "leads out")]),
    "out of the zip by the root": (
        lambda: with_file("/etc/users.csv", b"x"),
        [("/etc/users.csv", None, "", "leads out")],
    ),
    "out of the zip by a drive": (lambda: with_file("C:users.csv", b"x"), [("C:users.csv", None, "", "leads out")]),
    "everything in a folder": (
        lambda: zipped({f"roster/{name}": content for name, content in as_files(sound()).items()}),
        [(f"roster/{name}.csv", None, "", "folder") for name in ("manifest", *sound())],
    ),
    "a link": (linked, [("orgs.csv", None, "", "link")]),
    "a zip in the zip": (
        lambda: with_file("inner.zip", zipped({"a": b"b"})),
        [("inner.zip", None, "", "zip inside")],
    ),
    "a zip in the zip, renamed": (
        lambda: with_file("notes.csv", zipped({"a": b"b"})),
        [("notes.csv", None, "", "zip inside")],
    ),
    "two files of one name": (twice, [("Users.CSV", None, "", "two files")]),
    "hundreds of files": (crowded, [("", None, "", "309 files")]),
    "thousands of files": (swollen_directory, [("", None, "", "far more files")]),
    "a size that is a lie": (lying_about_size, [("users.csv", None, "", "damaged")]),
    "zeros, within the limit": (lambda: zeros(8), [("users.csv", None, "", "longer than")]),
    "no manifest, and nobody says which source it is": (
        lambda: zipped({name: content for name, content in as_files(sound()).items() if name != "manifest.csv"}),
        [("manifest.csv", None, "source.systemCode", "which source")],
    ),
    "a source that is called absent": (
        lambda: with_manifest(source__systemCode="absent"),
        [("manifest.csv", None, "source.systemCode", "which source")],
    ),
    "OneRoster 1.0": (
        lambda: with_manifest(oneroster__version="1.0"),
        [("manifest.csv", None, "oneroster.version", "not one that is read")],
    ),
    "no manifest.version": (
        lambda: with_manifest(manifest__version=""),
        [("manifest.csv", None, "manifest.version", "not one that is read")],
    ),
    "a manifest without its header": (
        lambda: with_file("manifest.csv", b"oneroster.version,1.2\r\n"),
        [("manifest.csv", None, "propertyName", "missing"), ("manifest.csv", None, "value", "missing")],
    ),
    "a property twice": (
        lambda: with_file("manifest.csv", as_files(sound())["manifest.csv"] + b"file.users,absent\r\n"),
        [("manifest.csv", None, "file.users", "twice")],
    ),
    "a mode that is none": (
        lambda: with_manifest(file__users="everything"),
        [("manifest.csv", None, "file.users", "no mode")],
    ),
    "a delta without the columns of one": (
        lambda: zipped(
            as_files(sound(), file__orgs="delta") | {"orgs.csv": b"sourcedId,name,type\r\nd-1,Sample,district"}
        ),
        [("orgs.csv", None, "status", "missing")],
    ),
    "said to be there and missing": (
        lambda: zipped({k: v for k, v in as_files(sound()).items() if k != "roles.csv"}),
        [("manifest.csv", None, "file.roles", "missing from the zip")],
    ),
    "there and said to be absent": (
        lambda: with_manifest(file__demographics="absent"),
        [("manifest.csv", None, "file.demographics", "said to be absent")],
    ),
    "roles of users that are not sent": (
        lambda: without("users", "demographics", "enrollments"),
        [("manifest.csv", None, "file.users", "absent")],
    ),
    "everything absent": (lambda: zipped(as_files({})), [("manifest.csv", None, "", "no file is said")]),
    "a required column is missing": (
        lambda: with_header("users", USERS.replace("familyName", "metadata.surname")),
        [("users.csv", None, "familyName", "missing")],
    ),
    "vertical bars between the cells": (
        lambda: with_file("orgs.csv", text(HEADERS["orgs"], sound()["orgs"]).replace(",", "|").encode()),
        [("orgs.csv", None, "", "separated by vertical bars (|), not by commas")],
    ),
    "semicolons, and a column is missing": (
        lambda: with_file("orgs.csv", b"sourcedId;status;type\r\nd-1;;district\r\n"),
        [("orgs.csv", None, "name", "the column name is missing")],
    ),
    "a column twice": (
        lambda: with_header("orgs", HEADERS["orgs"].replace("identifier", "name")),
        [("orgs.csv", None, "name", "two columns")],
    ),
    "two files without a column each": (
        lambda: zipped(
            as_files(sound())
            | {"orgs.csv": b"sourcedId,name\r\nd-1,Sample\r\n", "roles.csv": text("sourcedId", ["r-1"]).encode()}
        ),
        [
            ("orgs.csv", None, "type", "missing"),
            *(("roles.csv", None, name, "missing") for name in ("userSourcedId", "role", "orgSourcedId")),
        ],
    ),
    "an empty file": (lambda: with_file("roles.csv", b""), [("roles.csv", None, "", "no header")]),
    "a header that is never closed": (
        lambda: with_file("roles.csv", b'"sourcedId,role\r\nr-1,student\r\n'),
        [("roles.csv", None, "", "no header")],
    ),
    "UTF-16": (
        lambda: with_file("users.csv", text(USERS, sound()["users"]).encode("utf-16")),
        [("users.csv", None, "", "UTF-16")],
    ),
    "lines that end in CR alone": (
        lambda: with_file("users.csv", text(USERS, sound()["users"], ending="\r").encode()),
        [("users.csv", None, "", "CR alone")],
    ),
    "a header that is not UTF-8": (
        lambda: with_file("orgs.csv", "sourcedId,name,type,metadata.é".encode("latin-1")),
        [("orgs.csv", None, "", "not UTF-8")],
    ),
}


@pytest.mark.parametrize(("packed", "expected"), STOPS.values(), ids=STOPS.keys())
def test_nothing_is_applied_of_a_package_that_is_wrong_as_a_whole(packed, expected):
    found = findings_of(packed())

    assert_found(found, expected)
    assert {one.effect for one in found} == {"stops_all"}


def test_four_gigabytes_of_zeros_are_refused_before_one_is_unpacked(monkeypatch):
    packed = saying_of_its_size(4 << 30)
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *_, **__: pytest.fail("unpacked"))

    found = findings_of(packed)

    assert_found(found, [("", None, "", "4096 MiB")])
