"""A cell is read for what it says, however it is written, or for what is wrong with it. Pure."""

import re
from collections.abc import Callable, Mapping
from datetime import date

from services.roster.oneroster.read import languages
from services.roster.oneroster.read.dates import Order
from services.roster.oneroster.read.layout import Column

CONTROL = re.compile(r"[\x00-\x1f\x7f\ufffd]")
ID = re.compile(r"[!-~]{1,255}")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
YEAR = re.compile(r"(19|20|21)\d{2}")
SPAN = re.compile(r"((?:19|20|21)\d{2})[-/](\d{2}|\d{4})")
TYPED = re.compile(r"\{[^:{}]+:[^{}]+\}")
EXTENSION = re.compile(r"ext:[A-Za-z0-9._-]+")
TRUE, FALSE = ("true", "1", "yes", "y"), ("false", "0", "no", "n")

Trouble = tuple[str, str, str]  # what is wrong, what would work, and its code
Told = str | Trouble  # what the cell says, or why it says nothing


def told_by(column: Column, value: str, order: Order) -> tuple[str, Trouble | None]:
    """What a cell says, and what is wrong with it; of a list, its items that can be read.

    An empty cell is wrong only where the row should not be without it.
    """
    if not value.strip():
        return "", (f"{column.name} is empty", "every row needs one", "missing") if column.required else None
    reader = READERS[column.kind]
    if not column.many:
        told = reader(column, value, order)
        return (told, None) if isinstance(told, str) else ("", told)
    items = [reader(column, item, order) for item in split(value)]
    troubles = [item for item in items if not isinstance(item, str)]
    return (",".join(item for item in items if isinstance(item, str)), troubles[0]) if troubles else (value, None)


def split(value: str) -> list[str]:
    """The items of a list, which OneRoster writes with commas inside one field."""
    return [item for item in (part.strip() for part in value.split(",")) if item]


def _text(_: Column, value: str, __: Order) -> Told:
    return ("there is a control character in it", "remove it", "control_character") if CONTROL.search(value) else value


def _id(_: Column, value: str, __: Order) -> Told:
    if ID.fullmatch(value):
        return value
    if value != value.strip() and ID.fullmatch(value.strip()):
        return "there is a space before or after the id", f"write {value.strip()}", "space_around"
    return "this can be no sourcedId", "1 to 255 letters, digits and signs of ASCII, without a space", "not_of_form"


def _date(_: Column, value: str, order: Order) -> Told:
    written = value.strip()
    day = written if DAY.fullmatch(written) else order.day_of(written)
    if day is None or not "1900" <= day[:4] < "2200":
        return "this is no date", "YYYY-MM-DD, such as 2025-05-22", "not_of_form"
    try:
        date.fromisoformat(day)
    except ValueError:
        return "there is no such day", "a day of the calendar", "not_a_day"
    return day


def _boolean(_: Column, value: str, __: Order) -> Told:
    word = value.strip().lower()
    if word in TRUE or word in FALSE:
        return "true" if word in TRUE else "false"
    return "this is neither true nor false", "true or false, in small letters", "not_known"


def _choice(column: Column, value: str, _: Order) -> Told:
    if value in column.choices or (column.open and EXTENSION.fullmatch(value)):
        return value
    meant = {**{choice.lower(): choice for choice in column.choices}, **dict(column.short)}
    alike = meant.get(value.strip().lower())
    return alike or (f"{column.name} cannot be this", f"one of {', '.join(column.choices)}", "not_known")


def _year(_: Column, value: str, __: Order) -> Told:
    if YEAR.fullmatch(value):
        return value
    span = SPAN.fullmatch(value.strip())
    if span and str(int(span[1]) + 1).endswith(span[2]):
        return str(int(span[1]) + 1)
    return "this is no school year", "the year in which it ends, such as 2025", "not_of_form"


def _typed(_: Column, value: str, __: Order) -> Told:
    return (
        value
        if TYPED.fullmatch(value)
        else ("this is no id with its type", "such as {stateStudentId:900001}", "not_of_form")
    )


def _language(_: Column, value: str, __: Order) -> Told:
    sure = languages.language_of(value)
    return sure or ("nobody can be sure which language this is", languages.WORKS, "unknown_language")


READERS: Mapping[str, Callable[[Column, str, Order], Told]] = {
    "text": _text,
    "id": _id,
    "date": _date,
    "boolean": _boolean,
    "choice": _choice,
    "year": _year,
    "typed": _typed,
    "language": _language,
}
