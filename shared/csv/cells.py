"""A cell that a spreadsheet has written is read as what it certainly means; any other stays as it stands. Pure."""

import re

from shared.school_year import consecutive

WHOLE = re.compile(r"(-?[0-9]{1,9})(?:\.0+)?")
# Three digits behind a comma may be thousands.
WITH_COMMA = re.compile(r"([0-9]+),([0-9]{1,2})")


def whole(cell: str) -> int | str:
    """A whole number: `80.0` is 80. What is negative is one too, and refused for that."""
    found = WHOLE.fullmatch(cell)
    return int(found[1]) if found else cell


def decimal(cell: str) -> str:
    """A number as text, with a point: `72,5` is 72.5."""
    found = WITH_COMMA.fullmatch(cell)
    return f"{found[1]}.{found[2]}" if found else cell


def school_year(cell: str) -> str:
    """A school year as it is written here: `2026-2027` is 2026-27, of years that follow each other."""
    return consecutive(cell) or cell
