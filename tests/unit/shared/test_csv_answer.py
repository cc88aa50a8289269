"""No cell of a CSV answer is taken for a formula."""

import pytest

from shared.csv.answers import line


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20"])
def test_a_formula_is_text(first):
    assert line([f"{first}1+1"]).strip('"').startswith(f"'{first}")


@pytest.mark.parametrize("cell", ["Welding", "2025-05-20", "a=b", "", None])
def test_anything_else_is_itself(cell):
    assert line([cell]) == f"{cell or ''}\r\n".replace("\r\n", '""\r\n' if cell in ("", None) else "\r\n")
