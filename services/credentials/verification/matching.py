"""Which award a row of looks means: by its id, by license number, or by student, credential and day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from services.credentials.award.rules import Award
from shared.errors import Problem, Refused, refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """How a row names an award; `student_id` is the person, once the caller's own name for it is known.

    Of persons who were merged it is the survivor, in the row as in the awards it is matched with.
    Of whom roster knows nothing it is what the caller wrote.
    """

    award_id: str | None = None
    license_number: str | None = None
    student_id: str | None = None
    credential_code: str | None = None
    awarded_on: date | None = None

    @property
    def by_day(self) -> bool:
        """Whether it names student, credential and day."""
        return None not in (self.student_id, self.credential_code, self.awarded_on)


def match(named: Named, awards: Mapping[str, Award]) -> str:
    """The id of the one award that a row means, among those within reach. Raise Refused, saying why none is."""
    if named.award_id is not None:
        if named.award_id not in awards:
            raise _unmatched(
                "/award_id", f"there is no award {named.award_id} that stands", "check the id", "unknown_award"
            )
        return named.award_id
    if named.license_number is not None:
        found = _of_number(named, awards)
        if found is not None:
            return found
        if not named.by_day:
            works = "add student_id, credential_code and awarded_on, or PATCH the number into the award"
            raise _unmatched(
                "/license_number", f"no award has license number {named.license_number}", works, "unknown_award"
            )
    if not named.by_day:
        works = "send award_id, license_number, or student_id, credential_code and awarded_on"
        raise _unmatched("/award_id", "the row names no award", works, "names_nobody")
    return _of_day(named, awards)


def _of_number(named: Named, awards: Mapping[str, Award]) -> str | None:
    code = named.credential_code
    found = sorted(
        id
        for id, award in awards.items()
        if award.license_number == named.license_number and code in (None, award.credential_code)
    )
    if len(found) > 1 and named.by_day:
        dated = [id for id in found if _is_of(awards[id], named) and awards[id].day == named.awarded_on]
        found = dated or found
    found = _latest(found, awards)
    if len(found) > 1:
        said = f"awards {', '.join(found)} have license number {named.license_number}"
        raise _unmatched("/license_number", said, "say award_id", "several_awards")
    if found and named.student_id and awards[found[0]].student_id != named.student_id:
        said = f"license number {named.license_number} is of another student's award"
        raise _unmatched("/license_number", said, "check both", "number_of_another")
    return found[0] if found else None


def _latest(found: list[str], awards: Mapping[str, Award]) -> list[str]:
    """Without those that another of them renews: a number kept through renewals means the award in force."""
    renewed = {awards[id].renews for id in found}
    return [id for id in found if id not in renewed]


def _of_day(named: Named, awards: Mapping[str, Award]) -> str:
    ours = {id: award for id, award in awards.items() if _is_of(award, named)}
    found = sorted(id for id, award in ours.items() if award.day == named.awarded_on)
    if len(found) > 1:
        said = f"awards {', '.join(found)} both record {named.credential_code} for this student on {named.awarded_on}"
        works = "say award_id, or void one: GET /v1/awards/conflicts lists them"
        raise _unmatched("/student_id", said, works, "several_awards")
    if found:
        return found[0]
    if ours:
        days = ", ".join(sorted(str(award.day) for award in ours.values()))
        said = f"the student has {named.credential_code} of {days}, not of {named.awarded_on}"
        raise _unmatched("/awarded_on", said, "check awarded_on", "unknown_award")
    # The same of a student whom nobody knows: who exists is not for everybody to learn.
    said = f"no award of {named.credential_code} of this student is within your reach"
    raise _unmatched("/student_id", said, "check both, or log the award", "unknown_award")


def _is_of(award: Award, named: Named) -> bool:
    return (award.student_id, award.credential_code) == (named.student_id, named.credential_code)


def _unmatched(pointer: str, said: str, works: str, code: str) -> Refused:
    return refused(Problem(pointer, said, works, code))
