"""The rules of celebrating: which award may be announced, what is kept of it, and what takes it back."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal, Protocol

from shared.contracts.credentials import Result
from shared.errors import Problem

Channel = Literal[
    "assembly", "board_meeting", "classroom", "ceremony", "newsletter", "press", "school_website", "social_media",
    "other",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Celebration:
    """An award was announced, somewhere, on a day."""

    channel: Channel
    celebrated_on: date


class Celebrated(Protocol):
    """What the rules ask of an award."""

    @property
    def result(self) -> Result: ...
    @property
    def awarded_on(self) -> date | None: ...
    @property
    def revoked_on(self) -> date | None: ...


def opted_out() -> Problem:
    """Why nothing is announced about a student whose family said no."""
    return Problem(
        "/channel",
        "the student has opted out of directory information, and so this award is not announced",
        "it may be once the family has agreed and roster's directory_opt_out is lifted",
        "opted_out",
    )


def in_the_way(award: Celebrated, one: Celebration, *, today: date) -> Iterator[Problem]:
    """What is wrong with celebrating an award so."""
    on = one.celebrated_on
    if award.result != "passed" or award.awarded_on is None:
        yield Problem(
            "/channel",
            f"only a passed result is celebrated, this one is {award.result}",
            "correct it first",
            "not_passed",
        )
        return
    if on > today:
        yield Problem(
            "/celebrated_on", f"celebrated_on {on} is in the future", "send it on or after that day", "in_future"
        )
    if on < award.awarded_on:
        said = f"celebrated_on {on} is before awarded_on {award.awarded_on}"
        works = "check both dates"
        yield Problem("/celebrated_on", said, works, "wrong_order")
    if award.revoked_on and on >= award.revoked_on:
        said = f"the award was revoked on {award.revoked_on}"
        works = "celebrate the one that replaces it"
        yield Problem("/celebrated_on", said, works, "revoked")


def only_taken_back(before: Collection[Celebration], wanted: Collection[Celebration]) -> Iterator[Problem]:
    """What is wrong with the celebrations that are to stand: a correction takes back, it announces nothing."""
    if not set(wanted) <= set(before):
        said = "a correction only takes celebrations back"
        works = "POST /v1/awards/{id}/celebration records one"
        yield Problem("/celebrations", said, works, "only_taken_back")


def first_day(celebrations: Collection[Celebration]) -> date | None:
    """The day of the first celebration."""
    return min((one.celebrated_on for one in celebrations), default=None)
