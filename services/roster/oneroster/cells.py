"""One cell at a time: is this a date, a truth value, one of the words the standard allows?"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime

from services.roster.oneroster.layout import Column

CONTROL = re.compile(r"[\x00-\x1f\x7f\ufffd]")
ID = re.compile(r"[!-~]{1,255}")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
YEAR = re.compile(r"(19|20|21)\d{2}")
TYPED = re.compile(r"\{[^:{}]+:[^{}]+\}")
EXTENSION = re.compile(r"ext:[A-Za-z0-9._-]+")

Trouble = tuple[str, str]  # what is wrong, what would work


def trouble_with(column: Column, value: str) -> Trouble | None:
    """What is wrong with a cell, and what would work; an empty one is wrong only where the standard asks for it."""
    if not value.strip():
        return (f"{column.name} is empty", "every row needs one") if column.required else None
    if not column.many:
        return CHECKS[column.kind](column, value)
    found = (CHECKS[column.kind](column, one) for one in split(value))
    return next((trouble for trouble in found if trouble), None)


def split(value: str) -> list[str]:
    """The items of a list, which OneRoster writes with commas inside one field."""
    return [item for item in (part.strip() for part in value.split(",")) if item]


def _text(_: Column, value: str) -> Trouble | None:
    return ("there is a control character in it", "remove it") if CONTROL.search(value) else None


def _id(_: Column, value: str) -> Trouble | None:
    if ID.fullmatch(value):
        return None
    if value != value.strip() and ID.fullmatch(value.strip()):
        return "there is a space before or after the id", f"write {value.strip()}"
    return "this can be no sourcedId", "1 to 255 letters, digits and signs of ASCII, without a space"


def _date(_: Column, value: str) -> Trouble | None:
    if DAY.fullmatch(value) and "1900" <= value[:4] < "2200":
        try:
            date.fromisoformat(value)
        except ValueError:
            return "there is no such day", "a day of the calendar"
        return None
    return "this is no date", "YYYY-MM-DD, such as 2025-05-22"


def _moment(_: Column, value: str) -> Trouble | None:
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return "this is no date and time", "such as 2025-05-22T14:30:00.000Z; empty in a bulk file"
    return None


def _boolean(_: Column, value: str) -> Trouble | None:
    return None if value in ("true", "false") else ("this is neither true nor false", "true or false, in small letters")


def _choice(column: Column, value: str) -> Trouble | None:
    if value in column.choices or (column.open and EXTENSION.fullmatch(value)):
        return None
    alike = next((choice for choice in column.choices if choice.lower() == value.strip().lower()), None)
    advice = f"write {alike}" if alike else f"one of {', '.join(column.choices)}"
    return f"{column.name} cannot be this", advice


def _year(_: Column, value: str) -> Trouble | None:
    return None if YEAR.fullmatch(value) else ("this is no school year", "the year in which it ends, such as 2025")


def _typed(_: Column, value: str) -> Trouble | None:
    return None if TYPED.fullmatch(value) else ("this is no id with its type", "such as {stateStudentId:900001}")


CHECKS: Mapping[str, Callable[[Column, str], Trouble | None]] = {
    "text": _text,
    "id": _id,
    "date": _date,
    "moment": _moment,
    "boolean": _boolean,
    "choice": _choice,
    "year": _year,
    "typed": _typed,
}
