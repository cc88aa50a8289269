"""E4.4, E4.5, S2: surveys of families, and the answers to them, named or tallied."""

from collections.abc import Callable, Iterator
from datetime import date

from services.aggregator.domain.facts import Subject
from services.aggregator.domain.measures.e4.workshops import one_or_several
from services.aggregator.domain.shapes import Measure, Member, Reason
from shared.contracts.family_touchpoints import Asks, Survey, SurveyResponse, SurveyTally

RESPONSE_DIMENSIONS = ("all", "language", "district")
Named = Callable[[SurveyResponse], bool]
Tallied = Callable[[SurveyTally], int]


def asks_both(asks: Asks) -> bool:
    """Whether a survey asks about the needs of the child and about the parents' own."""
    return asks.child_needs and asks.own_needs


def _asks_either(asks: Asks) -> bool:
    return asks.child_needs or asks.own_needs


def each_once(subject: Subject) -> list[tuple[str, SurveyResponse]]:
    """A guardian's responses, of each version of a survey the latest one, under whatever id it came."""
    found: dict[tuple[str, int], tuple[str, SurveyResponse]] = {}
    for key, one in sorted(subject.of(SurveyResponse), key=_latest_last):
        found[one.survey_id, one.survey_version] = key, one
    return list(found.values())


def _latest_last(pair: tuple[str, SurveyResponse]) -> tuple[date, bool, str]:
    key, one = pair
    return one.answered_on, one.logged_as is None, key


def responses(named: Named, tallied: Tallied) -> Callable[[Subject], Iterator[Member]]:
    """The responses of a guardian that qualify, and of a survey's tallies those of which that many do."""

    def members(subject: Subject) -> Iterator[Member]:
        for key, one in each_once(subject):
            if named(one):
                how = "all that it asks" if one.complete else "a part of what it asks"
                yield _member(key, one, 1, f"answered {how} of version {one.survey_version} on {one.answered_on}")
        for key, each in subject.of(SurveyTally):
            if n := tallied(each):
                words = f"{n} answered version {each.survey_version} on {each.answered_on} without a name"
                yield _member(key, each, n, words)

    return members


def _member(key: str, one: SurveyResponse | SurveyTally, n: int, words: str) -> Member:
    return Member(
        school_year=one.school_year,
        unit=key,
        where=("all", one.language, one_or_several(one.districts)),
        cohort_day=None,
        counted_day=one.answered_on,
        matured_day=None,
        why=lambda _: Reason("answered", words, (key,)),
        n=n,
    )


def created(subject: Subject) -> Iterator[Member]:
    """A survey, on the day of its first version that asks parents about their child's needs and their own."""
    asked = [(one.published_on, one.survey_version, key, one) for key, one in subject.of(Survey) if asks_both(one.asks)]
    if asked:
        on, version, key, first = min(asked, key=lambda found: found[:3])
        yield Member(
            school_year=first.school_year,
            unit=subject.id,
            where=("all",),
            cohort_day=None,
            counted_day=on,
            matured_day=None,
            why=lambda _: Reason("published", f"version {version} was published on {on}", (key,)),
        )


def _partial(one: SurveyTally) -> int:
    """Of those who answered a part: all, where the needs are all that is asked; else nobody knows which part it was."""
    return 0 if one.asks.satisfaction else one.partial


def _measure(
    key: str, title: str, population: str, rule: str, members: Callable[[Subject], Iterator[Member]]
) -> Measure:
    return Measure(
        key=key,
        version=1,
        title=title,
        unit="response",
        population=f"{population}; of one guardian and version the latest; tallies of those who gave no name are added",
        rule=rule,
        window="the school year",
        reads=frozenset({SurveyResponse.kind, SurveyTally.kind}),
        found_by=(SurveyResponse.kind, SurveyTally.kind),
        dimensions=RESPONSE_DIMENSIONS,
        members=members,
        shape="things",
        subjects=("guardian", "survey"),
    )


_BOTH = "responses to surveys that ask parents about their children's needs and their own"

MEASURES = (
    _measure(
        "E4.4",
        "Surveys completed by parents about their children's needs and their own",
        _BOTH,
        "all that it asks was answered, on the day of the last answer",
        responses(
            lambda one: asks_both(one.asks) and one.complete,
            lambda one: one.complete if asks_both(one.asks) else 0,
        ),
    ),
    _measure(
        "E4.4.partial",
        "The same, answered in part",
        _BOTH,
        "a part of what it asks was answered, on the day of the last answer; one that is completed leaves this count",
        responses(
            lambda one: asks_both(one.asks) and not one.complete,
            lambda one: one.partial if asks_both(one.asks) else 0,
        ),
    ),
    _measure(
        "E4.4.either",
        "The same, about their children's needs or their own",
        "responses to surveys that ask parents about their children's needs, or their own",
        "one of these was answered; a tally of partial answers counts only where nothing else is asked",
        responses(
            lambda one: one.child_needs or one.own_needs,
            lambda one: one.complete + _partial(one) if _asks_either(one.asks) else 0,
        ),
    ),
    Measure(
        key="E4.5",
        version=1,
        title="Surveys of parents that were created",
        unit="survey",
        population="surveys of families",
        rule="the day on which its first version was published that asks parents about their children's needs and "
        "their own",
        window="the school year of that day",
        reads=frozenset({Survey.kind}),
        found_by=(Survey.kind,),
        dimensions=("all",),
        members=created,
        shape="things",
        subjects=("survey",),
    ),
    _measure(
        "S2.families",
        "Completed surveys of families about their satisfaction",
        "responses to surveys that ask families how satisfied they are",
        "all that it asks was answered, on the day of the last answer; as a share of the guardians of enrolled "
        "students it is not counted yet: this is a number of responses",
        responses(
            lambda one: one.asks.satisfaction and one.complete,
            lambda one: one.complete if one.asks.satisfaction else 0,
        ),
    ),
)
