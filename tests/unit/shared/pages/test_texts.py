"""The catalogues are whole, and the look-over that says so sees what is missing."""

import re
import shutil
from datetime import date
from fractions import Fraction
from typing import get_args

import pytest
from babel.messages.pofile import read_po

from deploy import texts as catalogues
from services.aggregator.domain.measures import w1_reasons
from services.insights.pages import own_page, words
from shared.contracts.credentials import Level, Result
from shared.pages import writing
from shared.pages.texts import FILE, LOCALE, Texts, languages, locale_of, texts_of
from shared.words.said import said

SPANISH = f"{catalogues.KEPT}/es/{FILE}"
PAGES = "services/insights/pages"


def test_every_text_of_every_page_is_in_every_catalogue() -> None:
    assert catalogues.problems() == []
    assert list(languages()) == ["en", "es"]


@pytest.fixture
def root(tmp_path):
    """Where what the texts stand in is copied to be spoilt: at first only the catalogues."""
    shutil.copytree(LOCALE, tmp_path / catalogues.KEPT)
    return tmp_path


def spoil(root, file, old, new) -> None:
    path = root / file
    path.parent.mkdir(parents=True, exist_ok=True)
    text = (path if path.exists() else catalogues.ROOT / file).read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


CLASS = "services/credentials/pages/static/class.js"
OWN, MEMBERS = f"{PAGES}/templates/own_page.html", f"{PAGES}/templates/members.html"
SPOILT = [
    pytest.param(OWN, '{{ _("Your programs") }}', "Your programs", "'Your programs' is in no", id="bare"),
    pytest.param(OWN, "{{ _('Main') }}", "Main places", "'Main places' is in no", id="bare label"),
    pytest.param(MEMBERS, '_("Counted") if', '"Counted" if', "'Counted' is in no", id="computed"),
    pytest.param(OWN, "Your programs", "Your courses", "es: 'Your courses' is not as", id="new in a template"),
    pytest.param(CLASS, "Saving…", "Storing…", "es: 'Storing…' is not as", id="new in a script"),
    pytest.param(f"{PAGES}/own_page.py", "Would count", "May count", "es: 'May count' is not as", id="new in Python"),
    pytest.param(
        SPANISH, 'msgstr "Tus programas"', 'msgstr ""', "'Your programs' is read by families", id="not translated"
    ),
    pytest.param(
        SPANISH, '#, python-format\nmsgid "Signed in as', '#, fuzzy, python-format\nmsgid "Signed in as',
        "'Signed in as student %(id)s.' is read by families", id="fuzzy",
    ),
    pytest.param(SPANISH, "estudiante %(id)s", "estudiante %(no)s", "unknown named placeholder", id="placeholder"),
    pytest.param(SPANISH, "Tus programas", "Tus <b>programas", "the marks < >", id="a mark that is not in English"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "told"), SPOILT)
def test_what_is_missing_or_stale_is_named(root, file, old, new, told) -> None:
    spoil(root, file, old, new)

    assert any(told in line for line in catalogues.problems(root)), catalogues.problems(root)


def test_bringing_up_to_date_keeps_translations_and_begins_a_language(root) -> None:
    for part in ("services", "shared"):
        said = shutil.ignore_patterns("__pycache__")
        shutil.copytree(catalogues.ROOT / part, root / part, dirs_exist_ok=True, ignore=said)
    before = (root / SPANISH).read_text()
    catalogues.update([], root)
    assert (root / SPANISH).read_text() == before

    spoil(root, OWN, "Your programs", "Your courses")
    catalogues.update(["fr"], root)
    kept = (root / SPANISH).read_text()

    assert 'msgid "Your courses"\nmsgstr ""' in kept
    assert "Your programs" not in kept
    assert 'msgid "Your courses"\nmsgstr ""' in (root / catalogues.KEPT / f"fr/{FILE}").read_text()
    assert all(line.startswith("fr:") for line in catalogues.problems(root) if "Your courses" not in line)


def test_a_script_says_nothing_that_is_not_found_in_it() -> None:
    """Every call that asks for a text is one that the catalogue's reader understands."""
    scripts = "".join(path.read_text() for path in catalogues.files(catalogues.ROOT, catalogues.SCRIPTS))
    asked = len(re.findall(r"(?<![\w.])(?:_|ngettext)\(", scripts))
    defined = 1  # `function ngettext(`
    found = catalogues.extracted()
    places = sum(name.endswith(".js") for one in found for name, _ in one.locations)

    assert places == asked - defined


def test_each_reason_has_words_for_the_student() -> None:
    codes = {*w1_reasons.NEAREST_FIRST, "earned", "no_award", "after_as_of", "not_central"}

    assert own_page.WHY.keys() == codes
    assert own_page.LEVELS.keys() == set(get_args(Level))
    assert own_page.RESULTS.keys() == set(get_args(Result))


def test_what_is_said_is_english_and_can_be_said_otherwise() -> None:
    """In a sentence within a sentence too; names and codes stay as they are."""
    inner = said("there is no plan %(key)s; there is %(known)s", key="x", known="aurora")
    outer = said("Not up to date: %(why)s.", why=inner)
    spanish = languages()["es"]

    assert outer == "Not up to date: there is no plan x; there is aurora."
    assert languages()["en"].of(outer) == outer
    assert spanish.of(outer) == "Sin actualizar: no existe el plan x; hay aurora."
    assert spanish.of("Met") == "Met"


@pytest.mark.parametrize(
    ("language", "number", "on", "share"),
    [
        ("en", "1,219", "2 November 2026", "89.9 %"),
        ("es", "1,219", "2 de noviembre de 2026", "89.9 %"),
        ("de", "1.219", "2 November 2026", "89,9 %"),
    ],
)
def test_numbers_and_days_are_written_as_the_language_does(language, number, on, share) -> None:
    """In Spanish as it is written in the United States; German, which has no catalogue, has English texts."""
    texts = languages().get(language) or Texts(language, locale_of(language))

    assert writing.thousands(texts, 1219) == number
    assert writing.day(texts, date(2026, 11, 2)).startswith(on[:10])
    assert words.percent(texts, Fraction(8996, 10000)) == share


@pytest.mark.parametrize(
    ("seconds", "english", "spanish"),
    [
        (0.2, "just now", "ahora mismo"),
        (1, "1 second ago", "hace 1 segundo"),
        (59, "59 seconds ago", "hace 59 segundos"),
        (60, "1 minute ago", "hace 1 minuto"),
        (7200, "2 hours ago", "hace 2 horas"),
        (90000, "1 day ago", "hace 1 día"),
    ],
)
def test_how_long_ago_has_the_right_plural(seconds, english, spanish) -> None:
    assert writing.ago(languages()["en"], seconds) == english
    assert writing.ago(languages()["es"], seconds) == spanish


def test_a_translation_that_is_not_finished_is_not_shown() -> None:
    with (catalogues.ROOT / SPANISH).open("rb") as file:
        catalogue = read_po(file, locale="es")
    catalogue["Sign out"].flags.add("fuzzy")

    assert texts_of("es", catalogue).gettext("Sign out") == "Sign out"
    assert languages()["es"].gettext("Sign out") == "Cerrar sesión"


def test_scripts_get_their_texts_with_the_forms_of_plural_by_name() -> None:
    scripts = languages()["es"].scripts

    assert '"Saving…": "Guardando…"' in scripts
    assert '"plural": {"other": 1, "one": 0' in scripts or '"one": 0' in scripts
    assert "Cerrar sesión" not in scripts
    assert languages()["en"].scripts == ""
