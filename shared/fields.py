"""The kinds of text that bodies are made of, bounded, and without what MongoDB cannot keep."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

ID_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"
SCHOOL_YEAR_PATTERN = r"^[0-9]{4}-[0-9]{2}$"


def _readable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("control characters, such as a line break or NUL, cannot be kept here")
    return text


def _without_nul(text: str) -> str:
    if "\x00" in text:
        raise ValueError("the character NUL cannot be kept")
    return text


Id = Annotated[str, StringConstraints(pattern=ID_PATTERN)]
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
