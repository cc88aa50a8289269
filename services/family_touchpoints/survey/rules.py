"""What a version of a survey may ask, what counts as an answer to it, and which of two answers stands."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Literal

from shared.contracts.family_touchpoints import Asks
from shared.errors import Problem, refused

Matter = Literal["child_needs", "own_needs", "satisfaction"]
QuestionKind = Literal["yes_no", "scale", "text"]
MATTERS: tuple[Matter, ...] = ("child_needs", "own_needs", "satisfaction")
# The languages that families can read a question in, by ISO 639-3; a version may have been asked on paper in others.
READ_IN = ("eng", "spa")
SCALE = range(1, 6)
WORDS_MAX = 2_000
Answered = bool | int | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question; `texts` by language. What it asks, and what is answered, never leaves the service."""

    code: str
    kind: QuestionKind
    about: Matter
    texts: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Questionnaire:
    """One version of a survey. `taken`: somebody has answered it, and what it asks is what they were asked."""

    survey_id: str
    survey_version: int
    published_on: date
    languages: tuple[str, ...]
    asks: Asks
    questions: tuple[Question, ...] = ()
    taken: bool = False

    @property
    def matters(self) -> tuple[Matter, ...]:
        """What it asks about."""
        return tuple(one for one in MATTERS if getattr(self.asks, one))

    @property
    def readable(self) -> tuple[str, ...]:
        """The languages in which a family can answer it by itself."""
        return tuple(one for one in READ_IN if one in self.languages) if self.questions else ()

    @property
    def next(self) -> int:
        return self.survey_version + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What a guardian has answered; `answered` are the matters, also where only these are known and no `answers`.

    `homes` are the districts in which the student is at home, `under` the digest of the source id
    that the student was named by.
    """

    survey_id: str
    survey_version: int
    guardian_id: str
    student_id: str
    answered_on: date
    language: str
    answered: tuple[Matter, ...] = ()
    answers: Mapping[str, Answered] = field(default_factory=dict)
    homes: tuple[str, ...] = ()
    under: str | None = None

    def complete(self, version: Questionnaire) -> bool:
        """Whether every matter that the version asks about is answered."""
        return set(version.matters) <= set(self.answered)


def published(
    wanted: Questionnaire, before: Questionnaire | None, *, first_answer: date | None, today: date
) -> Questionnaire:
    """The version as it will be kept, or Refused with every reason at once; `first_answer`: the earliest day of one."""
    problems = [*_asked(wanted), *_days(wanted, first_answer, today), *_unchanged(wanted, before)]
    if problems:
        raise refused(*problems)
    return replace(wanted, taken=before is not None and before.taken)


def answered(version: Questionnaire, wanted: Response, *, today: date) -> Response:
    """What was answered, with the matters that the answers are about, or Refused with every reason at once."""
    problems = [*when_and_how(version, wanted.answered_on, wanted.language, today), *_answers(version, wanted)]
    if problems:
        raise refused(*problems)
    about = {one.about for one in version.questions if one.code in wanted.answers} | set(wanted.answered)
    return replace(wanted, answered=tuple(one for one in MATTERS if one in about))


def standing(before: Response | None, later: Response) -> Response:
    """The one response of a guardian: what was said last of each question; what was not said again stays.

    Something said on an earlier day than what is kept changes nothing.
    """
    if before is None:
        return later
    if later.answered_on < before.answered_on:
        return before
    about = {*before.answered, *later.answered}
    return replace(
        later,
        student_id=before.student_id,
        homes=before.homes if later.student_id != before.student_id else later.homes,
        under=before.under,
        answered=tuple(one for one in MATTERS if one in about),
        answers={**before.answers, **later.answers},
    )


def when_and_how(version: Questionnaire, answered_on: date, language: str, today: date) -> Iterator[Problem]:
    """What is wrong with the day and the language of an answer."""
    at = "/answered_on"
    if answered_on > today:
        yield Problem(at, f"answered_on {answered_on} is in the future", "send it on or after that day", "in_future")
    if answered_on < version.published_on:
        said = f"answered_on {answered_on} lies before {version.published_on}, the day of this version"
        yield Problem(at, said, "check the day and the version", "before_published")
    if language not in version.languages:
        said = f"this version was not asked in {language}, but in {', '.join(version.languages)}"
        yield Problem("/language", said, "name one of these, or add the language to the version", "other_language")


def fits(question: Question, answer: Any) -> bool:
    """Whether an answer is one to this question."""
    if question.kind == "yes_no":
        return isinstance(answer, bool)
    if question.kind == "scale":
        return isinstance(answer, int) and not isinstance(answer, bool) and answer in SCALE
    return isinstance(answer, str) and bool(answer.strip()) and len(answer) <= WORDS_MAX


def _asked(wanted: Questionnaire) -> Iterator[Problem]:
    if not wanted.matters:
        yield Problem("/asks", "it asks about nothing", f"say true for one of {', '.join(MATTERS)}", "asks_nothing")
    if len(set(wanted.languages)) < len(wanted.languages):
        yield Problem("/languages", "a language stands there twice", "name each once", "twice")
    codes = [one.code for one in wanted.questions]
    for at, one in enumerate(wanted.questions):
        if one.code in codes[:at]:
            yield Problem(
                f"/questions/{at}/code", f"two questions have the code {one.code}", "give each its own", "twice"
            )
        if one.about not in wanted.matters:
            said = f"it is about {one.about}, which this version does not ask"
            yield Problem(f"/questions/{at}/about", said, f"say asks.{one.about} true, or leave it out", "not_asked")
        yield from _said_in(one, at, wanted.languages)
    about = {one.about for one in wanted.questions}
    for matter in wanted.matters if wanted.questions else ():
        if matter not in about:
            works = f"add one, or say asks.{matter} false"
            yield Problem("/questions", f"no question is about {matter}", works, "no_question")


def _said_in(question: Question, at: int, languages: Collection[str]) -> Iterator[Problem]:
    for language in READ_IN:
        if language in languages and not question.texts.get(language, "").strip():
            works = f"add it, or leave {language} out of languages"
            yield Problem(f"/questions/{at}/texts", f"its text in {language} is missing", works, "missing")


def _days(wanted: Questionnaire, first_answer: date | None, today: date) -> Iterator[Problem]:
    if wanted.published_on > today:
        said = f"published_on {wanted.published_on} is in the future"
        yield Problem("/published_on", said, "send it on or after that day", "in_future")
    if first_answer is not None and first_answer < wanted.published_on:
        said = f"somebody has answered it on {first_answer}, before {wanted.published_on}"
        yield Problem("/published_on", said, "check the day", "answered_before")


def _unchanged(wanted: Questionnaire, before: Questionnaire | None) -> Iterator[Problem]:
    if before is None or not before.taken:
        return
    works = f"publish version {wanted.next}"
    if wanted.asks != before.asks:
        yield Problem("/asks", "families have answered this version, and its asks stay", works, "answered")
    if wanted.questions != before.questions:
        yield Problem("/questions", "families have answered this version, and its questions stay", works, "answered")


def _answers(version: Questionnaire, wanted: Response) -> Iterator[Problem]:
    if not wanted.answers and not wanted.answered:
        works = "send answers by the code of their question, or answered, the matters"
        yield Problem("/answers", "nothing was answered", works, "nothing_answered")
    for matter in wanted.answered:
        if matter not in version.matters:
            works = f"this version asks about {', '.join(version.matters)}"
            yield Problem("/answered", f"it does not ask about {matter}", works, "not_asked")
    by_code = {one.code: one for one in version.questions}
    yield from _each_answer(by_code, wanted.answers.items())


def _each_answer(by_code: Mapping[str, Question], given: Iterable[tuple[str, Answered]]) -> Iterator[Problem]:
    """Nothing here repeats an answer: whoever reads a refusal may be another than who gave it."""
    takes = {"yes_no": "true or false", "scale": "a whole number from 1 to 5", "text": f"up to {WORDS_MAX} characters"}
    for code, answer in given:
        if code not in by_code:
            works = f"this version asks {', '.join(by_code) or 'no questions here'}"
            yield Problem(f"/answers/{code}", "there is no such question", works, "unknown_question")
        elif not fits(by_code[code], answer):
            kind = by_code[code].kind
            yield Problem(
                f"/answers/{code}", f"this is no answer to a question of kind {kind}", takes[kind], "no_answer"
            )
