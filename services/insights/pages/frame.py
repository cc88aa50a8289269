"""The pages of insights have their templates and files here; their templates may use these words."""

from collections.abc import Mapping
from pathlib import Path

from services.insights.numbers.board import has_window
from services.insights.pages import own_page, words
from shared.pages.page import Pages
from shared.words.said import Said, said

# By what of an address could not be read: what would work there.
WORKS: Mapping[str, Said] = {
    "school_year": said("A school year is written like 2024-25. Choose one from the list."),
    "as_of": said("This is no day. Choose one from the calendar."),
    "where": said("There is no such part of the district. Choose one from the list."),
}
PAGES = Pages(
    folder=Path(__file__).parent,
    given={"has_window": has_window, "STATUS": words.STATUS, "MEANING": words.MEANING, "ROLES": words.ROLES},
    speaking=(
        *(words.figure, words.behind, words.missing, words.freshness, words.percent_of, words.target, words.spoken),
        *(own_page.of_program, own_page.of_award),
    ),
    speaking_filters={"percent": words.percent},
    works=WORKS,
    serves_shared=True,
)
