"""The page behind a link, where a family answers without an account; to open it changes nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any
from urllib.parse import parse_qs

from fastapi import APIRouter, Query, Request
from pydantic import ValidationError
from starlette.responses import Response

from services.family_touchpoints.link.api import Token
from services.family_touchpoints.link.commands import Opened
from services.family_touchpoints.link.taking import AnswerBody, entered, take
from services.family_touchpoints.pages.family_forms import OF_PAGE, PAGE_LANGUAGE, Form, form_of
from shared.contracts.roster import Organisation
from shared.doors.auth import Doors
from shared.doors.carried import asked_by_ours
from shared.errors import Forbidden, Malformed, NotFound, TooLarge
from shared.pages.languages import texts_for
from shared.pages.page import shown
from shared.pages.refusals import Page
from shared.pages.texts import languages
from shared.producer.desk import Desk, TheDesk
from shared.roster_copy.students import best_on
from shared.words.said import Said, said

FORM = "application/x-www-form-urlencoded"
FORM_MAX_BYTES = 512 << 10  # sixty answers of two thousand letters, most of which are written as themselves
FIELDS_MAX = 100
Language = Annotated[str, Query(max_length=35)]

router = APIRouter(route_class=Page, include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Asking:
    """What the page asks, in which of its languages, in whose name, and until when."""

    found: Opened
    form: Form
    language: str
    school: str
    until: date


@router.get("/answer/{token}")
async def answer_page(request: Request, token: Token, desk: TheDesk, language: Language = "") -> Response:
    """What the link asks; mail programs follow links by themselves, and change nothing."""
    try:
        found = await _entered(request, desk, token, route="answer_page")
        asking = await _asking(request, desk, found, language)
    except NotFound:
        return _gone(request, language)
    return _page(request, asking, asking.form.template, told=None, **asking.form.shows)


@router.post("/answer/{token}")
async def send_answer(request: Request, token: Token, desk: TheDesk) -> Response:
    """Take what the form says, and show it back."""
    if not asked_by_ours(request):
        raise Forbidden(said("An answer is sent by the form of this very page. Open the link again and send it there."))
    try:
        found = await _entered(request, desk, token, route="send_answer")
        fields = await _fields(request)
        asking = await _asking(request, desk, found, fields.get("language", ""))
    except NotFound:
        return _gone(request, "")
    body = _body(asking, fields)
    noted = asking.form.noted(body, OF_PAGE[asking.language])
    if not noted:
        told: Said = said("Nothing is answered yet. Answer one question at least.")
        return _page(request, asking, asking.form.template, 422, told=told, **asking.form.shows)
    await take(desk, found, body)
    return _page(request, asking, "family_thanks.html", noted=noted)


async def _entered(request: Request, desk: Desk, token: str, *, route: str) -> Opened:
    """What a token opens. Raise NotFound or TooOften."""
    doors: Doors = request.app.state.doors
    return await entered(desk, doors.rates, token, route=route)


async def _asking(request: Request, desk: Desk, found: Opened, language: str) -> Asking:
    """What a link asks, in the language that is wanted, else the family's, else the browser's. Raise NotFound."""
    form = await form_of(desk, found)
    wanted = (language, PAGE_LANGUAGE.get(found.to.language or "", ""), texts_for(request).language)
    chosen = next((one for one in wanted if one in form.tags), form.tags[0])
    # The whole of its last day it may hold no more.
    until = (await desk.roster.calendar()).day(found.link.until) - timedelta(days=1)
    return Asking(found, form, chosen, await _school(desk, found.link.student_id), until)


async def _school(desk: Desk, student_id: str) -> str:
    """What the place is called where the student is taught; of the student the page says nothing."""
    student = (await desk.roster.told([student_id], ())).students.get(student_id)
    taught = best_on(student.enrolments, await desk.today()) if student else []
    if not taught:
        return ""
    subject = f"organisation/{taught[0].organisation_id}"
    found = (await desk.roster.facts([subject], Organisation)).get(subject, [])
    return found[0].name if found else ""


async def _fields(request: Request) -> dict[str, str]:
    """The fields of the form, each once. Raise Malformed or TooLarge."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise Malformed("an answer is sent as a form")
    declared = request.headers.get("content-length", "")
    if not declared.isdecimal() or int(declared[:20]) > FORM_MAX_BYTES:
        raise TooLarge(f"an answer has at most {FORM_MAX_BYTES} bytes")
    try:
        sent = parse_qs((await request.body()).decode("ascii", "replace"), max_num_fields=FIELDS_MAX)
    except ValueError as error:
        raise Malformed("an answer has a field for each question, and no more") from error
    return {name: values[0].strip() for name, values in sent.items()}


def _body(asking: Asking, fields: Mapping[str, str]) -> AnswerBody:
    """What the form says, as programs would say it; a question that is left open is not answered."""
    try:
        return AnswerBody.model_validate({"language": OF_PAGE[asking.language], **asking.form.read(fields)})
    except ValidationError as error:
        raise Malformed("an answer is not of the form that its question has") from error


def _page(request: Request, asking: Asking, template: str, status: int = 200, **more: Any) -> Response:
    known = languages()
    answer = shown(
        request,
        template,
        status,
        language=asking.language,
        readable=[known[one] for one in asking.form.tags if one != asking.language],
        spoken=OF_PAGE[asking.language],
        school=asking.school,
        until=asking.until,
        **more,
    )
    return _private(answer)


def _gone(request: Request, language: str) -> Response:
    """The one answer to every link that opens nothing."""
    chosen = language if language in languages() else texts_for(request).language
    others = [one for one in languages().values() if one.language != chosen]
    return _private(shown(request, "family_gone.html", 404, language=chosen, readable=others))


def _private(answer: Response) -> Response:
    """Without a referrer a browser would not say from where the form is sent; it is told to this very address alone."""
    answer.headers["Referrer-Policy"] = "same-origin"
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    return answer
