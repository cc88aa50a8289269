"""Whether a document matches a filter; an operator that is not known here raises, and never matches in silence."""

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tests.memory.expressions import value_of
from tests.memory.values import MISSING, NUMBER_OF_TYPE, at, now, rank

Document = Mapping[str, Any]


def checked(where: Document) -> Document:
    """The filter. Raise NotImplementedError for one that says what is not known here, whatever it would be asked of."""
    for name, wanted in where.items():
        if name in ("$and", "$or"):
            for each in wanted:
                checked(each)
        elif name.startswith("$") and name != "$expr":
            raise _unknown(name)
        elif isinstance(wanted, re.Pattern):
            raise _unknown("a compiled pattern")
        elif _operators(wanted):
            _check_operators(wanted)
    return where


def _check_operators(wanted: Document) -> None:
    for name, operand in wanted.items():
        if name not in OPERATORS:
            raise _unknown(name)
        if name == "$elemMatch":
            checked({"each": operand} if _operators(operand) else operand)


def _unknown(what: str) -> NotImplementedError:
    return NotImplementedError(f"the stand-in of MongoDB does not know {what} in a filter")


def matches(document: Document, where: Document) -> bool:
    """Whether all of a filter, a checked one, holds for a document."""
    return all(_holds(document, name, wanted) for name, wanted in where.items())


def equalities(where: Document) -> dict[str, Any]:
    """What a filter says of a document that it is to begin."""
    return {name: wanted for name, wanted in where.items() if not name.startswith("$") and not _operators(wanted)}


def _holds(document: Document, name: str, wanted: Any) -> bool:
    if name == "$and":
        return all(matches(document, each) for each in wanted)
    if name == "$or":
        return any(matches(document, each) for each in wanted)
    if name == "$expr":
        return bool(value_of(wanted, document, now()))
    return _answers(list(at(document, name)), wanted)


def _answers(values: Sequence[Any], wanted: Any) -> bool:
    if not _operators(wanted):
        return _equal(values, wanted)
    return all(OPERATORS[name](values, operand) for name, operand in wanted.items())


def _operators(wanted: Any) -> bool:
    return isinstance(wanted, Mapping) and any(name.startswith("$") for name in wanted)


def _leaves(values: Sequence[Any]) -> list[Any]:
    """Every value, and of an array each element too."""
    return [each for value in values for each in (value, *(value if isinstance(value, list) else ()))]


def _equal(values: Sequence[Any], wanted: Any) -> bool:
    if wanted is None:
        return any(each is None or each is MISSING for each in _leaves(values))
    asked = rank(wanted)
    return any(rank(each) == asked for each in _leaves(values))


def _among(values: Sequence[Any], wanted: Sequence[Any]) -> bool:
    return any(_equal(values, each) for each in wanted)


def _compared(compare: Callable[[Any, Any], bool]) -> Callable[[Sequence[Any], Any], bool]:
    def answer(values: Sequence[Any], wanted: Any) -> bool:
        asked = rank(wanted)
        if asked[0] not in (1, 2, 7, 8):
            raise _unknown(f"a comparison with {type(wanted).__name__}")
        found = [rank(each) for each in _leaves(values)]
        return any(each[0] == asked[0] and compare(each, asked) for each in found)

    return answer


def _of_type(values: Sequence[Any], wanted: str) -> bool:
    return any(rank(each)[0] == NUMBER_OF_TYPE[wanted] for each in _leaves(values))


def _element(values: Sequence[Any], wanted: Document) -> bool:
    elements = [each for value in values if isinstance(value, list) for each in value]
    if _operators(wanted):
        return any(_answers([each], wanted) for each in elements)
    return any(matches(each, wanted) for each in elements if isinstance(each, Mapping))


OPERATORS: dict[str, Callable[[Sequence[Any], Any], bool]] = {
    "$eq": _equal,
    "$ne": lambda values, wanted: not _equal(values, wanted),
    "$in": _among,
    "$nin": lambda values, wanted: not _among(values, wanted),
    "$gt": _compared(operator.gt),
    "$gte": _compared(operator.ge),
    "$lt": _compared(operator.lt),
    "$lte": _compared(operator.le),
    "$exists": lambda values, wanted: any(each is not MISSING for each in values) == bool(wanted),
    "$type": _of_type,
    "$all": lambda values, wanted: bool(wanted) and all(_equal(values, each) for each in wanted),
    "$elemMatch": _element,
    "$regex": lambda values, wanted: any(isinstance(one, str) and re.search(wanted, one) for one in _leaves(values)),
}
