"""Every text of the pages is written in English, and read in each language that there is a catalogue of."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from gettext import GNUTranslations, NullTranslations, c2py
from io import BytesIO
from pathlib import Path
from typing import Any

from babel import Locale, localedata
from babel.dates import format_date
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from shared.words.said import Said

LOCALE = Path(__file__).parent / "locale"
SOURCE = "en"
FILE = "LC_MESSAGES/aurora.po"
# The plans are of districts of the United States: whatever the language, 1,219 and 87.1 % are written so.
TERRITORY = "US"
# A day as machines write it that is not a part of something longer, such as the id of a form.
ISO_DAY = re.compile(r"(?<![\w-])[12]\d{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?![\w-])")
# Enough numbers to meet every form of plural that a language has.
NUMBERS = (*range(200), 1_000_000)


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts of one language, and how it writes days and numbers.

    `scripts` is what a page hands to its scripts: their texts, and which form of plural is which.
    """

    language: str
    locale: Locale
    catalogue: NullTranslations = field(default_factory=NullTranslations)
    scripts: str = ""

    def gettext(self, text: str, /, **values: Any) -> str:
        """The text in this language, filled in; in English where the catalogue has it not. A percent sign is `%%`."""
        return self.catalogue.gettext(text) % values

    def ngettext(self, one: str, many: str, number: int, /, **values: Any) -> str:
        """The same for a text that hangs on a number, which it may name as `%(num)s`."""
        return self.catalogue.ngettext(one, many, number) % ({"num": number} | values)

    def of(self, told: str) -> str:
        """What code has said, in this language; a name or a code stays as it is."""
        if not isinstance(told, Said):
            return told
        return self.gettext(told.pattern, **{name: self._of_any(value) for name, value in told.values.items()})

    def day(self, value: date) -> str:
        """30 September 2025: the one form that a day has on the pages of a language."""
        # TRANSLATORS: how a day is written, in the letters of Unicode's date patterns.
        return format_date(value, self.gettext("d MMMM y"), locale=self.locale)

    def dated(self, sentence: str) -> str:
        """The sentence with its days, written for machines, as this language writes days."""
        return ISO_DAY.sub(self._dated_one, sentence)

    def _dated_one(self, found: re.Match[str]) -> str:
        try:
            return self.day(date.fromisoformat(found[0]))
        except ValueError:  # a 30 February is the name of something
            return found[0]

    def _of_any(self, value: object) -> object:
        if isinstance(value, date):
            return self.day(value)
        return self.of(value) if isinstance(value, str) else value

    @property
    def tag(self) -> str:
        """The language as HTML and HTTP write it."""
        return self.language.replace("_", "-")

    @property
    def own_name(self) -> str:
        """What those who speak it call it."""
        name = Locale(self.locale.language).get_display_name()
        return name[:1].upper() + name[1:] if name else self.language


@cache
def languages() -> Mapping[str, Texts]:
    """Every language by its tag, English first: read once, when the first page is made ready."""
    found = {SOURCE: Texts(SOURCE, locale_of(SOURCE))}
    for path in sorted(LOCALE.glob(f"*/{FILE}")):
        language = path.relative_to(LOCALE).parts[0]
        found[language] = texts_of(language, catalogue_at(path, language))
    return found


def catalogue_at(path: Path, language: str) -> Catalog:
    """The catalogue as translators keep it."""
    with path.open("rb") as file:
        return read_po(file, locale=language, domain="aurora", abort_invalid=True)


def texts_of(language: str, catalogue: Catalog) -> Texts:
    """A language as its catalogue has it; what is marked as fuzzy is not used."""
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Texts(language, locale_of(language), GNUTranslations(compiled), _for_scripts(language, catalogue))


def locale_of(language: str) -> Locale:
    """How the language is written in the United States, or, where nobody has noted that, anywhere."""
    there = f"{language}_{TERRITORY}"
    return Locale.parse(there if localedata.exists(there) else language)


def _for_scripts(language: str, catalogue: Catalog) -> str:
    texts = {
        message.id if isinstance(message.id, str) else message.id[0]: message.string
        for message in catalogue
        if message.string and not message.fuzzy and any(path.endswith(".js") for path, _ in message.locations)
    }
    rule, form = locale_of(language).plural_form, c2py(catalogue.plural_expr)
    plural = {rule(number): form(number) for number in reversed(NUMBERS)}
    return json.dumps({"texts": texts, "plural": plural}, ensure_ascii=False)
