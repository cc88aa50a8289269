"""Numbers, days and addresses are written on a page as its language writes them."""

from datetime import date, datetime
from urllib.parse import quote, urlencode

from babel.numbers import format_decimal, get_decimal_symbol
from markupsafe import Markup

from shared.pages.texts import Texts


def thousands(texts: Texts, number: int) -> str:
    """1,219"""
    return format_decimal(number, locale=texts.locale)


def digits(texts: Texts, number: str) -> str:
    """A number as the domain writes it, `87.1 %`, with the decimal sign of the language."""
    return number.replace(".", get_decimal_symbol(texts.locale))


def day(texts: Texts, value: date | str | None) -> str:
    """30 September 2025, or a dash."""
    found = date.fromisoformat(value) if isinstance(value, str) else value
    return texts.day(found) if found else "–"


def ago(texts: Texts, seconds: float) -> str:
    """How long ago, as coarsely as it deserves."""
    if seconds < 1:
        return texts.gettext("just now")
    if seconds >= 86400:
        return texts.ngettext("%(num)s day ago", "%(num)s days ago", int(seconds // 86400))
    if seconds >= 3600:
        return texts.ngettext("%(num)s hour ago", "%(num)s hours ago", int(seconds // 3600))
    if seconds >= 60:
        return texts.ngettext("%(num)s minute ago", "%(num)s minutes ago", int(seconds // 60))
    return texts.ngettext("%(num)s second ago", "%(num)s seconds ago", int(seconds))


def instant(value: datetime | None) -> str:
    """An instant for a machine."""
    return value.isoformat() if value else ""


def capital(text: str) -> str:
    """The same with a capital first letter; the rest as it is."""
    return text[:1].upper() + text[1:]


def commands(text: str) -> Markup:
    """What stands between backquotes is a command, and shown as what is typed."""
    parts = text.split("`")
    return Markup("").join(Markup("<code>{}</code>").format(one) if at % 2 else one for at, one in enumerate(parts))


def link(path: str, **query: object) -> str:
    """An address with the parameters that are set; its path is quoted."""
    given = {name: value for name, value in query.items() if value not in (None, "")}
    return quote(path) + (f"?{urlencode(given)}" if given else "")
