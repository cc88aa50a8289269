"""The zeros that a spreadsheet takes from the front of a number: how it may have been written before."""

from collections.abc import Iterator

ZEROS_AT_MOST = 4


def with_zeros(number: str) -> Iterator[str]:
    """The number with one zero to four in front; nothing for what is no number."""
    if number.isascii() and number.isdigit():
        yield from (f"{'0' * zeros}{number}" for zeros in range(1, ZEROS_AT_MOST + 1))
