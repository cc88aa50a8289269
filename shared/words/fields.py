"""The kinds of text that bodies are made of, bounded, and without what MongoDB cannot keep."""

import re
from collections.abc import Callable
from datetime import date
from functools import cache
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationInfo, field_validator

from shared.words.as_written import judge_of
from shared.words.forms import form
from shared.words.misfits import misfit

ID_PATTERN = form(
    r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$", "1 to 64 letters of a to z, digits, - and _, beginning with a letter or digit"
)
IDS_PATTERN = form(r"^[A-Za-z0-9_,-]*$", "ids with commas between them")
SCHOOL_YEAR_PATTERN = form(r"^[0-9]{4}-[0-9]{2}$", "a school year as 2024-25")
NAMED_PATTERN = form(
    r"^[!-~]+$", "a person id, stateStudentId:… or <source>:<sourcedId>, in letters of a to z, digits and signs"
)
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


# One line with something on it: no control characters, which MongoDB or a CSV could not keep.
LINE_PATTERN = form(r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$", "some words, on one line")
TEXT_PATTERN = form(r"^[^\x00]*$", "text without the character NUL")


def _written_as_day(value: Any) -> Any:
    if isinstance(value, date):
        return value
    if not isinstance(value, str) or not DAY.fullmatch(value):
        raise misfit("write a day as text, YYYY-MM-DD, such as 2025-05-22")
    if not "1900" <= value[:4] <= "2199":
        raise misfit("write a year from 1900 to 2199", detail="the year lies outside 1900 to 2199", code="out_of_range")
    return value


Id = Annotated[str, StringConstraints(pattern=ID_PATTERN)]
Day = Annotated[date, BeforeValidator(_written_as_day), Field(json_schema_extra={"format": "date"})]
StudentName = Annotated[
    str,
    StringConstraints(min_length=1, max_length=320, pattern=NAMED_PATTERN),
    Field(description="a person id, `stateStudentId:...` or `<source>:<sourcedId>`"),
]
Name = Annotated[str, StringConstraints(pattern=LINE_PATTERN, max_length=200, strip_whitespace=True)]
Reason = Annotated[str, StringConstraints(pattern=LINE_PATTERN, max_length=500, strip_whitespace=True)]
Text = Annotated[str, StringConstraints(pattern=TEXT_PATTERN, max_length=4000)]
# The largest whole number that MongoDB and every JSON reader keep exactly.
WHOLE_MAX = 2**53 - 1
Whole = Annotated[int, Field(ge=-WHOLE_MAX, le=WHOLE_MAX)]


def example(**fields: Any) -> ConfigDict:
    """A body's settings with one example of it: what API pages show, and tests send."""
    return ConfigDict(json_schema_extra={"examples": [fields]})


def or_left_out(schema: dict[str, Any]) -> None:
    """Hide what stands for a field that was not sent: it is nobody's business but ours."""
    schema.pop("default", None)


class Body(BaseModel):
    """A request body: a field that does not exist is refused, and so is a value of another kind."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    @field_validator("*", mode="before")
    @classmethod
    def as_written(cls, value: Any, field: ValidationInfo) -> Any:
        words = _judge(cls, field.field_name or "")(value)
        if words:
            raise misfit(f"write {words.removeprefix('must be ')}", detail=words)
        return value


@cache
def _judge(model: type[BaseModel], name: str) -> Callable[[Any], str]:
    field = model.model_fields[name]
    asked: Any = Annotated[(field.annotation, *field.metadata)] if field.metadata else field.annotation
    return judge_of(asked)
