"""What a family says by a link is taken: answers to a survey, how it wants to be spoken with, or that it comes."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, StrictBool, StrictInt

from services.family_touchpoints.contact.disclosures import disclosed
from services.family_touchpoints.contact.guardian.bodies import LanguageCode
from services.family_touchpoints.contact.rules import Channel
from services.family_touchpoints.link.coming import registers, workshop_to_come
from services.family_touchpoints.link.commands import Opened, gone, opened
from services.family_touchpoints.link.confirming import Confirmed, confirm, said_of_all
from services.family_touchpoints.link.record import digest_of
from services.family_touchpoints.link.rules import LinkPurpose
from services.family_touchpoints.survey.bodies import QUESTIONS_MAX, Words
from services.family_touchpoints.survey.commands import respond
from services.family_touchpoints.survey.record import SURVEY, version_of
from services.family_touchpoints.survey.rules import Questionnaire, Response
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
    preferred_language: LanguageCode | None = Field(default=None, description="of purpose contact")
    channels: dict[Channel, StrictBool] | None = Field(
        default=None, description="of purpose contact: whether the family may be reached so about school"
    )
    events: bool | None = Field(default=None, description="of purpose contact: whether it may be invited to events")
    surveys: bool | None = Field(default=None, description="of purpose contact: whether it may be sent surveys")
    comes: bool | None = Field(default=None, description="of purpose workshop")


TAKES: Mapping[LinkPurpose, tuple[str, ...]] = {
    "survey": ("answers",),
    "contact": ("preferred_language", "channels", "events", "surveys"),
    "workshop": ("comes",),
}


async def entered(desk: Desk, rates: Rates, token: str, *, route: str) -> Opened:
    """What a token opens, counted and noted before it is shown. Raise NotFound or TooOften."""
    found = await opened(desk, token)
    await rates.admit(f"link {digest_of(token)}", feed=False)
    about = {found.link.guardian_id, found.link.student_id}
    await disclosed(desk, FAMILY, what=f"link to {found.link.purpose}", about=about, route=route)
    return found


async def version_asked(desk: Desk, found: Opened) -> Questionnaire:
    """The version that a link asks. Raise NotFound."""
    record = await desk.records.get(SURVEY, found.link.about)
    if record is None or not version_of(record.state).readable:
        raise gone()
    return version_of(record.state)


async def take(desk: Desk, found: Opened, body: AnswerBody) -> None:
    """Take what a family says; the same again changes nothing. Raise NotFound or Refused."""
    purpose = found.link.purpose
    takes = TAKES[purpose]
    given = [name for name, one in dict(body).items() if one is not None and name != "language"]
    works = f"a link to {purpose} takes {', '.join(takes)}"
    if other := next((name for name in given if name not in takes), None):
        raise refused(Problem(f"/{other}", f"{other} goes with another purpose", works, "other_purpose"))
    if not given:
        raise refused(Problem("", "nothing is said", works, "nothing_answered"))
    entry = Entry(by=FAMILY, action="answer")
    if purpose == "survey":
        await _answers(desk, found, body, entry)
    elif purpose == "contact":
        await _confirms(desk, found, body, entry)
    else:
        day = (await workshop_to_come(desk, found.link.about)).held_on
        who, comes = found.link.guardian_id, bool(body.comes)
        await registers(desk, found.link.about, who, found.family, day=day, comes=comes, entry=entry)


async def _answers(desk: Desk, found: Opened, body: AnswerBody, entry: Entry) -> None:
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
    await respond(desk, wanted, entry=entry, reaches=lambda _: True)


async def _confirms(desk: Desk, found: Opened, body: AnswerBody, entry: Entry) -> None:
    said = [Confirmed(channel=one, about="school", yes=yes) for one, yes in (body.channels or {}).items()]
    family, who, today = found.family, found.link.guardian_id, await desk.today()
    if body.events is not None:
        said += said_of_all(family, who, "events", yes=body.events, day=today)
    if body.surveys is not None:
        said += said_of_all(family, who, "survey", yes=body.surveys, day=today)
    await confirm(desk, family, who, language=body.preferred_language, said=said, entry=entry)


def said_of(body: AnswerBody) -> dict[str, Any]:
    """What was taken, as it is shown back."""
    return body.model_dump(mode="json", exclude_none=True)
