"""The life of a touchpoint, and what it may say of itself: planned, missed, held are dated steps of one record."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from services.family_touchpoints.contact.rules import TWO_WAY
from shared.contracts.family_touchpoints import Direction, Interpreter, Method, Outcome, Purpose, TouchpointStatus
from shared.errors import Problem, Refused, refused

# Delivered until somebody answers.
WRITTEN: frozenset[Method] = frozenset(("Text", "App", "Email"))
LATE = timedelta(days=60)
ENGLISH = "eng"
# From which state which step may be taken.
NEXT: Mapping[TouchpointStatus, tuple[TouchpointStatus, ...]] = {
    "planned": ("planned", "missed", "not_made", "held", "cancelled"),
    "missed": ("planned", "held", "cancelled"),
    "not_made": ("planned", "held", "cancelled"),
    "held": (),
    "cancelled": (),
}
WORDS: Mapping[TouchpointStatus, str] = {"not_made": "not made"}


@dataclass(frozen=True, slots=True)
class Step:
    """What became of it on a day; of a plan, the day that it is for."""

    status: TouchpointStatus
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Touchpoint:
    """One student's part in one occasion. `language` empty and `interpreter` None: what is usual for the guardian.

    `breach`: why it was held although something stood against it. `restricted`: a guardian's own
    call whom we would not have called. `by_liaison`: planned or logged by whom no rule `only_staff`
    shuts out. `term_at`: whose table of terms its day lies in, the organisation that it is filed at,
    else where the student is taught that day. `time` is that of its day, where a phone told it;
    `under` as in every record.
    """

    student_id: str
    occasion_id: str
    method: Method
    purpose: Purpose
    steps: tuple[Step, ...]
    direction: Direction = "to_family"
    guardian_ids: tuple[str, ...] = ()
    with_student: bool = False
    program_id: str | None = None
    organisation_id: str | None = None
    language: str = ""
    preferred_language: str | None = None
    interpreter: Interpreter | None = None
    outcome: Outcome | None = None
    reached_on: date | None = None
    minutes: int | None = None
    plan_point: str | None = None
    time: str | None = None
    staff: str = ""
    note: str | None = None
    follow_up_on: date | None = None
    breach: str | None = None
    restricted: bool = False
    by_liaison: bool = False
    term_at: str | None = None
    under: str | None = None

    @property
    def status(self) -> TouchpointStatus:
        return self.steps[-1].status

    @property
    def on(self) -> date:
        """The day of the last step."""
        return self.steps[-1].on

    @property
    def day(self) -> date:
        """The day that decides in which term it is: on which somebody was reached, else that of the last step."""
        return self.reached_on or self.on

    @property
    def student_alone(self) -> bool:
        return self.with_student and not self.guardian_ids

    @property
    def counts(self) -> bool:
        """Whether it is a touch once somebody is reached."""
        return self.method in TWO_WAY and self.purpose != "emergency"

    @property
    def told(self) -> bool:
        """Whether anybody outside learns that there is one."""
        return self.breach is None and not self.restricted


def checked(one: Touchpoint, *, today: date, at: str = "/held_on") -> Touchpoint:
    """The touchpoint as it will be kept, or Refused with every reason at once; `at` points to its day."""
    one = _usual(one)
    if problems := [*_days(one, today, at), *_outcome(one), *_plan(one)]:
        raise refused(*problems)
    return one


def stepped(one: Touchpoint, status: TouchpointStatus, on: date, **said: Any) -> Touchpoint:
    """The touchpoint one step on, with what is said of it. Raise Refused when no such step leads on from here."""
    if status not in NEXT[one.status]:
        works = "void it and log it again if that is wrong" if not NEXT[one.status] else "read it again"
        raise Refused(f"it is {_word(one.status)}, and cannot be {_word(status)}", works=works, code="not_now")
    if one.status in ("missed", "not_made") and on < one.on:
        problem = Problem("/on", f"it was {_word(one.status)} later, on {one.on}", "check the day", "before_begin")
        raise refused(problem)
    return replace(one, steps=(*one.steps, Step(status, on)), **said)


def replied(one: Touchpoint, on: date) -> Touchpoint:
    """The touchpoint answered: what was delivered has reached somebody on that day."""
    if one.status != "held" or one.outcome != "delivered" or one.method not in WRITTEN:
        works = "only a text, an app message or an email that was delivered is answered"
        raise Refused("there is nothing to reply to", works=works, code="not_now")
    return replace(one, outcome="reached", reached_on=on)


def corrected(one: Touchpoint, changes: Mapping[str, Any]) -> Touchpoint:
    """The touchpoint with some fields set right; `held_on` or `planned_for` is the day of its last step."""
    said = dict(changes)
    for name, status in (("held_on", "held"), ("planned_for", "planned")):
        if name not in said:
            continue
        if one.status != status:
            problem = Problem(
                f"/{name}", f"it is {_word(one.status)}, not {status}", "leave it out", "does_not_go_with"
            )
            raise refused(problem)
        said["steps"] = (*one.steps[:-1], Step(one.status, said.pop(name)))
    if "reached_on" not in said and ("outcome" in said or one.reached_on == one.on):
        said["reached_on"] = None  # follows from the outcome and the day
    return replace(one, **said)


def warnings(one: Touchpoint, *, today: date) -> Iterator[Problem]:
    """What to look at again in a touchpoint that is kept."""
    if today - one.on > LATE:
        works = "check the day; what was published before stays as it was"
        yield Problem("/held_on", f"{one.on} is more than {LATE.days} days ago", works, "late")
    if one.interpreter == "child_or_friend":
        works = "a school may not rely on students, siblings or friends: ask for an interpreter next time"
        yield Problem("/interpreter", "a child or a friend interpreted", works, "child_or_friend")


def _usual(one: Touchpoint) -> Touchpoint:
    """The same with what goes without saying: how a message of its kind ends, and when somebody was reached."""
    language = one.language or one.preferred_language or ENGLISH
    own = one.preferred_language in (None, language)
    guardians = tuple(dict.fromkeys(one.guardian_ids))
    interpreter = one.interpreter or ("not_needed" if own else "none")
    one = replace(one, guardian_ids=guardians, language=language, interpreter=interpreter)
    if one.status != "held":
        return one
    one = replace(one, outcome=one.outcome or _ends_as(one))
    at_once = one.outcome == "reached" and one.reached_on is None and not _awaits(one)
    return replace(one, reached_on=one.on) if at_once else one


def _awaits(one: Touchpoint) -> bool:
    """Whether it reaches nobody before they answer."""
    return one.method in WRITTEN and one.direction == "to_family"


def _ends_as(one: Touchpoint) -> Outcome | None:
    """What came of it where nobody says so: who writes or calls has reached us, what is sent is delivered."""
    if one.direction == "from_family" and one.method in TWO_WAY:
        return "reached"
    return "delivered" if _awaits(one) or one.method not in TWO_WAY else None


def _days(one: Touchpoint, today: date, at: str) -> Iterator[Problem]:
    if one.status != "planned" and one.on > today:
        works = "plan it; log it on or after the day"
        yield Problem(at, f"{one.on} is in the future", works, "in_future")
    elif one.reached_on and one.reached_on > today:
        works = "log it on or after the day"
        yield Problem("/reached_on", f"reached_on {one.reached_on} is in the future", works, "in_future")
    if one.reached_on and one.reached_on < one.on:
        said = f"reached_on {one.reached_on} lies before {one.on}, when it was held"
        yield Problem("/reached_on", said, "check both days", "before_begin")


def _outcome(one: Touchpoint) -> Iterator[Problem]:
    if one.status != "held":
        given = {"outcome": one.outcome, "reached_on": one.reached_on, "breach": one.breach}
        for name in (name for name, value in given.items() if value is not None):
            works = "leave it out until it is held"
            yield Problem(f"/{name}", f"{name} is of what was held", works, "does_not_go_with")
        return
    if one.outcome is None:
        yield Problem("/outcome", "what came of it is missing", "send outcome, such as reached or no_answer", "missing")
    elif one.outcome == "reached" and one.method not in TWO_WAY:
        works = "send delivered"
        yield Problem("/outcome", f"{one.method} goes one way and has no answer", works, "does_not_go_with")
    elif one.outcome == "reached" and one.reached_on is None:
        works = "log it as delivered; note the answer when it comes (replied), or send reached_on with that day"
        yield Problem("/outcome", "what is written reaches somebody when they answer", works, "missing")
    elif one.outcome != "reached" and one.reached_on is not None:
        works = "leave it out, or send outcome reached"
        yield Problem("/reached_on", f"outcome {one.outcome} reached nobody", works, "does_not_go_with")


def _plan(one: Touchpoint) -> Iterator[Problem]:
    if one.plan_point is not None and one.program_id is None:
        yield Problem("/plan_point", "a point belongs to a program's plan", "send program_id too", "missing")


def _word(status: TouchpointStatus) -> str:
    return WORDS.get(status, status)
