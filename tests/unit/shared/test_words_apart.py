"""What is wrong and what would work are told apart where they are known; nobody cuts them out of a sentence."""

import ast
from pathlib import Path

import pytest

from shared.errors import Conflict, Problem, Refused, Stale, apart, refused
from shared.producer.producers import PRODUCERS

ROOT = Path(__file__).parents[3]
REFUSING = {"Refused", "Conflict", "NotFound", "Forbidden", "Malformed", "Stale", "TooLarge", "TooOften", "Unknown"}
SOURCES = sorted(
    path for part in (*(f"services/{one.name}" for one in PRODUCERS), "shared") for path in (ROOT / part).rglob("*.py")
)


def calls(path, names):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
            yield node


def at(path, node):
    return f"{path.relative_to(ROOT)}:{node.lineno}: {ast.unparse(node)}"


def test_every_problem_says_what_would_work_and_has_a_code():
    given = {"pointer", "detail", "works", "code"}
    lacking = [
        at(path, one)
        for path in SOURCES
        for one in calls(path, {"Problem"})
        if not any(isinstance(each, ast.Starred) for each in one.args)
        and (
            len(one.args) + len({word.arg for word in one.keywords} & given) < len(given)
            or any(isinstance(each, ast.Constant) and not each.value for each in one.args[1:])
        )
    ]

    assert lacking == []


def test_no_refusal_says_both_in_one_sentence():
    both = []
    for path in SOURCES:
        for one in calls(path, {"Problem", *REFUSING}):
            place = 1 if ast.unparse(one.func) == "Problem" else 0
            said = one.args[place] if len(one.args) > place else None
            if said is not None and "; " in ast.unparse(said) and not isinstance(said, ast.Call):
                both.append(at(path, one))

    assert both == []


def test_codes_are_small_words():
    codes = {
        word.value
        for path in SOURCES
        for one in calls(path, {"Problem", "RowProblem", *REFUSING})
        for word in [*one.args[3:4], *(each.value for each in one.keywords if each.arg == "code")]
        if isinstance(word, ast.Constant)
    }

    assert {"in_future", "wrong_order", "twice", "void", "taken", "zeros_lost", "unknown_student"} <= codes
    assert all(code.replace("_", "").isalnum() and code == code.lower() for code in codes)


def test_nothing_is_cut_out_of_prose():
    everything = sorted(path for part in ("services", "shared") for path in (ROOT / part).rglob("*.py"))
    cutting = [
        str(path.relative_to(ROOT))
        for path in everything
        if any(f'.{how}("{mark} "' in path.read_text() for how in ("partition", "split") for mark in (";", ":"))
    ]

    assert cutting == []


@pytest.mark.parametrize(
    ("refusal", "said", "told"),
    [
        pytest.param(
            Refused("it is void", works="log it again", code="void"),
            "it is void; log it again",
            [("", "it is void", "log it again", "void")],
            id="of no one field",
        ),
        pytest.param(
            Conflict("it is taken", existing="a1", works="void that one", code="taken"),
            "it is taken; void that one",
            [("", "it is taken", "void that one", "taken")],
            id="a conflict",
        ),
        pytest.param(
            Stale("it has moved on", ahead=True, works="read it again", code="moved_on"),
            "it has moved on; read it again",
            [("", "it has moved on", "read it again", "moved_on")],
            id="another version",
        ),
        pytest.param(
            refused(Problem("/a", "one; of two", "more", "x"), Problem("/b", "two", "less", "y")),
            "one; of two; more; two; less",
            [("/a", "one; of two", "more", "x"), ("/b", "two", "less", "y")],
            id="of several fields, whatever they say",
        ),
        pytest.param(Refused("nothing; is cut"), "nothing; is cut", [("", "nothing; is cut", "", "")], id="one text"),
    ],
)
def test_a_refusal_is_told_apart_as_it_was_given(refusal, said, told):
    assert (refusal.detail, str(refusal)) == (said, said)
    assert [(one.pointer, one.detail, one.works, one.code) for one in apart(refusal)] == told
