"""What a version of a survey may ask, what is an answer to it, and which of two answers stands."""

from dataclasses import replace
from datetime import date

import pytest

from services.family_touchpoints.survey.rules import Question, Questionnaire, Response, answered, published, standing
from shared.contracts.family_touchpoints import Asks
from shared.errors import Refused

TODAY = date(2025, 12, 1)
TEXTS = {"eng": "Made-up?", "spa": "¿Inventado?"}
CHILD = Question(code="child", kind="yes_no", about="child_needs", texts=TEXTS)
RATED = Question(code="rated", kind="scale", about="child_needs", texts=TEXTS)
OWN = Question(code="own", kind="text", about="own_needs", texts=TEXTS)
NEEDS = Questionnaire(
    survey_id="needs",
    survey_version=2,
    published_on=date(2025, 11, 3),
    languages=("eng", "spa"),
    asks=Asks(child_needs=True, own_needs=True),
    questions=(CHILD, RATED, OWN),
)
SAID = Response(
    survey_id="needs", survey_version=2, guardian_id="g1", student_id="p1", answered_on=TODAY, language="spa"
)


def kept(wanted, before=None, first_answer=None):
    return published(wanted, before, first_answer=first_answer, today=TODAY)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        pytest.param({"asks": Asks(), "questions": ()}, "it asks about nothing", id="nothing"),
        pytest.param({"languages": ("eng", "eng")}, "stands there twice", id="a language twice"),
        pytest.param({"questions": (CHILD, OWN, CHILD)}, "two questions have the code child", id="a code twice"),
        pytest.param({"questions": (CHILD,)}, "no question is about own_needs", id="a matter without a question"),
        pytest.param({"asks": Asks(child_needs=True)}, "about own_needs, which this version", id="not asked"),
        pytest.param(
            {"questions": (CHILD, replace(OWN, texts={"eng": "Made-up?"}))}, "text in spa is missing", id="no Spanish"
        ),
        pytest.param({"published_on": date(2025, 12, 2)}, "is in the future", id="a day to come"),
    ],
)
def test_a_version_that_could_not_be_answered_is_refused(changes, says) -> None:
    with pytest.raises(Refused, match=says):
        kept(replace(NEEDS, **changes))


def test_a_version_may_be_asked_elsewhere_and_in_any_language() -> None:
    on_paper = replace(NEEDS, questions=(), languages=("eng", "som"))

    assert kept(on_paper) == on_paper
    assert (on_paper.readable, NEEDS.readable) == ((), ("eng", "spa"))
    only_eng = replace(NEEDS, languages=("eng", "som"), questions=(CHILD, replace(OWN, texts={"eng": "Made-up?"})))
    assert kept(only_eng).readable == ("eng",)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        pytest.param({"asks": Asks(child_needs=True), "questions": (CHILD,)}, "its asks stay", id="asks"),
        pytest.param({"questions": (CHILD, OWN)}, "its questions stay; publish version 3", id="questions"),
        pytest.param({"published_on": date(2025, 11, 21)}, "has answered it on 2025-11-20", id="a later day"),
    ],
)
def test_what_families_have_answered_stays_as_they_were_asked(changes, says) -> None:
    wanted = replace(NEEDS, **changes)

    assert kept(wanted, NEEDS).taken is False, "as long as nobody has answered"
    with pytest.raises(Refused, match=says):
        kept(wanted, replace(NEEDS, taken=True), date(2025, 11, 20))


def test_the_languages_of_an_answered_version_may_become_more() -> None:
    more = kept(replace(NEEDS, languages=("eng", "spa", "som")), replace(NEEDS, taken=True), TODAY)

    assert (more.languages, more.taken) == (("eng", "spa", "som"), True)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        pytest.param({}, "nothing was answered", id="nothing"),
        pytest.param({"answers": {"other": True}}, "there is no such question", id="an unknown question"),
        pytest.param({"answers": {"child": 1}}, "no answer to a question of kind yes_no", id="a number for yes"),
        pytest.param({"answers": {"rated": True}}, "of kind scale", id="yes for a number"),
        pytest.param({"answers": {"rated": 6}}, "of kind scale", id="off the scale"),
        pytest.param({"answers": {"own": "  "}}, "of kind text", id="blank words"),
        pytest.param({"answers": {"own": "x" * 2001}}, "of kind text", id="too many words"),
        pytest.param({"answered": ("satisfaction",)}, "does not ask about satisfaction", id="a matter not asked"),
        pytest.param({"answered": ("own_needs",), "language": "som"}, "not asked in som", id="another language"),
        pytest.param({"answered": ("own_needs",), "answered_on": date(2025, 12, 2)}, "in the future", id="to come"),
        pytest.param({"answered": ("own_needs",), "answered_on": date(2025, 11, 2)}, "lies before", id="too early"),
    ],
)
def test_what_is_no_answer_to_the_version_is_refused(changes, says) -> None:
    with pytest.raises(Refused, match=says):
        answered(NEEDS, replace(SAID, **changes), today=TODAY)


def test_a_refusal_repeats_no_answer() -> None:
    with pytest.raises(Refused) as refused:
        answered(NEEDS, replace(SAID, answers={"child": "canary", "other": "canary"}), today=TODAY)

    assert "canary" not in str(refused.value)
    assert "canary" not in str(refused.value.problems)


@pytest.mark.parametrize(
    ("said", "matters", "complete"),
    [
        pytest.param({"answers": {"child": False}}, ("child_needs",), False, id="one part"),
        pytest.param({"answers": {"rated": 5, "own": "made up"}}, ("child_needs", "own_needs"), True, id="by answers"),
        pytest.param({"answered": ("own_needs", "child_needs")}, ("child_needs", "own_needs"), True, id="by matters"),
        pytest.param(
            {"answered": ("own_needs",), "answers": {"child": True}}, ("child_needs", "own_needs"), True, id="by both"
        ),
    ],
)
def test_a_response_is_complete_when_every_matter_is_answered_by_one_question(said, matters, complete) -> None:
    one = answered(NEEDS, replace(SAID, **said), today=TODAY)

    assert (one.answered, one.complete(NEEDS)) == (matters, complete)


def test_of_two_answers_the_later_stands_and_what_was_not_said_again_stays() -> None:
    first = replace(
        SAID, answered_on=date(2025, 11, 20), answered=("child_needs",), answers={"child": False, "own": "a"}
    )
    later = replace(SAID, answered=("own_needs",), answers={"own": "b"}, student_id="p2", language="eng")
    both = standing(first, later)

    assert (both.answered_on, both.language, both.student_id) == (TODAY, "eng", "p1")
    assert (both.answered, both.answers) == (("child_needs", "own_needs"), {"child": False, "own": "b"})
    assert standing(both, first) == both, "what comes late says nothing of what was said later"
    assert standing(both, later) == both
    assert standing(None, first) == first
