"""A list that is read as a whole is answered in pages all the same, or as CSV: what stands behind the cursor."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any

from shared.csv.answers import csv_answer
from shared.producer.worklists import AskedList
from shared.web.paging import encode_cursor
from shared.web.views import Json

Row = Mapping[str, Any]


def listed(
    rows: Sequence[tuple[str, Row]],
    asked: AskedList,
    name: str,
    columns: Sequence[str],
    flat: Callable[[Row], Row] = dict,
) -> Any:
    """The rows, each behind its place in the order: a page of JSON, or all of them as CSV, each made flat for it."""
    if asked.csv:

        async def lines() -> AsyncIterator[Row]:
            for _, row in rows:
                yield flat(row)

        return csv_answer(f"{name}.csv", columns, lines())
    after, limit = asked.paging.after, asked.paging.limit
    behind = [(place, row) for place, row in rows if after is None or place > after]
    shown = behind[:limit]
    return Json(
        {
            "items": [row for _, row in shown],
            "next": encode_cursor(shown[-1][0]) if len(behind) > limit else None,
        }
    )
