"""The kinds of text that bodies are made of, bounded, and without what MongoDB cannot keep."""

import re
from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

ID_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"
SCHOOL_YEAR_PATTERN = r"^[0-9]{4}-[0-9]{2}$"
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _readable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("control characters, such as a line break or NUL, cannot be kept here")
    return text


def _without_nul(text: str) -> str:
    if "\x00" in text:
        raise ValueError("the character NUL cannot be kept")
    return text


def _written_as_day(value: Any) -> Any:
    if isinstance(value, date):
        return value
    if not isinstance(value, str) or not DAY.fullmatch(value):
        raise ValueError("write a day as text, YYYY-MM-DD, such as 2025-05-22")
    if not "1900" <= value[:4] <= "2199":
        raise ValueError("the year lies outside 1900 to 2199")
    return value


Id = Annotated[str, StringConstraints(pattern=ID_PATTERN)]
Day = Annotated[date, BeforeValidator(_written_as_day), Field(json_schema_extra={"format": "date"})]
StudentName = Annotated[
    str,
    StringConstraints(min_length=1, max_length=320, pattern=r"^[!-~]+$"),
    Field(description="a person id, `stateStudentId:...` or `<source>:<sourcedId>`"),
]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True), AfterValidator(_readable)]
Text = Annotated[str, StringConstraints(max_length=4000), AfterValidator(_without_nul)]
Reason = Annotated[
    str, StringConstraints(min_length=1, max_length=500, strip_whitespace=True), AfterValidator(_without_nul)
]
# The largest whole number that MongoDB and every JSON reader keep exactly.
WHOLE_MAX = 2**53 - 1
Whole = Annotated[int, Field(ge=-WHOLE_MAX, le=WHOLE_MAX)]


class Body(BaseModel):
    """A request body: a field that does not exist is refused, not dropped in silence."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
