"""What one value of a dimension is called on a page."""

import pytest

from services.insights.numbers.names import Names


@pytest.mark.parametrize(
    ("grade", "called"),
    [("09", "Grade 9"), ("12", "Grade 12"), ("KG", "KG"), ("Other", "Other"), ("not_reported", "Not reported")],
)
def test_a_grade_is_called_by_its_number_or_its_code(grade, called):
    assert str(Names().label("grade_level", grade)) == called
