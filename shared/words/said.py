"""A sentence that remembers what was filled into it, so that a page can say it in another language."""

from collections.abc import Mapping
from typing import Any, Self


class Said(str):
    """English text like any other; `pattern` is what a catalogue knows it by, `values` what stands in its places."""

    __slots__ = ("pattern", "values")

    pattern: str
    values: Mapping[str, Any]

    def __new__(cls, pattern: str, values: Mapping[str, Any]) -> Self:
        told = super().__new__(cls, pattern % values)
        told.pattern, told.values = pattern, values
        return told


def said(pattern: str, /, **values: Any) -> Said:
    """What code has to say to people: `said("goal %(key)s is not counted yet", key=key)`. A percent sign is `%%`."""
    return Said(pattern, values)


def marked(pattern: str, /) -> str:
    """A pattern that a catalogue has, to be filled in where it is shown."""
    return pattern
