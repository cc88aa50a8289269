"""What was sent must be of the kind that was asked for: no `"yes"` for true, no number for a date.

Pydantic would turn 20250630 into a day of August 1970 without a word.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, Literal, get_args, get_origin

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}")
WORDS = {
    "text": "text",
    "number": "a number",
    "boolean": "true or false",
    "day": "a day, written as 2025-06-30",
    "moment": "a moment, written as 2025-06-30T14:05:00Z",
    "list": "a list",
}


def misfit(value: Any, annotation: Any) -> str:
    """Why a JSON value is not what the annotation asks for, in words; empty when it may be.

    Only kinds are looked at: whether a text is a known code is the business of the model.
    """
    return judge_of(annotation)(value)


@cache
def judge_of(annotation: Any) -> Callable[[Any], str]:
    """`misfit` of one annotation, all worked out before the first value: an import asks a million times."""
    kinds = kinds_of(annotation)
    if not kinds:
        return lambda _: ""
    parts = tuple(judge_of(part) for part in _parts(annotation)) if "list" in kinds else ()
    words = "must be " + " or ".join(WORDS[kind] for kind in sorted(kinds))
    text = "text" in kinds

    def judge(value: Any) -> str:
        if value is None or (text and type(value) is str):
            return ""
        if parts and isinstance(value, list | tuple):
            found = (part(one) for part in parts for one in value)
            return next((wrong for wrong in found if wrong), "")
        return "" if _fits(value, kinds) else words

    return judge


def _fits(value: Any, kinds: frozenset[str]) -> bool:
    if isinstance(value, bool):
        return "boolean" in kinds
    if isinstance(value, int | float):
        return "number" in kinds
    if isinstance(value, str):
        return (
            "text" in kinds
            or ("day" in kinds and DAY.fullmatch(value) is not None)
            or ("moment" in kinds and MOMENT.match(value) is not None)
        )
    return isinstance(value, date)


@cache
def kinds_of(annotation: Any) -> frozenset[str]:
    """The kinds of JSON value that an annotation takes; none for what is not looked at."""
    found = set(_kinds(annotation))
    return frozenset() if "any" in found else frozenset(found)


def _kinds(annotation: Any) -> Iterator[str]:
    origin = get_origin(annotation)
    if origin is Literal:
        yield from (_kind(type(one)) for one in get_args(annotation))
    elif origin in (list, tuple, set, frozenset):
        yield "list"
    elif origin is not None and origin is not dict:
        yield from (kind for one in _members(annotation) for kind in _kinds(one))
    elif annotation is not type(None):
        yield _kind(annotation)


def _kind(annotation: Any) -> str:
    if not isinstance(annotation, type):
        return "any"
    if annotation is bool:
        return "boolean"
    if issubclass(annotation, datetime):
        return "moment"
    if issubclass(annotation, date):
        return "day"
    if issubclass(annotation, str | Enum):
        return "text"
    return "number" if issubclass(annotation, int | float | Decimal) else "any"


def _members(annotation: Any) -> tuple[Any, ...]:
    arguments = get_args(annotation)
    return arguments[:1] if hasattr(annotation, "__metadata__") else arguments


@cache
def _parts(annotation: Any) -> tuple[Any, ...]:
    """What a list's members are, wherever in the annotation the list stands."""
    if get_origin(annotation) in (list, tuple, set, frozenset):
        return tuple(one for one in get_args(annotation) if one is not ...)
    return tuple(part for one in _members(annotation) for part in _parts(one))
