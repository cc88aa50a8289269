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
from services.family_touchpoints.link.taking import AnswerBody, entered, take, version_asked
from services.family_touchpoints.survey.rules import SCALE, WORDS_MAX, Question, Version
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
FORM_MAX_BYTES = 512 << 10  # sixty answers of two thousand letters, of which each may be written as nine bytes
FIELDS_MAX = 100
# Of ISO 639-3, which is what families and surveys speak, the languages that pages are written in.
PAGE_LANGUAGE: Mapping[str, str] = {"eng": "en", "spa": "es"}
OF_PAGE = {page: spoken for spoken, page in PAGE_LANGUAGE.items()}
YES_NO = {"yes": True, "no": False}
Language = Annotated[str, Query(max_length=35)]

router = APIRouter(route_class=Page, include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Asking:
    """What the page asks, in which of its languages, in whose name."""

    found: Opened
    version: Version
    language: str
    school: str
    until: date

    @property
    def others(self) -> list[Any]:
        """The other languages in which it can be read."""
        known = languages()
        tags = [PAGE_LANGUAGE[one] for one in self.version.readable]
        return [known[tag] for tag in tags if tag != self.language]


@router.get("/answer/{token}")
async def answer_page(request: Request, token: Token, desk: TheDesk, language: Language = "") -> Response:
    """What the link asks; mail programs follow links by themselves, and change nothing."""
    try:
        found = await _entered(request, desk, token, route="answer_page")
        asking = await _asking(request, desk, found, language)
    except NotFound:
        return _gone(request, language)
    return _form(request, asking)


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
    if not body.answers:
        return _form(request, asking, 422, said("Nothing is answered yet. Answer one question at least."))
    await take(desk, asking.found, body)
    return _page(request, asking, "family_thanks.html", given=body.answers)


async def _entered(request: Request, desk: Desk, token: str, *, route: str) -> Opened:
    """What a token opens. Raise NotFound or TooOften."""
    doors: Doors = request.app.state.doors
    return await entered(desk, doors.rates, token, route=route)


async def _asking(request: Request, desk: Desk, found: Opened, language: str) -> Asking:
    """What a link asks, in the language that is wanted, else the family's, else the browser's. Raise NotFound."""
    version = await version_asked(desk, found)
    readable = [PAGE_LANGUAGE[one] for one in version.readable]
    wanted = (language, PAGE_LANGUAGE.get(found.to.language or "", ""), texts_for(request).language)
    chosen = next((one for one in wanted if one in readable), readable[0])
    # The whole of its last day it may hold no more.
    until = (await desk.roster.calendar()).day(found.link.until) - timedelta(days=1)
    return Asking(found, version, chosen, await _school(desk, found.link.student_id), until)


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
    said_in = {one.code: fields.get(f"answer.{one.code}", "") for one in asking.version.questions}
    kinds = {one.code: one.kind for one in asking.version.questions}
    answers = {code: _meant(kinds[code], text) for code, text in said_in.items() if text}
    try:
        return AnswerBody.model_validate({"language": OF_PAGE[asking.language], "answers": answers})
    except ValidationError as error:
        raise Malformed("an answer is not of the form that its question has") from error


def _meant(kind: str, text: str) -> bool | int | str:
    if kind == "yes_no":
        return YES_NO.get(text, text)
    return int(text) if kind == "scale" and text in map(str, SCALE) else text.replace("\r\n", "\n")


def _form(request: Request, asking: Asking, status: int = 200, told: Said | None = None) -> Response:
    return _page(request, asking, "family_link.html", status, told=told, words_max=WORDS_MAX, scale=SCALE)


def _page(request: Request, asking: Asking, template: str, status: int = 200, **more: Any) -> Response:
    spoken = OF_PAGE[asking.language]

    def text_of(question: Question) -> str:
        return question.texts[spoken]

    answer = shown(
        request,
        template,
        status,
        language=asking.language,
        readable=asking.others,
        questions=asking.version.questions,
        text_of=text_of,
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
