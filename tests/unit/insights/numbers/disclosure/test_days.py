"""A day has one form on the pages of a language, whoever wrote the sentence that it stands in."""

from datetime import date

import pytest

from services.insights.pages.words import day
from shared.pages.texts import languages
from shared.words.said import said

EIGHTH = date(2025, 9, 8)
WRITTEN = {"en": "8 September 2025", "es": "8 de septiembre de 2025"}


@pytest.mark.parametrize("language", WRITTEN)
def test_a_day_is_written_alike_as_a_date_as_text_and_within_a_sentence(language) -> None:
    texts, written = languages()[language], WRITTEN[language]

    assert {day(texts, EIGHTH), day(texts, "2025-09-08"), texts.day(EIGHTH)} == {written}
    assert written in texts.of(said("%(given)s is no day of any year; choose one from the calendar", given=EIGHTH))
    assert texts.dated("award of X on 2025-09-08 came late") == f"award of X on {written} came late"


@pytest.mark.parametrize(
    ("sentence", "shown"),
    [
        pytest.param("earned on 2025-09-08, in time", "earned on 8 September 2025, in time", id="before a comma"),
        pytest.param("(2025-09-08)", "(8 September 2025)", id="in brackets"),
        pytest.param("2025-09-08: not yet by 2025-10-01", "8 September 2025: not yet by 1 October 2025", id="two"),
        pytest.param("form spring-2025-09-08", "form spring-2025-09-08", id="the id of a form"),
        pytest.param("form 2025-09-08-b", "form 2025-09-08-b", id="an id that begins with a day"),
        pytest.param("in 2025-26", "in 2025-26", id="a school year"),
        pytest.param("form 2025-02-30", "form 2025-02-30", id="no day of any year"),
    ],
)
def test_only_what_is_a_day_is_written_otherwise(sentence, shown) -> None:
    assert languages()["en"].dated(sentence) == shown


def test_to_the_api_a_day_is_what_machines_read() -> None:
    assert str(said("counts are known up to %(today)s", today=EIGHTH)) == "counts are known up to 2025-09-08"
