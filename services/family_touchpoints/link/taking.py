"""What a family says by a link is taken: answers to a survey go into the guardian's one response."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, StrictBool, StrictInt

from services.family_touchpoints.contact.disclosures import disclosed
from services.family_touchpoints.link.commands import Opened, gone, opened
from services.family_touchpoints.link.record import digest_of
from services.family_touchpoints.link.rules import LinkPurpose
from services.family_touchpoints.survey.bodies import QUESTIONS_MAX, LanguageCode, Words
from services.family_touchpoints.survey.commands import respond
from services.family_touchpoints.survey.record import SURVEY, version_of
from services.family_touchpoints.survey.rules import Response, Version
from shared.doors.request_limits import Rates
from shared.errors import Problem, refused
from shared.producer.desk import Desk
from shared.records.record import Entry
from shared.words.fields import Body, Id, example

# In the place of the name of somebody of the staff.
FAMILY = "family"


class AnswerBody(Body):
    """What a family says by a link; what goes with another purpose than the link's is refused."""

    model_config = example(language="spa", answers={"child-help": True})

    language: LanguageCode | None = Field(default=None, description="in which it was read")
    answers: Annotated[dict[Id, StrictBool | StrictInt | Words], Field(max_length=QUESTIONS_MAX)] | None = Field(
        default=None, description="of purpose survey: by the code of the question"
    )


TAKES: Mapping[LinkPurpose, frozenset[str]] = {"survey": frozenset({"language", "answers"})}


async def entered(desk: Desk, rates: Rates, token: str, *, route: str) -> Opened:
    """What a token opens, counted and noted before it is shown. Raise NotFound or TooOften."""
    found = await opened(desk, token)
    await rates.admit(f"link {digest_of(token)}", feed=False)
    about = {found.link.guardian_id, found.link.student_id}
    await disclosed(desk, FAMILY, what=f"link to {found.link.purpose}", about=about, route=route)
    return found


async def version_asked(desk: Desk, found: Opened) -> Version:
    """The version that a link asks. Raise NotFound."""
    record = await desk.records.get(SURVEY, found.link.about)
    if record is None or not version_of(record.state).readable:
        raise gone()
    return version_of(record.state)


async def take(desk: Desk, found: Opened, body: AnswerBody) -> None:
    """Take what a family says; the same again changes nothing. Raise Refused."""
    purpose = found.link.purpose
    if other := sorted(body.model_fields_set - TAKES[purpose]):
        said = f"{other[0]} does not go with a link to {purpose}"
        works = f"this link takes {', '.join(sorted(TAKES[purpose]))}"
        raise refused(Problem(f"/{other[0]}", said, works, "other_purpose"))
    await _answers(desk, found, body)


async def _answers(desk: Desk, found: Opened, body: AnswerBody) -> None:
    version = await version_asked(desk, found)
    wanted = Response(
        survey_id=version.survey_id,
        survey_version=version.survey_version,
        guardian_id=found.link.guardian_id,
        student_id=found.link.student_id,
        answered_on=await desk.today(),
        language=body.language or version.readable[0],
        answers=dict(body.answers or {}),
    )
    await respond(desk, wanted, entry=Entry(by=FAMILY, action="answer"), reaches=lambda _: True)


def said_of(body: AnswerBody) -> dict[str, Any]:
    """What was taken, as it is shown back."""
    return body.model_dump(mode="json", exclude_unset=True)
