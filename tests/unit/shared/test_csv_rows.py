"""CSV is read by header name, whole or not at all, and numbered as a spreadsheet shows."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.csv.rows import Report, read_csv
from shared.errors import Refused

COLUMNS = ("id", "name")


def rows(text: str | bytes, **more):
    body = text if isinstance(text, bytes) else text.encode()
    return [(row.number, row.cells) for row in read_csv(body, COLUMNS, **more)]


A = {"id": "a", "name": "Ada"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("id,name\na,Ada\n", [(2, A)], id="as written"),
        pytest.param("id,name\na,Ada", [(2, A)], id="no line end at the end"),
        pytest.param("id,name\r\na,Ada\r\n", [(2, A)], id="CRLF"),
        pytest.param("﻿id,name\na,Ada\n", [(2, A)], id="byte order mark"),
        pytest.param("name,id\nAda,a\n", [(2, A)], id="another order"),
        pytest.param(" id , name \n a , Ada \n", [(2, A)], id="spaces around"),
        pytest.param("id,name,metadata.note\na,Ada,x\n", [(2, A)], id="metadata is passed over"),
        pytest.param('id,name\na,"Lovelace, ""Ada"""\n', [(2, {"id": "a", "name": 'Lovelace, "Ada"'})], id="quotes"),
        pytest.param('id,name\na,"A\nda"\nb,Bo\n', [(2, {"id": "a", "name": "A\nda"}), (3, {"id": "b", "name": "Bo"})],
                     id="a line break in a cell is no row"),
        pytest.param("id,name\n007,Ada\n", [(2, {"id": "007", "name": "Ada"})], id="leading zeros"),
        pytest.param("id,name\na,\n", [(2, {"id": "a", "name": None})], id="empty is None"),
        pytest.param("id,name\n\n,\na,Ada\n", [(4, A)], id="empty rows count"),
        pytest.param("id,name\n", [], id="a header alone"),
        pytest.param("id;name\na;Ada\n", [(2, A)], id="semicolons"),
        pytest.param("id\tname\na\tAda\n", [(2, A)], id="tabs"),
        pytest.param("id;name\na;Ada, B\n", [(2, {"id": "a", "name": "Ada, B"})], id="commas between semicolons"),
        pytest.param("id,name,,\na,Ada,,\n", [(2, A)], id="two blank columns behind the last"),
        pytest.param("id,name\na,Ada,,\n", [(2, A)], id="blank cells behind the last"),
        pytest.param("ID,Name\na,Ada\n", [(2, A)], id="headings in capitals"),
    ],
)  # fmt: skip
def test_what_is_read(text, found):
    assert rows(text) == found


def test_an_optional_column_may_be_there_or_not():
    assert rows("id,name,size\na,Ada,3\n", optional=["size"])[0][1]["size"] == "3"
    assert "size" not in rows("id,name\na,Ada\n", optional=["size"])[0][1]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("", "no header row; the columns are id, name", id="empty"),
        pytest.param("\n\n", "no header row", id="empty lines"),
        pytest.param("id\na\n", "column name is missing; add it; the columns are id, name", id="a column is missing"),
        pytest.param("id,nmae\na,b\n", "no column nmae; call it name, if that is meant", id="a misspelt column"),
        pytest.param("id,,name\na,,b\n", r"no column \(without a name\)", id="a column without a name"),
        pytest.param(
            "id,name,,\na,b,,c\n", "row 2 has 4 cells, the header has 2", id="text in a column without a name"
        ),
        pytest.param("id,name,id\na,b,c\n", "id stands there twice", id="a column twice"),
        pytest.param(
            "id;name\na;b;c\n", "written with semicolons: a cell that holds one", id="a semicolon without quotes"
        ),
        pytest.param("id,name\na\n", "row 2 has 1 cells, the header has 2", id="too few cells"),
        pytest.param("id,name\na,b\nc,Lovelace, Ada\n", "row 3 has 3 cells.*quotes", id="a comma without quotes"),
        pytest.param('id,name\na,"b"c\n', "row 2 is not CSV", id="text behind a quote"),
        pytest.param('id,name\na,"b\n', "row 2 is not CSV", id="a quote left open"),
        pytest.param('id,"name\n', "row 1 is not CSV", id="a quote left open in the header"),
        pytest.param(b"id,name\na,J\xf6rg\n", "not UTF-8: byte 11, in line 2", id="Latin-1"),
        pytest.param("id,name\na,b\n".encode("utf-16"), "not UTF-8: byte 0", id="UTF-16"),
        pytest.param("id,name\na,b\x00\n", "NUL at position 11", id="NUL"),
        pytest.param("id,name\na," + "x" * 10_001, "row 2 has a cell of more than", id="an endless cell"),
        pytest.param('id,name\na,"' + "x" * 200_000, "row 2", id="a quote left open for long"),
    ],
)
def test_what_is_refused_and_in_which_words(text, words):
    with pytest.raises(Refused, match=words):
        rows(text)


def test_a_file_of_too_many_rows_is_refused(monkeypatch):
    monkeypatch.setattr("shared.csv.rows.ROWS_MAX", 3)

    assert len(rows("id,name\n" + "a,b\n" * 3)) == 3
    with pytest.raises(Refused, match="more than 3 rows"):
        rows("id,name\n" + "a,b\n" * 4)


@given(st.binary(max_size=200))
def test_whatever_is_sent_is_read_or_refused(body):
    with suppress(Refused):
        assert all(row.cells.keys() == {"id", "name"} for row in read_csv(b"id,name\n" + body, COLUMNS))


def test_a_report_adds_up():
    report = Report(dry_run=True)
    report.add("created", 2)
    report.add("unchanged")
    report.refuse(7, "is no date", column="on", value="soon", works="write 2025-06-30")
    report.refuse(5, "is missing", column="id")
    report.refuse(7, "is missing", column="id")

    answer = report.answer()

    assert (answer.rows, answer.created, answer.unchanged, answer.refused) == (5, 2, 1, 2)
    assert [one.row for one in answer.problems] == [5, 7, 7]
    assert answer.dry_run


def test_a_report_of_endless_problems_is_bounded():
    report = Report()
    for row in range(5000):
        report.refuse(row, "is missing")

    assert report.answer().refused == 5000
    assert len(report.answer().problems) == 1000
