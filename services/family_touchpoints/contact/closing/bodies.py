"""What callers send and are answered about rules of contact, consents, and what a student of age shares."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from services.family_touchpoints.contact.rules import About, Basis, Channel, How, RuleKind
from shared.contracts.family_touchpoints import Method
from shared.producer.answers import RecordView
from shared.words.fields import Body, Day, Id, Name, StudentName, example

STEPS_MAX = 200
RULE_EXAMPLE: dict[str, Any] = {
    "guardian_id": "g3f0c2a9d1",
    "rule": "no_contact",
    "channels": [],
    "basis": "court_order",
    "from": "2025-10-01",
    "to": None,
    "seen_on": "2025-10-01",
    "told_to_staff": "Speak with the aunt.",
}

Consenting = Literal["granted", "withdrawn"]
Share = Literal["student_consents", "dependent_for_tax", "ended"]


class RuleBody(Body):
    """A restriction of contact about a student. The document behind it is not kept: that somebody saw it suffices."""

    model_config = example(**RULE_EXAMPLE)

    guardian_id: Id | None = Field(description="whose contact; null: everybody's")
    rule: RuleKind
    channels: Annotated[tuple[Method, ...], Field(max_length=20, description="that are left, of only_channels")] = ()
    basis: Basis = Field(description="shown to counselors and data managers alone, and each time that is noted")
    since: Day = Field(alias="from")
    until: Day | None = Field(default=None, alias="to", description="its last day")
    seen_on: Day | None = Field(default=None, description="when the document was seen; needed of an order")
    told_to_staff: Name | None = Field(default=None, description="one line that all who may contact the family read")


class RuleRow(RuleBody):
    """A row of a file of rules."""

    rule_id: Id
    student_id: StudentName

    def said(self) -> dict[str, Any]:
        """The rule itself."""
        return self.model_dump(mode="json", by_alias=True, exclude={"rule_id", "student_id"})


class ConsentStepBody(Body):
    """Given or taken away on a day, and how that was said."""

    status: Consenting
    on: Day
    how: How


class ConsentRow(ConsentStepBody):
    """A row of a file of consents."""

    guardian_id: Id
    channel: Channel
    about: About

    def said(self) -> dict[str, Any]:
        """The step itself."""
        return self.model_dump(mode="json", exclude={"guardian_id", "channel", "about"})


class ConsentBody(Body):
    """All that a guardian has said of a channel for a matter; nothing at all closes nothing."""

    model_config = example(steps=[{"status": "withdrawn", "on": "2025-11-05", "how": "reply_stop"}])

    steps: Annotated[tuple[ConsentStepBody, ...], Field(max_length=STEPS_MAX)]


class SharingStepBody(Body):
    """What lets a student of age share with their family from a day on, or ends it."""

    status: Share
    on: Day
    seen_on: Day | None = Field(default=None, description="when the tax form was seen; needed of dependent_for_tax")


class SharingRow(Body):
    """A row of a file of what students share; one without a step says only from which day the rights are theirs."""

    student_id: StudentName
    eighteen_on: Day | None = None
    step: SharingStepBody | None = None

    def said(self) -> dict[str, Any]:
        """What the student shares, as PUT has it."""
        said = self.model_dump(mode="json", exclude={"student_id"})
        step = said.pop("step")
        return {**said, "steps": [step] if step else []}


class SharingBody(Body):
    """From which day the rights are the student's, and what they share since."""

    model_config = example(eighteen_on="2025-12-03", steps=[{"status": "student_consents", "on": "2025-12-04"}])

    eighteen_on: Day | None = Field(default=None, description="left out: as it is kept")
    steps: Annotated[tuple[SharingStepBody, ...], Field(max_length=STEPS_MAX)] = ()


class Against(BaseModel):
    """What of the touchpoints that are planned stands against what is said now."""

    planned_against: list[str] = Field(default=[], description="planned touchpoints that may not be made any more")


class RuleRecord(RecordView, Against):
    """A rule as it is kept; its basis and who saw the document only for counselors and data managers."""

    student_id: str
    rule_id: str
    guardian_id: str | None
    rule: RuleKind
    channels: list[Method]
    since: date = Field(alias="from")
    until: date | None = Field(alias="to")
    told_to_staff: str | None
    basis: Basis | None = Field(default=None, description="for counselors and data managers")
    seen_on: date | None = Field(default=None, description="for counselors and data managers")
    seen_by: str | None = Field(default=None, description="for counselors and data managers")


class RuleList(BaseModel):
    """The rules about a student that stand, also those that are over."""

    items: list[RuleRecord]


class ConsentRecord(RecordView, Against):
    """What a guardian has said of a channel for a matter, as it is kept."""

    guardian_id: str
    channel: Channel
    about: About
    steps: list[ConsentStepBody]


class ConsentList(BaseModel):
    """What a guardian has said, under every id of theirs."""

    items: list[ConsentRecord]


class SharingRecord(RecordView, Against):
    """From which day the rights are the student's, and what they share, as it is kept."""

    student_id: str
    eighteen_on: date
    steps: list[SharingStepBody]


class ContactItem(BaseModel):
    """A guardian, and how they may be contacted about the student on the day."""

    guardian_id: str
    relation: str
    may: list[Method]
    records: bool = Field(description="false: they may be told nothing of what the school's records say")
    language: str | None
    interpreter: bool
    best_time: str
    told_to_staff: list[str] = Field(description="what the counselor wants all who contact the family to know")
    walk_in: bool = Field(description="true: roster does not know them; name and phone stand here")
    name: str | None = None
    phone: str | None = Field(default=None, description="while they may be called")


class ContactAnswer(BaseModel):
    """Everybody who answers for the student on the day."""

    student_id: str
    on: date
    items: list[ContactItem]
    of_age_note: str | None = None
