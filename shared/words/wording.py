"""What pydantic finds wrong with a value, in words that say what would work; no pattern and no value is shown."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from shared.school_year import consecutive
from shared.words.forms import in_words
from shared.words.misfits import KIND, UNREADABLE

Context = Mapping[str, Any]
DECIMAL_COMMA = re.compile(r"-?[0-9]+,[0-9]{1,2}")
SHORTENED = re.compile(r"[0-9](?:[.,][0-9]+)?[eE]\+?[0-9]+")
QUOTED = re.compile(r"'([^']*)'")


@dataclass(frozen=True, slots=True)
class Wording:
    """What is wrong, what would work, and a code for programs."""

    detail: str
    works: str = ""
    code: str = ""


WHOLE = "write a whole number, in digits alone"
YES_OR_NO = "write true or false"
NO_DAY = Wording("is no day of the calendar", "write a day that exists, such as 2025-05-22", "not_a_day")
NO_MOMENT = Wording("is no moment", "write a day that exists and a time, such as 2025-06-30T14:05:00Z", "not_a_moment")
KINDS: Mapping[str, Wording] = {
    "missing": Wording("is needed", "fill it in", "missing"),
    "extra_forbidden": Wording(
        "there is no such field here", "take it out, or look for a misspelt name", "unknown_field"
    ),
    "string_type": Wording("must be text", "write it in quotes", "not_text"),
    "bool_type": Wording("must be true or false", YES_OR_NO, "not_true_or_false"),
    "bool_parsing": Wording("must be true or false", YES_OR_NO, "not_true_or_false"),
    "int_type": Wording("must be a whole number", WHOLE, "not_a_whole_number"),
    "int_parsing": Wording("must be a whole number", WHOLE, "not_a_whole_number"),
    "int_from_float": Wording("must be a whole number", WHOLE, "not_a_whole_number"),
    "model_type": Wording("must be a JSON object", "send { … }", "not_an_object"),
    "model_attributes_type": Wording("must be a JSON object", "send { … }", "not_an_object"),
    "dict_type": Wording("must be a JSON object", "send { … }", "not_an_object"),
    "list_type": Wording("must be a list", "send [ … ]", "not_a_list"),
    "tuple_type": Wording("must be a list", "send [ … ]", "not_a_list"),
    "int_parsing_size": Wording("must be a whole number", "write one of fewer digits", "out_of_range"),
    "date_parsing": NO_DAY,
    "date_from_datetime_parsing": NO_DAY,
    "date_from_datetime_inexact": NO_DAY,
    "datetime_parsing": NO_MOMENT,
    "datetime_from_date_parsing": NO_MOMENT,
    "none_required": Wording("can only be taken away here", "write null, or leave it out", "not_null"),
}


def _pattern(context: Context, value: Any) -> Wording:
    works = f"write {in_words(context['pattern'])}"
    return Wording(UNREADABLE, nearer(value) or works, "not_of_form")


def _one_of(context: Context, value: Any) -> Wording:
    known = QUOTED.findall(str(context.get("expected", "")))
    return Wording("is none of what is known here", one_of(value, known), "not_known")


def _bound(words: str, name: str) -> Callable[[Context, Any], Wording]:
    def said(context: Context, value: Any) -> Wording:  # noqa: ARG001 -- one shape for all of them
        return Wording(
            f"must be {words} {context[name]}", f"write a number that is {words} {context[name]}", "out_of_range"
        )

    return said


def _length(words: str, name: str, what: str) -> Callable[[Context, Any], Wording]:
    def said(context: Context, value: Any) -> Wording:  # noqa: ARG001 -- one shape for all of them
        n = context[name]
        return Wording(f"must have {words} {n} {what}", f"write {words} {n} {what}", "wrong_length")

    return said


TOLD: Mapping[str, Callable[[Context, Any], Wording]] = {
    "string_pattern_mismatch": _pattern,
    "literal_error": _one_of,
    "enum": _one_of,
    "greater_than_equal": _bound("at least", "ge"),
    "greater_than": _bound("more than", "gt"),
    "less_than_equal": _bound("at most", "le"),
    "less_than": _bound("less than", "lt"),
    "string_too_long": _length("at most", "max_length", "characters"),
    "string_too_short": _length("at least", "min_length", "characters"),
    "too_long": _length("at most", "max_length", "entries"),
    "too_short": _length("at least", "min_length", "entries"),
}


def worded(kind: str, message: str, context: Context, value: Any = None) -> Wording:
    """One of pydantic's errors in our words: its `type`, `msg` and `ctx`, and the value for a nearer suggestion.

    A suggestion shows a corrected form of a number or a year, or a word that is known here: never a name.
    """
    if kind in KINDS:
        return KINDS[kind]
    if kind in TOLD:
        return TOLD[kind](context, value)
    if kind == KIND:
        return Wording(context["detail"], nearer(value) or context["works"], context["code"])
    return Wording(message.removeprefix("Value error, "))


def one_of(value: Any, known: Sequence[str], *, shown: int = 12) -> str:
    """What to write instead of a value that is none of these: the nearest, or the first of them."""
    if near := nearest(value, known):
        return (
            f"write {near}, if that is meant" if len(known) > shown else f"write {near}, or one of {', '.join(known)}"
        )
    more = " …" if len(known) > shown else ""
    return f"write one of {', '.join(known[:shown])}{more}"


def nearest(value: Any, known: Sequence[str]) -> str:
    """The known text that a value most likely means; empty when none is near."""
    folded = {one.casefold().replace(" ", "_"): one for one in known}
    if not isinstance(value, str):
        return ""
    near = get_close_matches(value.strip().casefold().replace(" ", "_"), folded, n=1, cutoff=0.7)
    return folded[near[0]] if near else ""


def nearer(value: Any) -> str:
    """The form that was most likely meant, of a number or a school year; empty when nobody can tell."""
    text = value.strip() if isinstance(value, str) else ""
    if DECIMAL_COMMA.fullmatch(text):
        return f"write {text.replace(',', '.')}, with a point"
    if year := consecutive(text):
        return f"write {year}"
    if SHORTENED.fullmatch(text):
        return "write all its digits: a spreadsheet has shortened this number; make the column text before saving"
    return ""
