"""Which language a cell means, however it is written, and that nobody guesses."""

import pytest
from babel.core import get_global

from services.roster.oneroster.read.languages import NAMED, OF_TWO, language_of


@pytest.mark.parametrize(
    ("written", "language"),
    [
        ("es", "spa"),
        ("ES", "spa"),
        ("spa", "spa"),
        ("es-MX", "spa"),
        ("es_MX", "spa"),
        ("es-419", "spa"),
        ("Spanish", "spa"),
        (" spanish ", "spa"),
        ("Mexican Spanish", "spa"),
        ("Castilian", "spa"),
        ("en-US", "eng"),
        ("English", "eng"),
        ("ger", "deu"),
        ("deu", "deu"),
        ("zh-Hans-CN", "zho"),
        ("chi", "zho"),
        ("cmn", "zho"),
        ("Mandarin", "zho"),
        ("Cantonese", "yue"),
        ("vi", "vie"),
        ("tl", "tgl"),
        ("tgl", "tgl"),
        ("Tagalog", "tgl"),
        ("Filipino", "fil"),
        ("iw", "heb"),
        ("Navajo", "nav"),
        ("Haitian Creole", "hat"),
        ("O\u2019odham", "ood"),
        ("ood", "ood"),
        ("Farsi", "fas"),
        ("pes", "fas"),
        ("Dari", "prs"),
        ("American Sign Language", "ase"),
        ("Hmong", "hmn"),
        ("Lao", "lao"),
    ],
)
def test_what_is_certain_is_read_as_iso_639_3(written, language):
    assert language_of(written) == language


@pytest.mark.parametrize(
    "written",
    [
        pytest.param("", id="nothing"),
        pytest.param("xx", id="a code of no language"),
        pytest.param("SPN", id="a code of a system's own, which ISO 639-3 has for another language"),
        pytest.param("S", id="a letter"),
        pytest.param("01", id="a number"),
        pytest.param("Ga", id="the name of one language, the code of another"),
        pytest.param("Karen", id="a name of several languages"),
        pytest.param("Spanish/English", id="two languages"),
        pytest.param("es, en", id="two codes"),
        pytest.param("Spansh", id="nearly a name"),
        pytest.param("Other", id="another one"),
        pytest.param("und", id="the code for not known"),
        pytest.param("mul", id="the code for several"),
        pytest.param("Unknown language", id="not known, in words"),
        pytest.param("es-or-en", id="words with hyphens"),
    ],
)
def test_what_is_not_certain_is_not_read(written):
    assert language_of(written) is None


def test_the_codes_of_the_two_standards_are_of_one_language():
    same = get_global("language_aliases")
    apart = {two for two, three in OF_TWO.items() if same.get(three) != two}

    assert apart == {"sh", "tl", "tw"}, "for these Babel writes a macrolanguage or a successor"
    # Kom is also the name of a language of Cameroon.
    assert [three for three in OF_TWO.values() if language_of(three) != three] == ["kom"]
    assert [name for name, code in NAMED.items() if language_of(name) != code or language_of(code) != code] == []
