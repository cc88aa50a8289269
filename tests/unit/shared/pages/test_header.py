"""The header of every page leads people to pages that are open to them, and to nobody else's."""

import pytest

from services.credentials.access import ACCESS as AT_CREDENTIALS
from services.family_touchpoints.access import ACCESS as AT_FAMILIES
from services.insights.access import ACCESS
from shared.pages import header


@pytest.mark.parametrize(
    ("offered", "opened"),
    [
        pytest.param(header.FIND_STUDENTS, ACCESS["students_page"], id="students are found"),
        pytest.param(header.FIND_STUDENTS, ACCESS["student_page"], id="a student is shown"),
        pytest.param(header.IMPORT_FILES, ACCESS["imports_page"], id="files are imported"),
        pytest.param(header.LOG_CLASSES, AT_CREDENTIALS["class_page"], id="a class is logged"),
        pytest.param(header.LOG_CLASSES, ACCESS["class_page"], id="the class page's old address"),
        pytest.param(header.CALL_FAMILIES, AT_FAMILIES["calls_page"], id="families are called"),
    ],
)
def test_a_way_is_offered_to_those_whom_its_page_is_open_to(offered, opened) -> None:
    assert offered == opened.keys()
