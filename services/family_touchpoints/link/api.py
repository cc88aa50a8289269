"""HTTP of links: staff have them made, one or for a whole program, and ended; a family's own program answers by one."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request

from services.family_touchpoints.link import commands
from services.family_touchpoints.link.bodies import (
    LinkBody,
    LinkMade,
    LinksMade,
    SurveyLinksBody,
    made_answer,
)
from services.family_touchpoints.link.coming import invited_to
from services.family_touchpoints.link.taking import AnswerBody, entered, said_of, take
from services.family_touchpoints.survey.api import SurveyId, SurveyVersion
from shared.doors.auth import CurrentCaller, Doors
from shared.errors import Problem, refused
from shared.producer.desk import TheDesk
from shared.producer.routes import Asks, DryRun, VoidAction
from shared.records.changes import entry_of
from shared.web.views import Json

# Whatever it looks like: a link that is none answers as one that is too old.
Token = Annotated[str, Path(max_length=2_000, description="what stands at the end of a link")]

router = APIRouter(prefix="/v1", tags=["links"])


@router.post("/links", response_model=LinkMade, status_code=201)
async def make_link(body: LinkBody, caller: CurrentCaller, desk: TheDesk) -> Any:
    """A link for one guardian; it is told this once, and the same request again makes another in its place."""
    about = ""
    if body.survey_id is not None and body.survey_version is not None:
        about = await commands.answerable(desk, body.survey_id, body.survey_version)
    if body.workshop_id is not None:
        about = await invited_to(desk, body.workshop_id, caller)
    made = await commands.make(
        desk,
        body.purpose,
        about,
        guardian_id=body.guardian_id,
        student=body.student_id,
        caller=caller,
        entry=entry_of(caller, "make", key="", digest=""),
    )
    return Json(made_answer(made), status_code=201)


@router.post("/surveys/{id}/{version}/links", response_model=LinksMade, status_code=201)
async def make_survey_links(
    id: SurveyId,
    version: SurveyVersion,
    body: SurveyLinksBody,
    caller: CurrentCaller,
    desk: TheDesk,
    dry_run: DryRun = False,
) -> Any:
    """A link for each guardian who may be contacted about surveys; whoever had one before has the new one alone."""
    about = await commands.answerable(desk, id, version)
    students = body.students or tuple(await commands.of_program(desk, body.program_id or "", caller.reach))
    if len(students) > commands.STUDENTS_MAX:
        said = f"{len(students)} students are in the program"
        works = f"name up to {commands.STUDENTS_MAX} of them in students"
        raise refused(Problem("/program_id", said, works, "too_many"))
    entry = entry_of(caller, "make", key="", digest="")
    made, count, left_out = await commands.make_all(
        desk, "survey", about, students, caller=caller, entry=entry, dry_run=dry_run
    )
    answered = {"links": [made_answer(one) for one in made], "made": count, "left_out": left_out, "dry_run": dry_run}
    return Json(answered, status_code=201)


@router.post("/links/{id}/void", status_code=204)
async def end_link(asked: Asks, body: VoidAction) -> None:
    """End a link, such as one that went to the wrong family."""
    await commands.end(asked.desk, asked.id, **asked.by("void", body))


@router.post("/answer/{token}", response_model=AnswerBody)
async def answer_by_link(request: Request, token: Token, body: AnswerBody, desk: TheDesk) -> Any:
    """Say by a link what its page asks; open to whoever has the link. What is answered otherwise later stands."""
    doors: Doors = request.app.state.doors
    found = await entered(desk, doors.rates, token, route="answer_by_link")
    await take(desk, found, body)
    return Json(said_of(body))
