"""Rows of a file are kept in parts, each for itself, or all rows of one thing together or not at all."""

from pydantic import BaseModel

from shared.csv import imports as csv_import
from shared.csv.imports import RowKept, all_right, by_key, keep_in_parts
from shared.csv.rows import Report, read_csv
from shared.errors import Problem, Refused


class Counted(BaseModel):
    """A row with a number in it."""

    n: int


def rows(*cells):
    return read_csv("\n".join(("id,n", *cells)).encode(), ("id", "n"))


async def test_each_row_is_kept_or_says_why_not_in_parts(monkeypatch):
    monkeypatch.setattr(csv_import, "AT_ONCE", 2)
    report, parts = Report(), []

    async def keep(some):
        parts.append([one.n for one in some])
        return [
            Refused("too many; take less", [Problem("/n", "too many", "take less", "over")])
            if one.n > 8
            else RowKept("created", (Problem("/n", "it is odd", "look again", "odd"),) if one.n == 4 else ())
            for one in some
        ]

    await keep_in_parts(
        rows("a,1", "b,x", "c,9", "d,4", "e,5"), report, read=lambda row: Counted(n=row.cells["n"]), keep=keep
    )

    answer = report.answer()
    assert parts == [[1], [9, 4], [5]]
    assert (answer.rows, answer.created, answer.refused) == (5, 3, 2)
    assert [(one.row, one.column, one.value) for one in answer.problems] == [(3, "n", "x"), (4, "n", "9")]
    assert [
        (one.row, one.column, one.value, one.problem, one.what_would_work, one.code) for one in answer.warnings
    ] == [(5, "n", "4", "it is odd", "look again", "odd")]
    assert [(one.problem, one.what_would_work, one.code) for one in answer.problems] == [
        ("must be a whole number", "write a whole number, in digits alone", "not_a_whole_number"),
        ("too many", "take less", "over"),
    ]


async def test_a_field_of_another_name_is_reported_where_it_stands():
    report = Report()

    async def keep(some):
        return [RowKept("created") for _ in some]

    await keep_in_parts(rows("a,x"), report, read=lambda row: Counted(n=row.cells["n"]), keep=keep, columns={"n": "id"})

    assert [(one.column, one.value) for one in report.answer().problems] == [("id", "a")]


def test_the_rows_of_one_thing_are_kept_together_or_not_at_all():
    found, report = by_key(rows("a,1", ",2", "a,3"), "id"), Report()
    report.refuse(4, "is wrong")

    assert {key: [row.number for row in some] for key, some in found.items()} == {"a": [2, 4], "": [3]}
    assert all_right(found[""], report, kind="list")
    assert not all_right(found["a"], report, kind="list")
    assert [(one.row, one.problem) for one in report.answer().problems] == [
        (2, "row 4 of the same list is refused"),
        (4, "is wrong"),
    ]
