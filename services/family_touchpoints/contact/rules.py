"""Who may be contacted about a student, how, and on which days nobody could be.

A rule of a court or a family, a withdrawn consent and the rights of a student of 18 close ways. What closes one is for
whoever must handle it; everybody else is told that it is closed, and which others are open.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal, Protocol, TypeVar, get_args

from shared.contracts.family_touchpoints import Method, OneWay, Purpose, TwoWay
from shared.roster_copy.merges import Merges

RuleKind = Literal["no_contact", "no_records", "only_channels", "only_staff"]
Basis = Literal["court_order", "protection_order", "guardian_request", "student_request", "safety_plan"]
Channel = Literal["phone", "text", "email", "app", "mail", "home_visit"]
About = Literal["school", "events", "survey"]
How = Literal["form", "link", "spoken", "reply_stop", "number_given"]
Closed = Literal["rule", "withdrawn", "of_age"]

TWO_WAY: tuple[Method, ...] = get_args(TwoWay)
METHODS: tuple[Method, ...] = (*TWO_WAY, *get_args(OneWay))
# What a consent can be withdrawn of; to meet somebody needs none.
CHANNEL_OF: Mapping[Method, Channel] = {
    "Phone": "phone",
    "Robocall": "phone",
    "Text": "text",
    "Email": "email",
    "Newsletter": "email",
    "App": "app",
    "Mail": "mail",
    "HomeVisit": "home_visit",
}
ABOUT: Mapping[Purpose, About] = {"event_invitation": "events", "survey": "survey"}


def about_of(purpose: Purpose) -> About:
    """Which matter a purpose belongs to: consents are given by matter."""
    return ABOUT.get(purpose, "school")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A restriction of contact about a student; `guardian_id` None: of everybody's. `until` is its last day."""

    student_id: str
    guardian_id: str | None
    rule: RuleKind
    begin: date
    until: date | None = None
    channels: frozenset[Method] = frozenset()
    told_to_staff: str | None = None

    def in_force(self, day: date) -> bool:
        return self.begin <= day and (self.until is None or day <= self.until)


@dataclass(frozen=True, slots=True)
class ConsentStep:
    """Given or taken away on a day."""

    status: Literal["granted", "withdrawn"]
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """What a guardian has said of one channel and matter, in the order of days. No step at all: nothing is closed."""

    guardian_id: str
    channel: Channel
    about: About
    steps: tuple[ConsentStep, ...]

    def withdrawn_on(self, day: date) -> date | None:
        """Since when it is withdrawn, on a day; None when it is not."""
        last = _last(self.steps, day)
        return last.on if last is not None and last.status == "withdrawn" else None


@dataclass(frozen=True, slots=True)
class SharingStep:
    """What lets a student of age share with their family, or ends it."""

    status: Literal["student_consents", "dependent_for_tax", "ended"]
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Sharing:
    """From `eighteen_on` on the rights are the student's: the family is contacted only while sharing is in force."""

    eighteen_on: date
    steps: tuple[SharingStep, ...] = ()

    def of_age(self, day: date) -> bool:
        return self.eighteen_on <= day

    def closed(self, day: date) -> bool:
        last = _last(self.steps, day)
        return self.of_age(day) and (last is None or last.status == "ended")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tie:
    """A guardian of the student as roster knows them, or one that walked in here; `end` is the first day without it."""

    guardian_id: str
    relation: str
    begin: date
    end: date | None = None
    language: str | None = None
    interpreter_needed: bool = False
    best_time: str = ""
    walk_in: bool = False

    def holds(self, day: date) -> bool:
        return self.begin <= day and (self.end is None or day < self.end)


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """All that is known of contact about one student; `joined` gives the id that another guardian's id became."""

    student_id: str
    ties: tuple[Tie, ...] = ()
    rules: tuple[Rule, ...] = ()
    consents: tuple[Consent, ...] = ()
    sharing: Sharing | None = None
    joined: Mapping[str, str] = field(default_factory=dict)

    def of_age(self, day: date) -> bool:
        """Whether the rights are the student's, who does not share."""
        return self.sharing is not None and self.sharing.closed(day)

    def person(self, guardian_id: str) -> str:
        """The guardian whose id it is, by the id that survives."""
        return Merges(self.joined).survivor(guardian_id)

    def tied(self, guardian_id: str) -> Tie | None:
        """The guardian's tie, under whichever id; the one that holds longest. None: nobody ever told of one."""
        whose = self.person(guardian_id)
        found = [tie for tie in self.ties if self.person(tie.guardian_id) == whose]
        return max(found, key=lambda tie: (tie.end or date.max, tie.guardian_id == guardian_id), default=None)

    def rules_on(self, day: date, guardian_id: str | None) -> list[Rule]:
        """The rules in force about a guardian, those about everybody among them."""
        whose = None if guardian_id is None else self.person(guardian_id)
        return [
            one
            for one in self.rules
            if one.in_force(day) and (one.guardian_id is None or self.person(one.guardian_id) == whose)
        ]


