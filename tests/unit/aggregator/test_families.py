"""The golden cases of family touchpoints, as counts: each row is a case of the specification by its number.

Terms begin on 1 July and 1 January; the enrolment in welding lasts from 2025-08-04 to 2026-05-22.
"""

import pytest

from services.aggregator.domain.measures import BY_KEY
from shared.contracts.envelope import Event
from shared.contracts.family_touchpoints import Asks
from tests.unit.aggregator.families import (
    answered,
    count_of,
    counts_of,
    excused,
    guardian,
    lying,
    present,
    student,
    subject_of,
    survey,
    tallied,
    touched,
    workshop,
)
from tests.unit.aggregator.students import LATE, day

WELDING, IT = lying(), lying(program="it")
TWO_TERMS = "G7.two_in_two_terms"
AUTUMN, SPRING = touched("2025-10-09"), touched("2026-02-03")
MADE_UP_FOR = touched(steps=[("planned", "2025-10-02"), ("missed", "2025-10-02"), ("held", "2025-10-09")])
TRIED = [
    *(touched(f"2025-10-0{n}", "left_message") for n in (1, 2, 3)),
    *(touched(f"2025-10-0{n}", "no_answer") for n in (4, 5)),
    touched("2025-10-06"),
]
OF_WELDING = (touched("2025-10-09", program="welding"), touched("2026-02-03", program="welding"))
SPANISH = {"prefers": "spa", "spoken": "eng"}


@pytest.mark.parametrize(
    ("facts", "as_of", "expected"),
    [
        pytest.param([MADE_UP_FOR], LATE, {"G7.touches": (1, 0), "G7.missed": (1, 0)}, id="1: missed and made up for"),
        pytest.param([MADE_UP_FOR], day("2025-10-05"), {"G7.touches": (0, 0), "G7.missed": (1, 0)}, id="1: in between"),
        pytest.param([WELDING, AUTUMN, SPRING], LATE, {TWO_TERMS: (1, 1)}, id="2: reached in two terms"),
        pytest.param([WELDING, AUTUMN, SPRING], day("2026-02-03"), {TWO_TERMS: (1, 1)}, id="2: on that day"),
        pytest.param([WELDING, AUTUMN, SPRING], day("2026-02-02"), {TWO_TERMS: (0, 1)}, id="2: the day before"),
        pytest.param([WELDING, AUTUMN, SPRING], day("2026-01-31"), {TWO_TERMS: (0, 1)}, id="2: in January"),
        pytest.param([WELDING, AUTUMN, touched("2025-11-20")], LATE, {TWO_TERMS: (0, 1), "G7.one": (1, 1)},
            id="3: twice in one term"),
        pytest.param(TRIED, LATE, {"G7.reach": (1, 6), "G7.touches": (1, 0)}, id="4: five tries in vain"),
        pytest.param([present(who="g1"), present(who="g2")], LATE, {"G7.touches": (1, 0)}, id="6: both guardians"),
        pytest.param([WELDING, IT, *OF_WELDING], LATE, {TWO_TERMS: (1, 2), f"{TWO_TERMS}.by_student": (0, 1)},
            id="8: two programs, one of them reached"),
        pytest.param([WELDING, IT, *OF_WELDING, touched("2026-02-20")], LATE, {TWO_TERMS: (1, 2), "G7.one": (2, 2)},
            id="8: a call about no program touches the other one too"),
        pytest.param([touched(counts=False)], LATE, {"G7.touches": (0, 0)}, id="11: what does not count"),
        pytest.param([touched("2025-11-03", method="Text"), touched("2025-11-11", method="Text", purpose="emergency",
            counts=False)], LATE, {"G7.touches": (1, 0)}, id="12: an emergency is no touch"),
        pytest.param([touched("2025-11-03", method="Text")], LATE, {"G7.touches": (1, 0)}, id="13: withdrawn later"),
        pytest.param([WELDING, excused(), touched("2026-02-10")], LATE,
            {TWO_TERMS: (0, 0), "G7.one": (0, 0), "G7.touches": (1, 0), "G7.excused": (1, 0)}, id="15: excused"),
        pytest.param([WELDING, excused(excused=False), touched("2026-02-10")], LATE,
            {TWO_TERMS: (0, 1), "G7.one": (1, 1), "G7.touches": (1, 0), "G7.excused": (0, 0)}, id="15: no more"),
        pytest.param([touched(**SPANISH, interpreter="none")], LATE, {"G7.language_met": (0, 1)}, id="25: English"),
        pytest.param([touched(**SPANISH, interpreter="contracted")], LATE, {"G7.language_met": (1, 1)},
            id="25: contracted"),
        pytest.param([touched(**SPANISH, interpreter="child_or_friend")], LATE,
            {"G7.touches": (1, 0), "G7.language_met": (0, 1)}, id="25: a child interpreted"),
        pytest.param([touched("2025-10-01", method="Text", replied="2025-10-03")], LATE,
            {"G7.reach": (1, 1), "G7.touches": (1, 0)}, id="26: a text that was answered"),
        pytest.param([touched("2025-10-01", method="Text", replied="2025-10-03")], day("2025-10-02"),
            {"G7.reach": (0, 1), "G7.touches": (0, 0)}, id="26: before the answer"),
        pytest.param([WELDING, touched("2025-10-01", "delivered", method="Text")], LATE,
            {"G7.reach": (0, 1), "G7.touches": (0, 0), "G7.one": (0, 1)}, id="26: never answered"),
        pytest.param([WELDING, SPRING, touched("2025-10-01", "delivered", method="Text")], LATE,
            {TWO_TERMS: (0, 1), f"{TWO_TERMS}.with_delivered": (1, 1)}, id="26: counted beside"),
        pytest.param([lying("2025-08-04", "2025-09-02"), AUTUMN], LATE, {TWO_TERMS: (0, 0)}, id="27: thirty days"),
        pytest.param([touched(method="Newsletter", outcome="delivered", counts=False)], LATE,
            {"G7.touches": (0, 0), "G7.reach": (0, 1)}, id="27: a newsletter is an attempt where it is logged"),
        pytest.param([touched(occasion="a"), touched(occasion="b")], LATE, {"G7.touches": (1, 0), "G7.reach": (2, 2)},
            id="28: two calls on one day"),
    ],
)  # fmt: skip
def test_a_students_family(facts, as_of, expected):
    found = counts_of([student(*facts)], as_of=as_of)

    assert {key: found.get(key, (0, 0)) for key in expected} == expected


