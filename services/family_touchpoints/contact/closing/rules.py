"""What may be kept of rules, consents and sharing: what is wrong with one on a day, in words, and what would work."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from shared.errors import Conflict, NotFound, Problem, refused

State = Mapping[str, Any]
ORDERS = {"court_order", "protection_order"}


def rule_problems(rule: State, today: date) -> Iterator[Problem]:
    """What is wrong with a rule as it is to be kept."""
    if rule["rule"] == "only_channels" and not rule["channels"]:
        yield Problem("/channels", "only_channels needs the ways that are left", "name one, such as Email", "missing")
    if rule["rule"] != "only_channels" and rule["channels"]:
        said = f"channels go with only_channels, not with {rule['rule']}"
        yield Problem("/channels", said, "leave them out, or say only_channels", "does_not_go_with")
    if rule["to"] is not None and rule["to"] < rule["from"]:
        said = f"to {rule['to']} is before from {rule['from']}"
        yield Problem("/to", said, "send its last day; a rule that never held is made void", "out_of_order")
    if rule["seen_on"] is None and rule["basis"] in ORDERS:
        yield Problem("/seen_on", "an order needs the day on which it was seen", "send seen_on", "missing")
    if rule["seen_on"] is not None:
        yield from _not_yet("/seen_on", rule["seen_on"], today)


def consent_problems(steps: Sequence[State], today: date) -> Iterator[Problem]:
    """What is wrong with what a guardian is said to have given or taken away."""
    for at, step in enumerate(steps):
        yield from _not_yet(f"/steps/{at}/on", step["on"], today)


def sharing_problems(sharing: State, today: date) -> Iterator[Problem]:
    """What is wrong with what a student is said to share."""
    if sharing["eighteen_on"] is None:
        said, works = "it is not known when the student is 18", "send eighteen_on"
        yield Problem("/eighteen_on", said, works, "missing")
        return
    for at, step in enumerate(sharing["steps"]):
        yield from _not_yet(f"/steps/{at}/on", step["on"], today)
        if step["status"] == "student_consents" and step["on"] < sharing["eighteen_on"]:
            said = f"on {step['on']} the rights were not the student's yet"
            yield Problem(f"/steps/{at}/on", said, "send a consent of the 18th birthday or later", "before_begin")
        if step["status"] == "dependent_for_tax" and step["seen_on"] is None:
            said = "dependent_for_tax needs the day on which the form was seen"
            yield Problem(f"/steps/{at}/seen_on", said, "send seen_on", "missing")
        if step["seen_on"] is not None:
            yield from _not_yet(f"/steps/{at}/seen_on", step["seen_on"], today)


def own_problems(before: State, wanted: State, today: date) -> Iterator[Problem]:
    """What is wrong with what students say themselves: today they consent or end it, and change nothing else."""
    kept = len(before["steps"])
    if wanted["eighteen_on"] != before["eighteen_on"]:
        yield Problem("/eighteen_on", "that day is kept by your counselor", "leave it out", "beyond_reach")
    if list(wanted["steps"][:kept]) != list(before["steps"]):
        said = "what was said before stays as it was"
        yield Problem("/steps", said, "send the steps that you were shown, and yours behind them", "beyond_reach")
        return
    for at, step in enumerate(wanted["steps"][kept:], start=kept):
        if step["status"] == "dependent_for_tax" or step["seen_on"] is not None:
            said = "only your counselor can say that"
            yield Problem(f"/steps/{at}/status", said, "send student_consents or ended", "beyond_reach")
        if step["on"] != today.isoformat():
            yield Problem(f"/steps/{at}/on", "what you say holds from today", f"send {today}", "out_of_range")


def _not_yet(pointer: str, day: str, today: date) -> Iterator[Problem]:
    if day > today.isoformat():
        name = pointer.rpartition("/")[2]
        yield Problem(pointer, f"{name} {day} is in the future", "send it on or after that day", "in_future")


def rule_next(
    before: State | None, said: State, *, whose: State, tied: bool, twin: str | None, by: str, today: date
) -> dict[str, Any]:
    """A rule as it will be kept, or Refused with every reason at once.

    `whose` names the student and the rule, `tied` whether roster has ever tied the guardian to the
    student, `twin` another rule that says the same; who saw the document stays who did while the day stays.
    """
    problems = [*([] if tied else [not_tied(said["guardian_id"])]), *rule_problems(said, today)]
    if problems:
        raise refused(*problems)
    if twin is not None:
        raise says_the_same(twin)
    same_day = before is not None and before["seen_on"] == said["seen_on"]
    seen_by = before["seen_by"] if before and same_day else by
    whose = {name: before[name] for name in whose} if before else whose
    return {**whose, **said, "seen_by": seen_by if said["seen_on"] else None}


def consent_next(whose: State, steps: Sequence[State], today: date) -> dict[str, Any]:
    """What a guardian has said as it will be kept, or Refused."""
    problems = list(consent_problems(steps, today))
    if problems:
        raise refused(*problems)
    return {**whose, "steps": in_order(steps)}


def sharing_next(before: State | None, said: State, *, student_id: str, own: bool, today: date) -> dict[str, Any]:
    """What a student shares as it will be kept, or Refused; `own`: as students of age say it themselves."""
    if own and (before is None or before["eighteen_on"] > today.isoformat()):
        raise nothing_shared()
    known = before["eighteen_on"] if before else None
    wanted = {
        "student_id": before["student_id"] if before else student_id,
        "eighteen_on": said["eighteen_on"] or known,
        "steps": in_order(said["steps"]),
    }
    problems = [*(own_problems(before, wanted, today) if own and before else ()), *sharing_problems(wanted, today)]
    if problems:
        raise refused(*problems)
    return wanted


def added(before: State | None, steps: Sequence[State]) -> list[State]:
    """The steps that were said before, and those of these that were not."""
    kept = list(before["steps"]) if before else []
    return [*kept, *(step for step in steps if step not in kept)]


def in_order(steps: Sequence[State]) -> list[State]:
    """Steps in the order of their days; of two on one day the order stays."""
    return sorted(steps, key=lambda step: str(step["on"]))


def not_tied(guardian_id: str) -> Problem:
    """What to say of a guardian whom roster never tied to the student."""
    said = f"roster knows no tie of {guardian_id} to this student"
    return Problem("/guardian_id", said, "check the id, or add a walk-in", "unknown_tie")


def says_the_same(rule_id: str) -> Conflict:
    """The refusal of a rule beside another of the student that says the same from the same day on."""
    said, works = f"rule {rule_id} says the same of this student from that day on", "change that one, or make it void"
    return Conflict(said, existing=rule_id, works=works, code="taken")


def nothing_shared() -> NotFound:
    """The answer where nothing is kept of a student's 18th birthday, or nothing that its reader may read."""
    return NotFound("nothing is kept of what this student shares", code="nothing_set")
