"""How surveys, responses and tallies are kept and published; what was answered stays in the record."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec

from services.family_touchpoints.survey.rules import Questionnaire, Response
from shared.contracts import family_touchpoints as contract
from shared.contracts.envelope import Outgoing
from shared.records.keys import derived_id
from shared.records.record import Draft, Entry
from shared.roster_copy.students import UNDER
from shared.school_year import school_year_of

SURVEY, RESPONSE, TALLY = "survey", "survey_response", "survey_tally"
HIDDEN = {"answers": "_answers", "taken": "_taken", "homes": "_homes", "under": UNDER}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many answered a version without a name: on a day, in a language, at a place or anywhere.

    `district_id` is the district in which the place lies: by it a district's people reach it.
    """

    survey_id: str
    survey_version: int
    answered_on: date
    language: str
    organisation_id: str | None = None
    district_id: str | None = None
    complete: int = 0
    partial: int = 0

    @property
    def id(self) -> str:
        """One record a version, day, language and place."""
        said = (self.answered_on.isoformat(), self.language, self.organisation_id or "")
        return derived_id(f"{TALLY} {version_key(self.survey_id, self.survey_version)}", " ".join(said))


def version_key(survey_id: str, version: int) -> str:
    """The id of a version's record: what stands behind the last dash is the version."""
    return f"{survey_id}-{version}"


def response_key(survey_id: str, version: int, guardian_id: str) -> str:
    """The id of the one response of a guardian to a version."""
    return derived_id(f"{RESPONSE} {version_key(survey_id, version)}", guardian_id)


def version_draft(one: Questionnaire, entry: Entry, *, expected: int | None = None) -> Draft:
    """A version's wanted next state."""
    id = version_key(one.survey_id, one.survey_version)
    return Draft(SURVEY, id, _state(one), entry, (f"survey/{one.survey_id}",), expected=expected)


def version_of(state: Mapping[str, Any]) -> Questionnaire:
    """The version that a state holds."""
    return msgspec.convert(_said(state), Questionnaire)


def response_draft(one: Response, entry: Entry, *, void: bool = False, expected: int | None = None) -> Draft:
    """A response's wanted next state; the id that survives may be another, and is found when it is published."""
    id = response_key(one.survey_id, one.survey_version, one.guardian_id)
    subjects = (f"guardian/{one.guardian_id}",)
    return Draft(RESPONSE, id, _state(one), entry, subjects, void=void, expected=expected, of_others=True)


def response_of(state: Mapping[str, Any]) -> Response:
    """The response that a state holds."""
    return msgspec.convert(_said(state), Response)


def tally_draft(one: Tally, entry: Entry, *, void: bool = False, expected: int | None = None) -> Draft:
    """A tally's wanted next state."""
    return Draft(TALLY, one.id, _state(one), entry, (f"survey/{one.survey_id}",), void=void, expected=expected)


def tally_of(state: Mapping[str, Any]) -> Tally:
    """The tally that a state holds."""
    return msgspec.convert(state, Tally)


def version_fact(one: Questionnaire, starts: tuple[int, int]) -> Outgoing:
    """What a version asks about, under its survey; not how."""
    return f"survey/{one.survey_id}", contract.Survey(
        survey_id=one.survey_id,
        survey_version=one.survey_version,
        published_on=one.published_on,
        languages=one.languages,
        asks=one.asks,
        school_year=school_year_of(one.published_on, starts),
    )


def response_fact(
    id: str,
    one: Response,
    version: Questionnaire,
    *,
    person: str,
    districts: Collection[str],
    starts: tuple[int, int],
) -> Outgoing:
    """That a guardian has answered, under the id that survives; not what."""
    return f"guardian/{person}", contract.SurveyResponse(
        response_id=id,
        survey_id=one.survey_id,
        survey_version=one.survey_version,
        guardian_id=person,
        logged_as=one.guardian_id if one.guardian_id != person else None,
        answered_on=one.answered_on,
        language=one.language,
        child_needs="child_needs" in one.answered,
        own_needs="own_needs" in one.answered,
        complete=one.complete(version),
        asks=version.asks,
        districts=tuple(sorted(districts)),
        school_year=school_year_of(one.answered_on, starts),
    )


def tally_fact(id: str, one: Tally, version: Questionnaire, starts: tuple[int, int]) -> Outgoing:
    """How many answered without a name, under their survey."""
    return f"survey/{one.survey_id}", contract.SurveyTally(
        tally_id=id,
        survey_id=one.survey_id,
        survey_version=one.survey_version,
        answered_on=one.answered_on,
        language=one.language,
        organisation_id=one.organisation_id,
        districts=(one.district_id,) if one.district_id else (),
        complete=one.complete,
        partial=one.partial,
        asks=version.asks,
        school_year=school_year_of(one.answered_on, starts),
    )


def _state(one: Questionnaire | Response | Tally) -> dict[str, Any]:
    """A state in which what is nobody's business stands under names that are shown to nobody."""
    said = msgspec.to_builtins(one)
    if said.get("under", "") is None:
        del said["under"]
    return {HIDDEN.get(name, name): value for name, value in said.items()}


def _said(state: Mapping[str, Any]) -> dict[str, Any]:
    names = {hidden: name for name, hidden in HIDDEN.items()}
    return {names.get(name, name): said for name, said in state.items()}
