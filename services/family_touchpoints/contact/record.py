"""How rules, consents, sharing and guardians' profiles are kept: states and values; nothing of them is published."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec

from services.family_touchpoints.contact.rules import Consent, Rule, Sharing
from shared.contracts.roster import Relation
from shared.producer.kinds import Kind
from shared.records.keys import derived_id
from shared.records.record import Natural
from shared.roster_copy.students import Filed

RULE, CONSENT, SHARING, PROFILE = "contact_rule", "consent", "sharing", "guardian_profile"
OF_THE_STUDENT = Filed(student="student_id", by_enrolment=True)

KINDS = (
    Kind(
        name=RULE,
        naturals=(Natural(RULE, ("student_id", "guardian_id", "rule", "from"), name="one_rule_from_a_day"),),
        filed=OF_THE_STUDENT,
    ),
    Kind(name=CONSENT, indexes=(("state.guardian_id",),)),
    Kind(name=SHARING, filed=OF_THE_STUDENT),
    Kind(name=PROFILE, indexes=(("state.student_ids",), ("state.same_as",))),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What is known here of a guardian; `same_as` is the id of the same person that survives.

    Of somebody who walked in, whom roster does not know, also who they are and whose guardian.
    """

    guardian_id: str
    preferred_language: str | None = None
    interpreter_needed: bool | None = None
    best_time: str | None = None
    same_as: str | None = None
    walk_in: bool = False
    name: str | None = None
    phone: str | None = None
    relation: Relation = "guardian"
    student_ids: tuple[str, ...] = ()
    since: date | None = None


def rule_key(student_id: str, rule_id: str) -> str:
    """The id of a student's rule: what one student's are called tells nothing of another's."""
    return derived_id(student_id, rule_id)


def consent_key(guardian_id: str, channel: str, about: str) -> str:
    """The id of what a guardian says of a channel for a matter."""
    return derived_id(guardian_id, f"{channel} {about}")


def rule_of(state: Mapping[str, Any]) -> Rule:
    """The rule that a state holds, without its basis."""
    return msgspec.convert({**state, "begin": state["from"], "until": state["to"]}, Rule)


def consent_of(state: Mapping[str, Any]) -> Consent:
    """What a guardian has said, as a state holds it."""
    return msgspec.convert(state, Consent)


def sharing_of(state: Mapping[str, Any]) -> Sharing:
    """What lets a student of age share, as a state holds it."""
    return msgspec.convert(state, Sharing)


def profile_of(state: Mapping[str, Any]) -> Profile:
    """The guardian that a state holds."""
    return msgspec.convert(state, Profile)
