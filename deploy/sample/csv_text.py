"""CSV text as the imports read it."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence


def as_csv(rows: Iterable[Mapping[str, str]], columns: Sequence[str]) -> str:
    """RFC 4180 text with a header row; a column that a row does not have is left empty."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
