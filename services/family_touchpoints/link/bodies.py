"""What staff send to have links made, and what they are answered; frozen, with an example of each."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import BaseModel, Field, model_validator

from services.family_touchpoints.link.commands import STUDENTS_MAX, Made
from services.family_touchpoints.link.record import link_key
from services.family_touchpoints.link.rules import LinkPurpose
from shared.contracts.family_touchpoints import Method
from shared.pages.languages import FAMILY_LINKS
from shared.words.fields import Body, Id, StudentName, example

# What says which one is meant, by the purpose.
NEEDS: Mapping[LinkPurpose, tuple[str, ...]] = {
    "survey": ("survey_id", "survey_version"),
    "contact": (),
    "workshop": ("workshop_id",),
}


class LinkBody(Body):
    """A link for one guardian, for one purpose; the former for the same ends."""

    model_config = example(purpose="contact", guardian_id="g3f", student_id="stateStudentId:900001")

    purpose: LinkPurpose
    guardian_id: Id
    student_id: StudentName
    survey_id: Id | None = Field(default=None, description="of purpose survey, with survey_version")
    survey_version: Annotated[int, Field(ge=1, le=999)] | None = None
    workshop_id: Id | None = Field(default=None, description="of purpose workshop")

    @model_validator(mode="after")
    def about_what_it_says(self) -> Self:
        needed = NEEDS[self.purpose]
        for name in ("survey_id", "survey_version", "workshop_id"):
            if name in needed and getattr(self, name) is None:
                raise ValueError(f"a link to {self.purpose} needs {' and '.join(needed)}")
            if name not in needed and getattr(self, name) is not None:
                raise ValueError(f"{name} goes with another purpose than {self.purpose}")
        return self


class SurveyLinksBody(Body):
    """Whose guardians are asked: of everybody in a program today, or of these students."""

    model_config = example(program_id="welding")

    program_id: Id | None = None
    students: Annotated[tuple[StudentName, ...], Field(max_length=STUDENTS_MAX)] = ()

    @model_validator(mode="after")
    def one_of_both(self) -> Self:
        if (self.program_id is None) == (not self.students):
            raise ValueError("name program_id or students, one of the two")
        return self


class LinkMade(BaseModel):
    """A link, to be handed over by one of these ways; it is told this once."""

    id: str
    purpose: LinkPurpose
    guardian_id: str
    student_id: str
    path: str = Field(description="behind Aurora's own address")
    until: datetime
    language: str | None = Field(description="that the guardian prefers, if somebody has said")
    may: list[Method] = Field(description="by which ways it may be handed over")


class LinksMade(BaseModel):
    """The links that were made, one a guardian, and how many guardians are left out."""

    links: list[LinkMade]
    made: int = Field(description="in a dry run, would be")
    left_out: int = Field(description="guardians who are not to be contacted about this")
    dry_run: bool


def made_answer(one: Made) -> dict[str, Any]:
    """A link as whoever made it hands it over."""
    link = one.link
    return {
        "id": link_key(link.purpose, link.about, link.guardian_id),
        "purpose": link.purpose,
        "guardian_id": link.guardian_id,
        "student_id": link.student_id,
        "path": f"{FAMILY_LINKS}{one.token}",
        "until": link.until.isoformat(),
        "language": one.to.language,
        "may": list(one.to.may),
    }
