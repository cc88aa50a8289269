"""What the codes of contact with families are called on pages, for staff and for students who read what is kept."""

from collections.abc import Mapping
from typing import TypeVar

from services.family_touchpoints.contact.rules import About, Basis, Channel, RuleKind
from shared.contracts.family_touchpoints import (
    Direction,
    Interpreter,
    Level,
    Method,
    Outcome,
    Purpose,
    TouchpointStatus,
    WorkshopStatus,
)
from shared.contracts.roster import Relation
from shared.pages.texts import Texts
from shared.words.said import Said, said

C = TypeVar("C", bound=str)

METHOD: Mapping[Method, Said] = {
    "Phone": said("Phone call"),
    "InPerson": said("In person"),
    "HomeVisit": said("Home visit"),
    "VideoCall": said("Video call"),
    "Text": said("Text message"),
    "App": said("Message in the app"),
    "Email": said("Email"),
    "Newsletter": said("Newsletter"),
    "Website": said("Website"),
    "BulletinBoard": said("Bulletin board"),
    "Fax": said("Fax"),
    "Mail": said("Letter"),
    "Robocall": said("Recorded call"),
    "Other": said("Another way"),
}
# By which something comes back: what may be planned and counted.
TWO_WAY: tuple[Method, ...] = ("Phone", "InPerson", "HomeVisit", "VideoCall", "Text", "App", "Email")
PURPOSE: Mapping[Purpose, Said] = {
    "introduction": said("Getting to know each other"),
    "progress": said("Progress"),
    "concern": said("A concern"),
    "praise": said("Praise"),
    "attendance": said("Attendance"),
    "credential": said("A credential"),
    "work_based_learning": said("Work-based learning"),
    "plan_consultation": said("The career plan"),
    "enrolment": said("Enrolment"),
    "event_invitation": said("Invitation to an event"),
    "survey": said("A survey"),
    "transition": said("What comes after school"),
    "emergency": said("An emergency"),
    "other": said("Something else"),
}
OUTCOME: Mapping[Outcome, Said] = {
    "reached": said("Reached"),
    "left_message": said("Left a message"),
    "no_answer": said("No answer"),
    "wrong_number": said("Wrong number"),
    "bounced": said("Came back undelivered"),
    "delivered": said("Delivered, no answer yet"),
    "declined": said("Did not want to talk"),
}
STEP: Mapping[TouchpointStatus, Said] = {
    "planned": said("Planned"),
    "missed": said("The family did not come"),
    "not_made": said("We did not do it"),
    "held": said("Held"),
    "cancelled": said("Cancelled"),
}
DIRECTION: Mapping[Direction, Said] = {
    "to_family": said("The school contacted the family"),
    "from_family": said("The family contacted the school"),
}
INTERPRETER: Mapping[Interpreter, Said] = {
    "not_needed": said("Not needed"),
    "qualified_staff": said("A qualified member of staff"),
    "contracted": said("A contracted interpreter"),
    "bilingual_caller": said("I speak the language myself"),
    "phone_line": said("An interpreter by phone"),
    "machine": said("A machine"),
    "child_or_friend": said("A child or a friend"),
    "none": said("Nobody"),
}
RELATION: Mapping[Relation, Said] = {
    "parent": said("Parent"),
    "guardian": said("Guardian"),
    "relative": said("Relative"),
}
RULE: Mapping[RuleKind, Said] = {
    "no_contact": said("No contact"),
    "no_records": said("May be told nothing of the student's records"),
    "only_channels": said("Only by certain ways"),
    "only_staff": said("Only by counselors and data managers"),
}
BASIS: Mapping[Basis, Said] = {
    "court_order": said("Court order"),
    "protection_order": said("Protection order"),
    "guardian_request": said("A guardian asked for it"),
    "student_request": said("The student asked for it"),
    "safety_plan": said("Safety plan"),
}
CHANNEL: Mapping[Channel, Said] = {
    "phone": said("Phone"),
    "text": said("Text messages"),
    "email": said("Email"),
    "app": said("The app"),
    "mail": said("Letters"),
    "home_visit": said("Home visits"),
}
ABOUT: Mapping[About, Said] = {
    "school": said("School matters"),
    "events": said("Events for families"),
    "survey": said("Surveys"),
}
LEVEL: Mapping[Level, Said] = {
    "high": said("Parents of high school students"),
    "middle": said("Parents of middle school students"),
    "k8": said("Parents of younger children"),
    "adult": said("Families of adult students"),
}
WORKSHOP: Mapping[WorkshopStatus, Said] = {
    "planned": said("Planned"),
    "held": said("Held"),
    "cancelled": said("Cancelled"),
}
# The languages that a form offers, by ISO 639-3; what others are called the browser knows.
LANGUAGES = ("eng", "spa", "nav", "vie", "ara", "cmn", "tgl", "kor", "fra", "som", "swa")


def spoken(texts: Texts, words: Mapping[C, Said]) -> dict[C, str]:
    """The words of a page's language, by code."""
    return {code: texts.of(one) for code, one in words.items()}
