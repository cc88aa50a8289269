"""What may be kept of a guardian, and which two ids may be one person's: pure, each refusal with what would work."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from services.family_touchpoints.contact.record import Profile
from shared.errors import Problem, Refused, refused

State = Mapping[str, Any]
OF_WALK_INS = ("name", "phone", "relation", "student_ids")
WALKED_IN = "w"  # with which the id of who walked in begins; roster's begin with another letter


def profile_next(before: Profile, said: State, *, known: bool, students: Collection[str] | None, day: date) -> Profile:
    """A guardian as it will be kept, or Refused with every reason at once.

    `known`: roster has tied the guardian to somebody. `students` are those whose guardian one who
    walked in is; None: as it is kept.
    """
    walk_in = before.walk_in or not known
    problems = list(_walk_in_problems(before, said, students) if walk_in else _known_problems(said))
    if problems:
        raise refused(*problems)
    preferred = {name: said[name] for name in ("preferred_language", "interpreter_needed", "best_time")}
    if not walk_in:
        return replace(before, **preferred)
    return replace(
        before,
        **preferred,
        walk_in=True,
        name=said["name"],
        phone=said["phone"],
        relation=said["relation"] or "guardian",
        student_ids=before.student_ids if students is None else tuple(sorted(students)),
        since=before.since or day,
    )


def joined_to(before: Profile, other: str, *, ids: Collection[str], others: Collection[str], share: bool) -> Profile:
    """The guardian as the same person as the other, whose id survives, or Refused.

    `ids` and `others` are all ids of the two as they are now; `share`: they may be one person, since
    some student has both as guardians, or one of them walked in.
    """
    if before.same_as == other:
        return before
    if other in ids or before.guardian_id in others:
        said, works = f"{before.guardian_id} and {other} are one person already", "nothing is to be done"
        raise refused(Problem("/same_as", said, works, "one_already"))
    if before.same_as is not None:
        said = f"{before.guardian_id} is one person with {before.same_as}"
        raise refused(Problem("/same_as", said, "separate them first, or join that one", "joined"))
    if not share:
        said = f"no student has both {before.guardian_id} and {other} as guardians, and neither walked in"
        raise refused(Problem("/same_as", said, "check both ids", "share_nobody"))
    return replace(before, same_as=other)


def separated(before: Profile) -> Profile:
    """The guardian as a person of its own again, or Refused."""
    if before.same_as is None:
        said = f"{before.guardian_id} was joined to nobody"
        raise Refused(said, works="separate the id that was joined, not the one that survives", code="not_joined")
    return replace(before, same_as=None)


def _known_problems(said: State) -> Iterator[Problem]:
    for name in OF_WALK_INS:
        if said[name] is not None:
            detail = f"{name} of a guardian whom roster knows is kept in roster"
            yield Problem(f"/{name}", detail, "leave it out, or change it there", "kept_elsewhere")


def _walk_in_problems(before: Profile, said: State, students: Collection[str] | None) -> Iterator[Problem]:
    if said["name"] is None:
        yield Problem("/name", "who walked in needs a name", "send it", "missing")
    if not before.walk_in and not students:
        yield Problem("/student_ids", "who walked in needs a student", "send whose guardian it is", "missing")
