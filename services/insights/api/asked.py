"""Every view of numbers is asked for by plan, year, day and part; the reader that answers is handed out here."""

from datetime import date
from typing import Annotated

from fastapi import Depends, Query, Request

from services.insights.numbers.reader import Asked, Reader
from shared.words.fields import SCHOOL_YEAR_PATTERN

SchoolYear = Annotated[
    str | None,
    Query(pattern=SCHOOL_YEAR_PATTERN, examples=["2024-25"], description="By default the newest settled one."),
]
AsOf = Annotated[
    date | None, Query(examples=["2025-09-30"], description="Business dates up to this one count; by default today.")
]


async def asked(
    plan: Annotated[str, Query(max_length=64)] = "aurora",
    school_year: SchoolYear = None,
    as_of: AsOf = None,
    campus: Annotated[str | None, Query(max_length=64, description="An organisation's id.")] = None,
    district: Annotated[str | None, Query(max_length=64, description="Not together with campus.")] = None,
) -> Asked:
    """What every view of numbers can be asked for."""
    return Asked(plan, school_year, as_of, campus or None, district or None)


AskedView = Annotated[Asked, Depends(asked)]


async def the_reader(request: Request) -> Reader:
    """The reader that the app was started with."""
    found: Reader = request.app.state.reader
    return found


TheReader = Annotated[Reader, Depends(the_reader)]
