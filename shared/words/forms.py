"""How a text of ours must be written, as a pattern for machines and in words for people."""

from typing import Any

UNSAID = "it in the form that this field has"
_IN_WORDS: dict[str, str] = {}


def form(pattern: str, works: str) -> str:
    """The pattern, remembered with the words that a person is told instead of it; `works` goes on after `write`."""
    _IN_WORDS[pattern] = works
    return pattern


def in_words(pattern: str) -> str:
    """What fits a pattern, in words; of one that nobody has put into words only that there is a form."""
    return _IN_WORDS.get(pattern, UNSAID)


def patterns_of(schema: Any) -> set[str]:
    """Every pattern that stands somewhere in a JSON schema or an OpenAPI document."""
    if isinstance(schema, list):
        return set().union(*map(patterns_of, schema)) if schema else set()
    if not isinstance(schema, dict):
        return set()
    own = {schema["pattern"]} if isinstance(schema.get("pattern"), str) else set()
    return own.union(*map(patterns_of, schema.values()))
