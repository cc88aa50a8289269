"""An organisation may say on which days the terms of a school year begin; every other write of it keeps them. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import Any

from services.roster.identity.people import State
from services.roster.kinds.rows import refuse_any
from services.roster.values import TermBegins
from shared.contracts import roster as contract
from shared.errors import Problem
from shared.school_year import last_day, school_year_of

TERMS = "terms"
TERMS_AT_LEAST = 2


def with_terms(state: State, school_year: str, wanted: Sequence[TermBegins], starts: tuple[int, int]) -> State:
    """The state with these terms of a year in the place of those it had. Raise Refused for what is no table of terms.

    `starts`: the month and day on which the cted's school year begins.
    """
    refuse_any(list(_problems(school_year, wanted, starts)))
    others = [each for each in state.get(TERMS, ()) if each["school_year"] != school_year]
    mine = [{"school_year": school_year, **each.model_dump(mode="json")} for each in wanted]
    return with_told({name: value for name, value in state.items() if name != TERMS}, [*others, *mine])


def with_told(state: State, terms: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    """The state with terms of all years, in the order of their days; one without any says nothing of them."""
    told = sorted((dict(each) for each in terms), key=lambda each: each["begins"])
    return {**state, TERMS: told} if told else dict(state)


def terms_of(state: State) -> Sequence[Mapping[str, str]]:
    """The terms of all years, as they are kept."""
    found: Sequence[Mapping[str, str]] = state.get(TERMS, ())
    return found


def told_of(state: State) -> tuple[contract.TermBegins, ...]:
    """The terms of all years, as they are published."""
    return tuple(
        contract.TermBegins(
            school_year=each["school_year"], term=each["term"], begins=date.fromisoformat(each["begins"])
        )
        for each in terms_of(state)
    )


def _problems(school_year: str, wanted: Sequence[TermBegins], starts: tuple[int, int]) -> Iterator[Problem]:
    if 0 < len(wanted) < TERMS_AT_LEAST:
        works = "send every term of the year, or an empty list to take the year's table away"
        yield Problem("/terms", "a school year has at least two terms", works, "too_few")
    first, last = date(int(school_year[:4]), *starts), last_day(school_year, starts)
    for at, one in enumerate(wanted):
        if school_year_of(one.begins, starts) != school_year:
            detail = f"term {one.term} begins on {one.begins}, which is not in {school_year}"
            yield Problem(f"/terms/{at}/begins", detail, f"write a day from {first} to {last}", "outside_year")
    for at, (before, one) in enumerate(pairwise(wanted), 1):
        if one.begins <= before.begins:
            detail = f"term {one.term} does not begin after term {before.term}"
            works = "give each term a day of its own, in the order of the days"
            yield Problem(f"/terms/{at}/begins", detail, works, "wrong_order")
    names = [each.term for each in wanted]
    for at, name in enumerate(names):
        if name in names[:at]:
            yield Problem(f"/terms/{at}/term", f"two terms are named {name}", "name each term otherwise", "twice")