def closed(
    family: Family, guardian_id: str | None, method: Method, *, purpose: Purpose, day: date, liaison: bool
) -> Closed | None:
    """What closes this way to a guardian (None: to whoever answers) on a day; None when it is open.

    `liaison`: the caller is one of those whom a rule `only_staff` leaves. An emergency opens what a
    withdrawn consent or a student's age closes, and no rule.
    """
    for rule in family.rules_on(day, guardian_id):
        if rule.rule == "no_contact" or (rule.rule == "only_staff" and not liaison):
            return "rule"
        if rule.rule == "only_channels" and method not in rule.channels:
            return "rule"
    if purpose == "emergency":
        return None
    if family.of_age(day):
        return "of_age"
    if guardian_id is not None and withdrawn_on(family, guardian_id, method, purpose=purpose, day=day):
        return "withdrawn"
    return None


def withdrawn_on(family: Family, guardian_id: str, method: Method, *, purpose: Purpose, day: date) -> date | None:
    """Since when the guardian has withdrawn this channel for this matter, on a day; None when nobody has."""
    asked = CHANNEL_OF.get(method), about_of(purpose)
    whose = family.person(guardian_id)
    days = [
        since
        for one in family.consents
        if (one.channel, one.about) == asked
        and family.person(one.guardian_id) == whose
        and (since := one.withdrawn_on(day)) is not None
    ]
    return max(days, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A guardian, by which two-way methods they may be contacted now, and in which language.

    `records` False: they may be told nothing of what the school's records say.
    """

    guardian_id: str
    relation: str
    may: tuple[Method, ...]
    records: bool
    language: str | None
    interpreter: bool
    best_time: str = ""
    told_to_staff: tuple[str, ...] = ()
    walk_in: bool = False

    @property
    def by_number(self) -> bool:
        """Whether they may be reached by their number."""
        return "Phone" in self.may or "Text" in self.may


def contacts(family: Family, day: date, *, purpose: Purpose = "progress", liaison: bool) -> list[Contact]:
    """Everybody tied to the student on a day, each guardian once, with the ways that are open."""
    found: dict[str, Contact] = {}
    for tie in family.ties:
        whose = family.person(tie.guardian_id)
        if not tie.holds(day) or whose in found:
            continue
        ways = tuple(
            one
            for one in TWO_WAY
            if closed(family, tie.guardian_id, one, purpose=purpose, day=day, liaison=liaison) is None
        )
        rules = family.rules_on(day, tie.guardian_id)
        found[whose] = Contact(
            guardian_id=tie.guardian_id,
            relation=tie.relation,
            may=ways,
            records=not any(rule.rule == "no_records" for rule in rules),
            language=tie.language,
            interpreter=tie.interpreter_needed,
            best_time=tie.best_time,
            told_to_staff=tuple(rule.told_to_staff for rule in rules if rule.told_to_staff),
            walk_in=tie.walk_in,
        )
    return list(found.values())


def unreachable(family: Family, day: date) -> bool:
    """Whether no guardian at all may be contacted on a day. A student without any guardian is not meant."""
    if family.of_age(day):
        return True
    if any(rule.rule == "no_contact" for rule in family.rules_on(day, None)):
        return True
    tied = [tie for tie in family.ties if tie.holds(day)]
    return bool(tied) and all(
        any(rule.rule == "no_contact" for rule in family.rules_on(day, tie.guardian_id)) for tie in tied
    )


def excused(family: Family, first: date, last: date) -> bool:
    """Whether nobody could be contacted on more than half of these days, both included."""
    if not family.rules and family.sharing is None:
        return False
    days = (last - first).days + 1
    shut = sum(unreachable(family, first + timedelta(days=number)) for number in range(max(0, days)))
    return 2 * shut > days > 0


class _Step(Protocol):
    """What happened on a day."""

    @property
    def on(self) -> date: ...


S = TypeVar("S", bound=_Step)


def _last(steps: Iterable[S], day: date) -> S | None:
    """The step that holds on a day: the latest, of two on one day the later in order."""
    begun = sorted((one for one in steps if one.on <= day), key=lambda one: one.on)
    return begun[-1] if begun else None
