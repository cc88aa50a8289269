"""The days, places and programs of made-up histories: few, so that histories meet them again and again."""

from datetime import date

from hypothesis import strategies as st

from shared.school_year import school_year_of

PROGRAMS = ("welding", "nursing")
CAMPUSES = {"north": "central_campus", "south": "central_campus", "valley": "satellite_campus"}
# Few days, and those that a rule turns on, so that histories meet them again and again:
# starts, completions, the day a year after each, the day after that, and the days around a start.
STARTS = ["2023-08-01", "2023-08-01", "2024-09-15"]
COMPLETIONS = ["2024-02-29", "2025-05-20", "2025-05-20", "2025-06-30"]
AWARDED = [
    *("2023-07-31", "2023-08-01", "2024-09-14", "2025-02-28", "2025-03-01", "2025-05-20", "2025-09-15"),
    *("2026-05-20", "2026-05-21", "2026-06-30", "2026-07-01"),
]
DAYS = sorted({*STARTS, *COMPLETIONS, *AWARDED})
AS_OF = [
    date.fromisoformat(day)
    for day in (
        *("2024-02-28", "2024-02-29", "2025-02-28", "2025-03-01", "2025-05-19", "2025-05-20", "2025-06-30"),
        *("2025-09-14", "2025-09-15", "2026-05-20", "2026-05-21", "2026-06-30", "2026-07-01", "2028-01-01"),
    )
]
YEARS = ("2023-24", "2024-25", "2025-26")
DAY = st.sampled_from(DAYS)
MAYBE_DAY = st.none() | DAY
FLAG = st.sampled_from((None, True, False))


def year_of(day: str) -> str:
    return school_year_of(date.fromisoformat(day))
