"""What callers send and are answered about programs' lists of credentials."""

from collections.abc import Iterable
from datetime import date
from typing import Annotated

from pydantic import BaseModel, Field

from services.credentials.program_list.rules import Approval, Step
from shared.contracts.credentials import CatalogueStatus
from shared.producer.answers import RecordView
from shared.words.fields import Body, Day, Name, example

STEPS_MAX = 200


class StepBody(Body):
    """From `on` the list stands so; who approved it stays in this service."""

    status: CatalogueStatus
    on: Day
    body: Name | None = Field(default=None, description="who approved it; needed with approved")


class CatalogueBody(Body):
    """All that has become of a program's list of credentials, by day."""

    model_config = example(
        steps=[
            {"status": "proposed", "on": "2024-01-15"},
            {"status": "approved", "on": "2024-03-11", "body": "Governing Board"},
        ]
    )

    steps: Annotated[tuple[StepBody, ...], Field(min_length=1, max_length=STEPS_MAX)]


class ProgramCatalogueRecord(RecordView):
    """A program's list as it is kept, and how it stands."""

    program_id: str
    steps: list[StepBody]
    on: date = Field(description="the day that status and approved are of: asked for, else today")
    status: CatalogueStatus | None = Field(description="null: nothing had been proposed by then")
    approved: bool = Field(description="approved, also while it is revised")


class ProgramCataloguePage(BaseModel):
    """Some programs' lists; `next` is the cursor of the page behind."""

    items: list[ProgramCatalogueRecord]
    next: str | None


def approval_from(program_id: str, steps: Iterable[StepBody]) -> Approval:
    """The list that is asked for."""
    return Approval(program_id=program_id, steps=tuple(Step(**dict(step)) for step in steps))