def test_5_a_guardian_with_two_children_at_one_workshop():
    attendance = present(students=("ann", "ben"))
    children = [subject_of(f"student/{one}", present(students=(one,))) for one in ("ann", "ben")]
    found = counts_of([guardian(attendance), *children, subject_of("workshop/w1", workshop())])

    assert {key: found[key] for key in ("E4.3", "E4.3.seats", "E4.2", "G7.touches")} == {
        "E4.3": (1, 0), "E4.3.seats": (1, 0), "E4.2": (1, 0), "G7.touches": (2, 0),
    }  # fmt: skip


def test_6_both_guardians_of_one_child_are_two_people():
    assert count_of("E4.3", guardian(present()), guardian(present(who="g2"), id="g2")) == (2, 0)


def test_7_of_two_siblings_each_says_why_without_the_other():
    said = {}
    for who, other in (("ann", "ben"), ("ben", "ann")):
        sibling = subject_of(f"student/{who}", lying(), touched(occasion="one call"), present(students=(who,)))
        for measure in BY_KEY.values():
            for member in measure.members(sibling):
                words = member.why(LATE).words
                assert not [one for one in (other, "one call", "g1") if one in words]
                said.setdefault(measure.key, []).append(words)

    assert len(said["G7.touches"]) == 4
    assert said["G7.touches"][0] == "reached by phone on 2025-10-09 (term 1)"


def test_16_two_ids_of_one_guardian_are_two_people_until_they_are_joined_and_again_after():
    october, november = present("2025-10-14", of="w1"), present("2025-11-12", of="w2")
    apart = [guardian(october), guardian(november, id="g9")]
    joined = [guardian(october, present("2025-11-12", of="w2", logged_as="g9"))]

    assert [count_of("E4.3", *subjects) for subjects in (apart, joined, apart)] == [(2, 0), (1, 0), (2, 0)]
    assert count_of("E4.3.seats", *joined) == (2, 0)


def test_16_both_ids_at_one_workshop_joined_are_one_seat():
    assert count_of("E4.3.seats", guardian(present(), present(logged_as="g9"))) == (1, 0)


