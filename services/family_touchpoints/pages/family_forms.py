"""What the page behind a link asks: a survey, how we may speak with the family, or whether it comes to a workshop."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from services.family_touchpoints.contact.rules import Channel
from services.family_touchpoints.link.coming import workshop_to_come
from services.family_touchpoints.link.commands import Opened
from services.family_touchpoints.link.confirming import CHANNELS, open_on
from services.family_touchpoints.link.taking import AnswerBody, version_asked
from services.family_touchpoints.survey.rules import SCALE, WORDS_MAX, Question, Questionnaire
from shared.contracts.family_touchpoints import WorkshopType
from shared.pages.texts import languages
from shared.producer.desk import Desk
from shared.words.said import Said, said

# Of ISO 639-3, which is what families and surveys speak, the languages that pages are written in.
PAGE_LANGUAGE: Mapping[str, str] = {"eng": "en", "spa": "es"}
OF_PAGE = {page: spoken for spoken, page in PAGE_LANGUAGE.items()}
YES, NO = said("Yes"), said("No")
YES_NO = {"yes": True, "no": False}
CHANNEL: Mapping[Channel, Said] = {
    "phone": said("Call you by phone"),
    "text": said("Send you text messages"),
    "email": said("Send you emails"),
    "app": said("Write to you in the school's app"),
    "mail": said("Send you letters"),
    "home_visit": said("Visit you at home"),
}
EVENTS, SURVEYS = said("Invite you to events for families"), said("Send you surveys")
LANGUAGE, COMES = said("The language in which we speak with you"), said("Will you come?")
KIND: Mapping[WorkshopType, Said] = {
    "workshop": said("Workshop for families"),
    "presentation": said("Presentation for families"),
    "orientation": said("Orientation for families"),
    "open_house": said("Open house"),
    "conference": said("Conference with families"),
}

Fields = Mapping[str, str]
Noted = list[tuple[str, object]]


@dataclass(frozen=True, slots=True)
class Form:
    """What a link asks: the template and what it shows, in which languages of pages it can.

    `read` makes of the form's fields what a program would send, `noted` what was said in words.
    """

    template: str
    shows: Mapping[str, Any]
    read: Callable[[Fields], dict[str, Any]]
    noted: Callable[[AnswerBody, str], Noted]
    tags: tuple[str, ...]


async def form_of(desk: Desk, found: Opened) -> Form:
    """What a link asks now. Raise NotFound for what is over."""
    if found.link.purpose == "survey":
        return _survey(await version_asked(desk, found))
    if found.link.purpose == "contact":
        return await _contact(desk, found)
    return await _workshop(desk, found)


def _survey(version: Questionnaire) -> Form:
    def read(fields: Fields) -> dict[str, Any]:
        given = [(one, text) for one in version.questions if (text := fields.get(f"answer.{one.code}"))]
        return {"answers": {one.code: _meant(one, text) for one, text in given} or None}

    def noted(body: AnswerBody, spoken: str) -> Noted:
        answers = body.answers or {}
        return [(one.texts[spoken], _in_words(answers[one.code])) for one in version.questions if one.code in answers]

    shows = {"questions": version.questions, "words_max": WORDS_MAX, "scale": SCALE}
    return Form("family_survey.html", shows, read, noted, tuple(PAGE_LANGUAGE[one] for one in version.readable))


async def _contact(desk: Desk, found: Opened) -> Form:
    today, who = await desk.today(), found.link.guardian_id
    ways = [(one, CHANNEL[one], open_on(found.family, who, one, "school", today)) for one in CHANNELS]
    events, surveys = (
        any(open_on(found.family, who, one, about, today) for one in CHANNELS) for about in ("events", "survey")
    )

    def read(fields: Fields) -> dict[str, Any]:
        given = {one: text for one in CHANNELS if (text := fields.get(f"channel.{one}"))}
        return {
            "preferred_language": fields.get("preferred_language") or None,
            "channels": {one: YES_NO.get(text, text) for one, text in given.items()} or None,
            **{name: YES_NO.get(text, text) for name in ("events", "surveys") if (text := fields.get(name))},
        }

    def noted(body: AnswerBody, _: str) -> Noted:
        said_of: Noted = [(CHANNEL[one], _in_words(yes)) for one, yes in (body.channels or {}).items()]
        said_of += [
            (words, _in_words(yes))
            for words, yes in ((EVENTS, body.events), (SURVEYS, body.surveys))
            if yes is not None
        ]
        return [*([(LANGUAGE, _called(body.preferred_language))] if body.preferred_language else []), *said_of]

    speaks = found.to.language if found.to.language in PAGE_LANGUAGE else ""
    known = [(spoken, _called(spoken)) for spoken in PAGE_LANGUAGE]
    more = [("events", EVENTS, events), ("surveys", SURVEYS, surveys)]
    shows = {"ways": ways, "more": more, "known": known, "speaks": speaks}
    return Form("family_contact.html", shows, read, noted, tuple(languages()))


async def _workshop(desk: Desk, found: Opened) -> Form:
    workshop = await workshop_to_come(desk, found.link.about)

    def read(fields: Fields) -> dict[str, Any]:
        text = fields.get("comes")
        return {"comes": YES_NO.get(text, text)} if text else {}

    def noted(body: AnswerBody, _: str) -> Noted:
        return [(COMES, _in_words(bool(body.comes)))]

    shows = {"workshop": workshop, "kind": KIND[workshop.kind]}
    return Form("family_workshop.html", shows, read, noted, tuple(languages()))


def _meant(question: Question, text: str) -> bool | int | str:
    if question.kind == "yes_no":
        return YES_NO.get(text, text)
    return int(text) if question.kind == "scale" and text in map(str, SCALE) else text.replace("\r\n", "\n")


def _in_words(answer: bool | int | str) -> object:
    return answer if not isinstance(answer, bool) else YES if answer else NO


def _called(spoken: str) -> str:
    """What those who speak it call a language; its code, where no page is written in it."""
    return languages()[PAGE_LANGUAGE[spoken]].own_name if spoken in PAGE_LANGUAGE else spoken
