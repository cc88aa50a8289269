"""What our own validators find wrong with a value, told to pydantic with what would work apart from it."""

from pydantic_core import PydanticCustomError

KIND = "aurora"
UNREADABLE = "is not written in a form that can be read"


def misfit(works: str, *, detail: str = UNREADABLE, code: str = "not_of_form") -> PydanticCustomError:
    """The error that a validator raises; `shared.words.wording` tells it as it was given."""
    return PydanticCustomError(KIND, "{detail}; {works}", {"detail": detail, "works": works, "code": code})
