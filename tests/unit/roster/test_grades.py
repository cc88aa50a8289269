"""However a grade is written, it is one of a short list, or nobody is sure which."""

import pytest
from pydantic import ValidationError

from services.roster.grades import CODES, WORKS, grade_of
from services.roster.values import YearAtSchool

READ = [
    *((code, code) for code in CODES),
    *((code.lower(), code) for code in CODES),
    *((written, "09") for written in ("9", "09", "9th", "Grade 9", "grade 09", "GRADE  9", "Gr. 9", "9th Grade")),
    ("9.0", "09"),
    *((written, "11") for written in ("11", " 11 ", "11th", "Grade 11", "G11")),
    ("1st", "01"),
    ("2nd", "02"),
    ("3rd grade", "03"),
    ("13", "13"),
    ("K", "KG"),
    ("Kindergarten", "KG"),
    ("Pre-K", "PK"),
    ("Ungraded", "UG"),
]


@pytest.mark.parametrize(("written", "grade"), READ, ids=[written for written, _ in READ])
def test_what_is_certain_is_one_of_the_vocabulary(written, grade):
    assert grade_of(written) == grade


@pytest.mark.parametrize("written", ["", "0", "00", "14", "9-10", "9,10", "senior", "A1", "9a", "Grade", "009", "-9"])
def test_what_could_mean_several_is_none(written):
    assert grade_of(written) is None


@pytest.mark.parametrize(("written", "grade"), [("9th", "09"), ("Grade 9", "09"), ("kg", "KG"), (None, None)])
def test_a_record_keeps_the_vocabulary(written, grade):
    assert YearAtSchool(school_year="2024-25", grade_level=written).grade_level == grade


@pytest.mark.parametrize("written", ["senior", "0", "14", "x" * 41])
def test_a_record_refuses_what_is_not_certain_and_lists_what_works(written):
    with pytest.raises(ValidationError) as refused:
        YearAtSchool(school_year="2024-25", grade_level=written)

    told = refused.value.errors()[0]["msg"]
    assert WORKS in told or len(written) > 40
    assert "pattern" not in told
