"""What one value of a dimension is called on a page."""

import pytest

from services.insights.numbers.names import Names


@pytest.mark.parametrize(
    ("grade", "called"),
    [("09", "Grade 9"), ("12", "Grade 12"), ("KG", "KG"), ("Other", "Other"), ("not_reported", "Not reported")],
)
def test_a_grade_is_called_by_its_number_or_its_code(grade, called):
    assert str(Names().label("grade_level", grade)) == called


@pytest.mark.parametrize(
    ("code", "called"),
    [
        pytest.param("spa", "Spanish", id="of the texts"),
        pytest.param("vie", "Vietnamese", id="with a code of two letters"),
        pytest.param("ase", "American Sign Language", id="of three letters alone"),
        pytest.param("ood", "ood", id="without a name"),
        pytest.param("not_reported", "Not reported", id="not said"),
    ],
)
def test_a_language_is_called_by_its_name(code, called):
    assert [str(Names().label(of, code)) for of in ("language", "family_language")] == [called, called]
