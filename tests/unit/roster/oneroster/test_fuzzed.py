"""Whatever bytes are sent: they are read, or refused in words; nothing else comes out of the reading."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.oneroster_damage import CODE, findings_of
from tests.oneroster_zips import HEADERS, as_files, sound, text, zipped

PACKED = zipped(as_files(sound()))
USERS = text(HEADERS["users"], sound()["users"]).encode()
# What CSV readers stumble over, more often than chance would have it.
SNAGS = st.sampled_from(
    [b'"', b'""', b",", b"\n", b"\r", b"\r\n", b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\xe2\x80\xa8", b"="]
)


def assert_told(found):
    for one in found:
        assert one.problem
        assert one.what_would_work
        assert CODE.fullmatch(one.code)
        assert one.row is None or one.row > 0


@given(st.binary(max_size=300))
def test_any_bytes_are_refused(body):
    assert {one.effect for one in findings_of(body)} == {"stops_all"}


@given(st.lists(st.tuples(st.integers(0, len(PACKED) - 1), st.integers(0, 255)), min_size=1, max_size=8))
def test_a_zip_with_other_bytes_here_and_there_is_read_or_refused(changes):
    packed = bytearray(PACKED)
    for place, byte in changes:
        packed[place] = byte

    assert_told(findings_of(bytes(packed)))


@given(st.lists(st.tuples(st.integers(0, len(USERS)), st.one_of(SNAGS, st.binary(max_size=4))), min_size=1, max_size=6))
def test_a_file_with_anything_in_between_is_read_or_refused(snags):
    content = USERS
    for place, snag in snags:
        content = content[:place] + snag + content[place:]

    assert_told(findings_of(zipped(as_files(sound()) | {"users.csv": content})))


@given(st.lists(st.text(max_size=20), min_size=22, max_size=22), st.sampled_from(["\n", "\r\n"]))
def test_any_cells_are_told_apart_by_row(cells, ending):
    quoted = ",".join('"' + cell.replace('"', '""') + '"' for cell in cells)
    lines = [*sound()["users"], quoted, *sound()["users"][:1]]

    found = findings_of(
        zipped(
            as_files(sound()) | {"users.csv": text(HEADERS["users"], lines, ending=ending).encode("utf-8", "replace")}
        )
    )

    told = [one.problem for one in found]
    assert "this sourcedId stands on row 2 already" in told  # the row after it is read as it is
    assert_told(found)


@pytest.mark.parametrize("size", [0, 1, 21, 22, 23, 97, 98, 99, 120])
def test_the_end_of_a_zip_alone_is_refused(size):
    assert {one.effect for one in findings_of(PACKED[-size:] if size else b"")} == {"stops_all"}
