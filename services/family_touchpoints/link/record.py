"""How a link is kept: one record for a guardian and a purpose, which knows the newest token by its digest alone."""

import hashlib
import secrets
from collections.abc import Mapping
from typing import Any

import msgspec

from services.family_touchpoints.link.rules import Link, LinkPurpose
from shared.producer.kinds import Kind
from shared.records.keys import derived_id
from shared.records.record import Draft, Entry
from shared.roster_copy.students import Filed

LINK = "link"
TOKEN_BYTES = 32
KIND = Kind(
    name=LINK,
    indexes=(("state.token",), ("state.guardian_id",)),
    filed=Filed(student="student_id", by_enrolment=True),
)


def new_token() -> str:
    """What nobody can guess, as it stands in an address."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def digest_of(token: str) -> str:
    """What is kept of a token: from it the token cannot be found."""
    return hashlib.sha256(token.encode()).hexdigest()


def link_key(purpose: LinkPurpose, about: str, guardian_id: str) -> str:
    """The id of a guardian's link for a purpose: a new token is in the place of the former."""
    return derived_id(f"{LINK} {purpose} {about}", guardian_id)


def link_draft(one: Link, entry: Entry, *, void: bool = False) -> Draft:
    """A link's wanted next state; of links nothing is published."""
    id = link_key(one.purpose, one.about, one.guardian_id)
    return Draft(LINK, id, msgspec.to_builtins(one), entry, void=void, of_others=True)


def link_of(state: Mapping[str, Any]) -> Link:
    """The link that a state holds."""
    return msgspec.convert(state, Link)
