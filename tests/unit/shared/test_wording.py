"""Nobody is ever shown a pattern: what is wrong is said in words, with what would work."""

import subprocess
import sys
from typing import Literal

import pytest
from pydantic import TypeAdapter, ValidationError

from services.credentials.assessment.bodies import AssessmentBody, Correct, Items, Score
from services.credentials.award.bodies import Link
from services.roster.values import GradeLevel, SchoolYear
from shared.producer.producers import INSIGHTS, PRODUCERS
from shared.words.fields import Day, Id
from shared.words.forms import UNSAID
from shared.words.wording import nearest, worded

Kind = Literal["program", "technical_skills"]


def said(asked, value):
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(asked).validate_python(value)
    found = refused.value.errors()[-1]
    return worded(found["type"], found["msg"], found.get("ctx", {}), value)


@pytest.mark.parametrize(
    ("asked", "value", "works"),
    [
        pytest.param(Score, "72,5", "write 72.5, with a point", id="a decimal comma"),
        pytest.param(
            Score, "-3", "write a number from 0 on, with a point and not a comma, such as 72.5", id="no score"
        ),
        pytest.param(
            Score, "1.23457E+11", "write all its digits: a spreadsheet has shortened", id="a shortened number"
        ),
        pytest.param(SchoolYear, "2026-2027", "write 2026-27", id="a long school year"),
        pytest.param(SchoolYear, "2026/2027", "write 2026-27", id="a school year with a stroke"),
        pytest.param(SchoolYear, "next", "write a school year as 2024-25", id="no school year"),
        pytest.param(SchoolYear, "2024-26", "write a school year as 2024-25", id="a school year of two years"),
        pytest.param(SchoolYear, "2026-2028", "write a school year as 2024-25", id="years that do not follow"),
        pytest.param(Day, "2025-02-30", "write a day that exists, such as 2025-05-22", id="a day that is none"),
        pytest.param(Day, "5/22/2025", "write a day as text, YYYY-MM-DD", id="a day as a spreadsheet writes it"),
        pytest.param(Day, "1899-01-01", "write a year from 1900 to 2199", id="a year of nobody here"),
        pytest.param(GradeLevel, "senior", "write IT, PR, PK", id="no grade"),
        pytest.param(Id, "Grade 9", "write 1 to 64 letters of a to z, digits, - and _", id="a space in an id"),
        pytest.param(Link, "ftp://x", "write an address that begins with https://", id="no link"),
        pytest.param(Kind, "Technical Skills", "write technical_skills", id="a known word, written otherwise"),
        pytest.param(Kind, "x", "write one of program, technical_skills", id="no known word"),
        pytest.param(Correct, -3, "write a number that is at least 0", id="less than nothing"),
        pytest.param(Items, "many", "write a whole number, in digits alone", id="no number"),
        pytest.param(AssessmentBody, [], "send { … }", id="no object"),
    ],
)
def test_what_would_work_is_said(asked, value, works):
    found = said(asked, value)

    assert found.works.startswith(works)
    assert found.code
    assert "^" not in found.detail + found.works


UNSAID_IN = """
from services.{0} import main
from shared.words.forms import UNSAID, in_words, patterns_of
from shared.process.settings import Settings

patterns = patterns_of(main.build(Settings(jwks="none.json")).openapi())
print(len(patterns) > 1, [one for one in patterns if in_words(one) == UNSAID])
"""


@pytest.mark.real
@pytest.mark.parametrize("service", [one.name for one in (*PRODUCERS, INSIGHTS)])
def test_every_pattern_of_a_service_has_its_words_in_the_service_s_own_process(service):
    asked = [sys.executable, "-c", UNSAID_IN.format(service)]

    assert subprocess.run(asked, capture_output=True, text=True, check=True).stdout == "True []\n"


def test_a_pattern_without_words_is_no_error():
    assert worded("string_pattern_mismatch", "", {"pattern": "^made up$"}).works == f"write {UNSAID}"


@pytest.mark.parametrize(
    ("value", "known", "found"),
    [
        pytest.param("Welding", ["nursing", "welding"], "welding", id="case"),
        pytest.param("IT Security", ["it_security"], "it_security", id="a space"),
        pytest.param("weldng", ["nursing", "welding"], "welding", id="a slip"),
        pytest.param("carpentry", ["nursing", "welding"], "", id="another thing"),
        pytest.param(7, ["nursing"], "", id="no text"),
    ],
)
def test_the_nearest_known_word(value, known, found):
    assert nearest(value, known) == found
