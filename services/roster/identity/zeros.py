"""A number that has lost its zeros is refused where it would make a second person of somebody who is known. Pure."""

from services.roster.identity.people import STATE_STUDENT_ID, People, State
from services.roster.identity.weighing import Told, against, told_by
from services.roster.values import Student
from shared.errors import Conflict, Problem
from shared.words.lost_zeros import with_zeros


def padded(number: str | None) -> list[str]:
    """The state student ids that this one may have been, with their zeros, as they are looked up."""
    return [f"{STATE_STUDENT_ID}:{each}" for each in with_zeros(number or "")]


def refuse_lost_zeros(body: Student, people: People, told: Told) -> None:
    """Raise Conflict when the row's number, with zeros in front, is a known person's of the same given name.

    Of whom the caller does not reach nothing is told: the row goes on as if there were nobody.
    """
    for alias in padded(body.state_student_id):
        having = _having(alias, people)
        if having and not against([told_by(having[1])], [told]):
            raise _lost(str(body.state_student_id), alias, having[0])


def _having(alias: str, people: People) -> tuple[str, State] | None:
    """The person with this number and the record of it, of one whom the caller may be told of."""
    owner = people.owners.get(alias)
    if owner in people.made and owner in people.states:
        return owner, people.states[owner]
    return people.padded.get(alias)


def _lost(number: str, alias: str, owner: str) -> Conflict:
    written = alias.removeprefix(f"{STATE_STUDENT_ID}:")
    said = f"a student of this given name has the number {written}, and {number} is that without its zeros"
    works = (
        f"write {written}: a spreadsheet takes the zeros from the front of a number; if it is somebody else, "
        "send the row without the number first"
    )
    problem = Problem("/state_student_id", said, works, "zeros_lost")
    return Conflict(problem.said, existing=owner, problems=[problem])
