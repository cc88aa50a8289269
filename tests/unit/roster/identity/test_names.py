"""By which words a student is found: nobody has to know how a name is written exactly."""

import pytest

from services.roster.identity.names import name_words
from services.roster.reach.search import asked_words
from shared.errors import Refused


def found(asked: str, given="Sample", family="Student", preferred=None) -> bool:
    kept = name_words({"given_name": given, "family_name": family, "preferred_name": preferred})
    return all(any(word.startswith(one) for word in kept) for one in asked_words(asked))


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        pytest.param("nunez", {"family": "Núñez"}, id="accents left out"),
        pytest.param("NÚÑEZ", {"family": "Nunez"}, id="accents and capitals too many"),
        pytest.param("Nu\u0301n\u0303ez", {"family": "N\u00fa\u00f1ez"}, id="accents written apart"),
        pytest.param("stu sam", {}, id="beginnings, in any order"),
        pytest.param("cruz", {"family": "de la Cruz"}, id="a later word of a name"),
        pytest.param("delacruz", {"family": "de la Cruz"}, id="several words written as one"),
        pytest.param("ohara", {"family": "O'Hara"}, id="no apostrophe"),
        pytest.param("o’hara", {"family": "O'Hara"}, id="another apostrophe"),
        pytest.param("o hara", {"family": "O'Hara"}, id="a blank for an apostrophe"),
        pytest.param("hara", {"family": "O'Hara"}, id="behind an apostrophe"),
        pytest.param("anne marie", {"given": "Anne-Marie"}, id="a blank for a hyphen"),
        pytest.param("annemarie", {"given": "Anne-Marie"}, id="no hyphen"),
        pytest.param("strasse", {"family": "Straße"}, id="sharp s"),
        pytest.param("soren lodz", {"given": "Søren", "family": "Łódź"}, id="letters with a stroke"),
        pytest.param("buddy", {"preferred": "Buddy"}, id="the preferred name"),
        pytest.param("  sam  ", {}, id="blanks around"),
        pytest.param("wu o", {"given": "O", "family": "Wu"}, id="a name of one letter beside another word"),
    ],
)
def test_a_name_is_found_as_people_write_it(asked, name) -> None:
    assert found(asked, **name)


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        pytest.param("ample", {}, id="not from within a word"),
        pytest.param("sample other", {}, id="every word counts"),
        pytest.param("samples", {}, id="no more than the word"),
        pytest.param("none", {"preferred": None}, id="a preferred name that is not there"),
    ],
)
def test_what_is_not_asked_is_not_found(asked, name) -> None:
    assert not found(asked, **name)


@pytest.mark.parametrize("asked", ["", " ", "a", "-", "'", "a b", "\u0301", ".*"])
def test_less_than_two_letters_are_refused_with_what_would_work(asked) -> None:
    with pytest.raises(Refused, match="write at least two letters of a name"):
        asked_words(asked)
