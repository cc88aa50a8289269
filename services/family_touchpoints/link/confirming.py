"""A family confirms by a link in which language and by which ways it wants to be spoken with, or takes a way away."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, get_args

import msgspec

from services.family_touchpoints.contact.closing.rules import consent_next
from services.family_touchpoints.contact.keeping import Wish, keep, keep_one
from services.family_touchpoints.contact.record import CONSENT, PROFILE, Profile, consent_key
from services.family_touchpoints.contact.rules import About, Channel, Family
from shared.errors import Refused
from shared.producer.desk import Desk
from shared.records.record import Entry

CHANNELS: tuple[Channel, ...] = get_args(Channel)


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmed:
    """What was said of one way for one matter."""

    channel: Channel
    about: About
    yes: bool


def open_on(family: Family, guardian_id: str, channel: Channel, about: About, day: date) -> bool:
    """Whether the guardian has not withdrawn the way for the matter, under any of their ids."""
    whose = family.person(guardian_id)
    return not any(
        one.withdrawn_on(day)
        for one in family.consents
        if (one.channel, one.about) == (channel, about) and family.person(one.guardian_id) == whose
    )


def said_of_all(family: Family, guardian_id: str, about: About, *, yes: bool, day: date) -> list[Confirmed]:
    """What a word about a matter as a whole says of each way.

    A yes opens them where all are closed: where some are open it says nothing new, and what was
    withdrawn, such as texts alone, stays withdrawn.
    """
    if yes and any(open_on(family, guardian_id, one, about, day) for one in CHANNELS):
        return []
    return [Confirmed(channel=one, about=about, yes=yes) for one in CHANNELS]


async def confirm(
    desk: Desk, family: Family, guardian_id: str, *, language: str | None, said: list[Confirmed], entry: Entry
) -> None:
    """Keep what the guardian prefers; what stands so already is not written again. Raise Refused."""
    today = await desk.today()
    wishes = [wish for one in said for wish in _wishes(family, guardian_id, one, today)]
    for came in await keep(desk, CONSENT, wishes, entry):
        if isinstance(came, Refused):
            raise came
    if language is not None:
        await keep_one(desk, PROFILE, Wish(guardian_id, lambda now: _speaking(now, guardian_id, language)), entry=entry)
    await desk.students_changed([family.student_id])


def _wishes(family: Family, guardian_id: str, said: Confirmed, today: date) -> Iterator[Wish]:
    """For the guardian's own id, and, to open a way again, for every id of theirs under which it was withdrawn."""
    whose = family.person(guardian_id)
    ids = {guardian_id} | {
        one.guardian_id
        for one in family.consents
        if said.yes
        and (one.channel, one.about) == (said.channel, said.about)
        and family.person(one.guardian_id) == whose
    }
    for id in sorted(ids):
        yield _wish(id, said, today)


def _wish(guardian_id: str, said: Confirmed, today: date) -> Wish:
    step = {"status": "granted" if said.yes else "withdrawn", "on": today.isoformat(), "how": "link"}
    whose = {"guardian_id": guardian_id, "channel": said.channel, "about": said.about}

    def becomes(now: Mapping[str, Any] | None) -> dict[str, Any]:
        before = list(now["steps"]) if now else []
        if now and before and before[-1]["status"] == step["status"]:
            return dict(now)
        # Of what is said by a link on one day the last stands: whoever opens it often makes no long list.
        others = [one for one in before if (one["on"], one["how"]) != (step["on"], "link")]
        return consent_next(whose, [*others, step], today)

    return Wish(consent_key(guardian_id, said.channel, said.about), becomes)


def _speaking(now: Mapping[str, Any] | None, guardian_id: str, language: str) -> dict[str, Any]:
    if now is None:
        state: dict[str, Any] = msgspec.to_builtins(Profile(guardian_id=guardian_id, preferred_language=language))
        return state
    return {**now, "preferred_language": language}