def test_17_a_walk_in_who_turns_out_to_have_come_before_counts_on_the_first_day():
    joined = guardian(present("2025-11-12", of="w2", logged_as="w5"), present("2025-10-14", of="w1"), id="g3")

    (member,) = BY_KEY["E4.3"].members(joined)
    assert (member.counted_day, member.why(LATE).words) == (
        day("2025-10-14"),
        "present at a presentation on 2025-10-14, and at 1 more of this school year",
    )


@pytest.mark.parametrize(
    ("held", "attended", "expected"),
    [
        pytest.param(workshop(status="cancelled"), present(held=False), {}, id="19: cancelled"),
        pytest.param(workshop("2025-11-19"), present("2025-11-19"), {"E4.2": (1, 0), "E4.3": (1, 0)}, id="19: anew"),
        pytest.param(workshop(level="middle"), present(), {"E4.3": (1, 0)}, id="19: of a middle school"),
    ],
)
def test_a_workshop_and_who_came(held, attended, expected):
    found = counts_of([subject_of("workshop/w1", held), guardian(attended)])

    assert {key: pair for key, pair in found.items() if key in ("E4.2", "E4.3")} == expected
    assert found.get("E4.2.all_levels", (0, 0)) == (0 if held.status == "cancelled" else 1, 0)


def test_19_it_counts_on_the_day_it_was_held():
    reopened = subject_of("workshop/w1", workshop("2025-11-19"))

    assert count_of("E4.2", reopened, as_of=day("2025-11-18")) == (0, 0)
    assert count_of("E4.2", reopened, as_of=day("2025-11-19")) == (1, 0)


@pytest.mark.parametrize(
    ("subjects", "as_of", "complete", "partial"),
    [
        pytest.param([guardian(answered(own=False))], LATE, 0, 1, id="20: the child's part only"),
        pytest.param([guardian(answered("2025-12-01"))], day("2025-11-30"), 0, 0, id="20: the day before"),
        pytest.param([guardian(answered("2025-12-01"))], day("2025-12-01"), 1, 0, id="20: completed"),
        pytest.param([guardian(answered()), subject_of("survey/families", tallied())], LATE, 10, 3, id="20: a tally"),
        pytest.param([guardian(answered(), answered("2025-12-03", logged_as="g9")),
            subject_of("survey/families", tallied())], LATE, 10, 3, id="20: the same guardian again, same version"),
        pytest.param([guardian(answered(), answered("2025-12-03", own=False))], LATE, 0, 1, id="the later stands"),
        pytest.param([guardian(answered(), answered(version=2))], LATE, 2, 0, id="another version is another response"),
    ],
)  # fmt: skip
def test_survey_responses(subjects, as_of, complete, partial):
    assert count_of("E4.4", *subjects, as_of=as_of) == (complete, 0)
    assert count_of("E4.4.partial", *subjects, as_of=as_of) == (partial, 0)


def test_21_what_is_logged_late_belongs_to_the_year_of_its_day():
    late = student(touched("2025-05-20"))

    assert (count_of("G7.touches", late, year="2024-25"), count_of("G7.touches", late)) == ((1, 0), (0, 0))


def test_22_the_last_evening_of_a_school_year_belongs_to_it():
    """A phone sent 2025-07-01T06:30Z; the day is the district's."""
    assert count_of("G7.touches", student(touched("2025-06-30")), year="2024-25") == (1, 0)


def test_23_what_is_void_counts_for_nobody_and_counts_again_where_it_is_logged_anew():
    wrong = student(touched())
    void = wrong.learn("touchpoint", Event(record_id="touchpoint/0", version=2, state=None))
    right = subject_of("student/another", touched())

    assert [count_of("G7.touches", one) for one in (wrong, void, right)] == [(1, 0), (0, 0), (1, 0)]


def test_the_survey_itself_counts_on_the_day_of_its_first_version_that_asks_about_both_needs():
    about_one = survey("2025-07-10", version=1, asks=Asks(child_needs=True))
    created = subject_of("survey/families", about_one, survey("2025-09-15", version=2), survey("2025-12-01", version=3))

    assert count_of("E4.5", created) == (1, 0)
    assert count_of("E4.5", created, as_of=day("2025-09-14")) == (0, 0)
