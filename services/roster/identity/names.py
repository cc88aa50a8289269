"""A student is found by these words of a name, whatever its case, accents and marks. Pure."""

import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

FIELDS = ("given_name", "family_name", "preferred_name")
APOSTROPHES = dict.fromkeys(map(ord, "'’‘ʼ`´ʻ"))
# Letters that Unicode does not take apart, as they are written on a keyboard that lacks them.
PLAIN = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"})


def folded(text: str) -> str:
    """A text without case and accents: `Núñez` and `nunez` are one."""
    parted = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(letter for letter in parted if not unicodedata.combining(letter)).translate(PLAIN)


def plain(name: str) -> str:
    """A name's letters and digits alone, folded: blanks and marks are written as every system likes."""
    return "".join(letter for letter in folded(name) if letter.isalnum())


def words(text: str) -> list[str]:
    """The folded words of a text, an apostrophe being no end of one: `Anne-Marie O'Hara` has three."""
    letters = folded(text.translate(APOSTROPHES))
    return "".join(letter if letter.isalnum() else " " for letter in letters).split()


def name_words(state: Mapping[str, Any]) -> list[str]:
    """The words whose beginnings find a student, each once."""
    return sorted({word for field in FIELDS if state.get(field) for word in _of_name(str(state[field]))})


def _of_name(name: str) -> Iterator[str]:
    parts = words(name)
    yield from parts
    # Written as one word, too: `delacruz`; and what stands behind an apostrophe by itself: `hara`.
    yield "".join(parts)
    yield from words("".join(" " if ord(letter) in APOSTROPHES else letter for letter in name))
