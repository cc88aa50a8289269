"""A table is sent row by row as a spreadsheet opens it, and no cell of it is taken for a formula."""

import csv
import io
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import Any

from starlette.responses import StreamingResponse

from shared.words.forms import form

# The fullwidth ones too: a spreadsheet with an East Asian keyboard takes them for the others.
FORMULAS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20", "\t", "\r")
MEDIA_TYPE = "text/csv; charset=utf-8"
FORMAT_PATTERN = form("^(json|csv)$", "json or csv")
CSV_ANSWER: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}


def wants_csv(form: str | None, accept: str) -> bool:
    """Whether `?format=` says so, else the Accept header."""
    return form == "csv" or (form is None and "text/csv" in accept)


def attachment(name: str) -> dict[str, str]:
    """The header that makes a browser save the answer as a file of this name."""
    return {"Content-Disposition": f'attachment; filename="{name}"'}


def csv_answer(name: str, columns: Sequence[str], rows: AsyncIterator[Mapping[str, Any]]) -> StreamingResponse:
    """The rows as a file of that name, while they are read."""

    async def lines() -> AsyncIterator[str]:
        yield line(columns)
        async for row in rows:
            yield line(row[column] for column in columns)

    return StreamingResponse(lines(), media_type=MEDIA_TYPE, headers=attachment(name))


def line(cells: Iterable[Any]) -> str:
    """One line of CSV; what is None is an empty cell."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow("" if cell is None else harmless(str(cell)) for cell in cells)
    return text.getvalue()


def harmless(cell: str) -> str:
    """Turn a cell that a spreadsheet would take for a formula into text: what it quotes came from outside."""
    return f"'{cell}" if cell.startswith(FORMULAS) else cell
