"""What may be kept of rules, consents, sharing and guardians, and what of a row is refused with which words."""

from datetime import date

import pytest

from services.family_touchpoints.contact.closing.rules import added, consent_next, rule_next, sharing_next
from services.family_touchpoints.contact.guardian.rules import joined_to, profile_next, separated
from services.family_touchpoints.contact.record import Profile
from shared.errors import Conflict, NotFound, Refused

TODAY = date(2025, 12, 10)
RULE = {
    "guardian_id": "g1",
    "rule": "no_contact",
    "channels": [],
    "basis": "court_order",
    "from": "2025-10-01",
    "to": None,
    "seen_on": "2025-10-01",
    "told_to_staff": None,
}
WHOSE = {"student_id": "p1", "rule_id": "r1"}
NOTHING_SAID = dict.fromkeys(
    ("preferred_language", "interpreter_needed", "best_time", "name", "phone", "relation", "student_ids")
)


def rule(before=None, *, tied=True, twin=None, by="c1", **more):
    return rule_next(before, RULE | more, whose=WHOSE, tied=tied, twin=twin, by=by, today=TODAY)


def step(status, on, **more):
    return {"status": status, "on": on, "seen_on": None, **more}


def sharing(before, *steps, eighteen_on=None, own=False):
    said = {"eighteen_on": eighteen_on, "steps": list(steps)}
    return sharing_next(before, said, student_id="p1", own=own, today=TODAY)


def test_who_saw_the_document_stays_who_did_while_the_day_stays():
    first = rule(by="c1")

    assert first["seen_by"] == "c1"
    assert rule(first, by="c2", to="2025-11-30")["seen_by"] == "c1"
    assert rule(first, by="c2", seen_on="2025-12-01")["seen_by"] == "c2"
    assert rule(by="c1", basis="guardian_request", seen_on=None)["seen_by"] is None


def test_a_rule_stays_the_one_of_the_id_under_which_it_was_entered():
    assert rule({**rule(), "student_id": "p9"}, to="2025-11-30")["student_id"] == "p9"


@pytest.mark.parametrize(
    ("more", "pointers"),
    [
        pytest.param({"tied": False}, ["/guardian_id"], id="of nobody of the student's"),
        pytest.param({"rule": "only_channels"}, ["/channels"], id="no way is left"),
        pytest.param({"channels": ["Email"]}, ["/channels"], id="ways for nothing"),
        pytest.param({"to": "2025-09-30"}, ["/to"], id="ends before it begins"),
        pytest.param({"seen_on": None}, ["/seen_on"], id="a court order that nobody saw"),
        pytest.param({"seen_on": None, "basis": "protection_order"}, ["/seen_on"], id="a protection order"),
        pytest.param({"seen_on": "2025-12-11"}, ["/seen_on"], id="seen tomorrow"),
        pytest.param({"tied": False, "to": "2025-09-30"}, ["/guardian_id", "/to"], id="every reason at once"),
    ],
)
def test_a_rule_that_cannot_be_is_refused(more, pointers):
    with pytest.raises(Refused) as refusal:
        rule(**more)

    assert [one.pointer for one in refusal.value.problems] == pointers


def test_a_rule_of_one_day_and_one_that_begins_later_may_be():
    assert rule(to="2025-10-01")["to"] == "2025-10-01"
    assert rule(**{"from": "2026-03-01"})["from"] == "2026-03-01"


def test_a_rule_that_another_says_already_names_that_one():
    with pytest.raises(Conflict) as refusal:
        rule(twin="r7")

    assert refusal.value.existing == "r7"


def test_steps_are_kept_in_the_order_of_their_days_and_two_of_a_day_in_that_of_the_body():
    said = [{"status": name, "on": on} for name, on in (("a", "2025-11-20"), ("b", "2025-11-05"), ("c", "2025-11-20"))]

    assert [one["status"] for one in consent_next({}, said, TODAY)["steps"]] == ["b", "a", "c"]


def test_what_is_added_comes_to_what_was_said_and_the_same_only_once():
    before = {"steps": [step("granted", "2025-11-05")]}

    assert added(before, [step("granted", "2025-11-05"), step("withdrawn", "2025-11-20")]) == [
        step("granted", "2025-11-05"),
        step("withdrawn", "2025-11-20"),
    ]
    assert added(None, [step("granted", "2025-11-05")]) == [step("granted", "2025-11-05")]


KNOWN = {"student_id": "p1", "eighteen_on": "2025-12-03", "steps": [step("student_consents", "2025-12-04")]}
GIVEN = KNOWN["steps"][0]


def test_the_day_that_is_left_out_stays_as_it_is_kept():
    assert sharing(KNOWN, GIVEN, step("ended", "2025-12-09"))["eighteen_on"] == "2025-12-03"


@pytest.mark.parametrize(
    ("before", "steps", "eighteen_on", "pointers"),
    [
        pytest.param(None, [], None, ["/eighteen_on"], id="no day at all"),
        pytest.param(KNOWN, [step("student_consents", "2025-12-02")], None, ["/steps/0/on"], id="before the birthday"),
        pytest.param(KNOWN, [step("ended", "2025-12-11")], None, ["/steps/0/on"], id="tomorrow"),
        pytest.param(
            KNOWN, [step("dependent_for_tax", "2025-12-04")], None, ["/steps/0/seen_on"], id="a form that nobody saw"
        ),
        pytest.param(
            KNOWN,
            [step("dependent_for_tax", "2025-12-04", seen_on="2025-12-11")],
            None,
            ["/steps/0/seen_on"],
            id="seen tomorrow",
        ),
    ],
)
def test_what_cannot_be_shared_is_refused(before, steps, eighteen_on, pointers):
    with pytest.raises(Refused) as refusal:
        sharing(before, *steps, eighteen_on=eighteen_on)

    assert [one.pointer for one in refusal.value.problems] == pointers


def test_students_of_age_add_what_they_say_today():
    ended = sharing(KNOWN, GIVEN, step("ended", "2025-12-10"), own=True)

    assert [one["status"] for one in ended["steps"]] == ["student_consents", "ended"]


@pytest.mark.parametrize(
    ("steps", "eighteen_on", "pointer"),
    [
        pytest.param([], None, "/steps", id="takes back what was said"),
        pytest.param([step("ended", "2025-12-04")], None, "/steps", id="says otherwise what was said"),
        pytest.param([GIVEN, step("ended", "2025-12-09")], None, "/steps/1/on", id="for yesterday"),
        pytest.param(
            [GIVEN, step("dependent_for_tax", "2025-12-10", seen_on="2025-12-10")], None, "/steps/1/status", id="a form"
        ),
        pytest.param([GIVEN], "2025-12-01", "/eighteen_on", id="another birthday"),
    ],
)
def test_students_change_nothing_else(steps, eighteen_on, pointer):
    with pytest.raises(Refused) as refusal:
        sharing(KNOWN, *steps, eighteen_on=eighteen_on, own=True)

    assert [one.pointer for one in refusal.value.problems] == [pointer]


@pytest.mark.parametrize("before", [None, KNOWN | {"eighteen_on": "2025-12-11"}], ids=["unknown", "18 tomorrow"])
def test_who_is_not_18_says_nothing_and_sees_nothing(before):
    with pytest.raises(NotFound):
        sharing(before, step("student_consents", "2025-12-10"), own=True)


def profile(id="g1", **more):
    return Profile(guardian_id=id, **more)


def test_what_a_guardian_prefers_leaves_whose_id_it_is_alone():
    before = profile(same_as="g2", best_time="mornings")

    kept = profile_next(before, NOTHING_SAID | {"preferred_language": "spa"}, known=True, students=None, day=TODAY)

    assert kept == profile(same_as="g2", preferred_language="spa")


def test_who_walked_in_stays_so_since_the_first_day_with_the_students_that_are_kept():
    before = profile("w1", walk_in=True, name="A", student_ids=("p1",), since=date(2025, 11, 12))

    kept = profile_next(before, NOTHING_SAID | {"name": "B"}, known=True, students=None, day=TODAY)

    assert (kept.name, kept.student_ids, kept.since, kept.relation) == ("B", ("p1",), date(2025, 11, 12), "guardian")
    assert profile_next(
        before, NOTHING_SAID | {"name": "B"}, known=True, students={"p3", "p2"}, day=TODAY
    ).student_ids == (
        "p2",
        "p3",
    )


@pytest.mark.parametrize(
    ("before", "other", "ids", "others", "share", "code"),
    [
        pytest.param(profile(), "g1", ["g1"], ["g1"], True, "one_already", id="itself"),
        pytest.param(profile(), "g9", ["g1", "g9"], ["g1", "g9"], True, "one_already", id="a circle"),
        pytest.param(profile(same_as="g2"), "g3", ["g2", "g1"], ["g3"], True, "joined", id="joined already"),
        pytest.param(profile(), "g3", ["g1"], ["g3"], False, "share_nobody", id="two who share no student"),
    ],
)
def test_who_cannot_be_one_person(before, other, ids, others, share, code):
    with pytest.raises(Refused) as refusal:
        joined_to(before, other, ids=ids, others=others, share=share)

    assert [one.code for one in refusal.value.problems] == [code]


def test_joined_and_separated_a_profile_is_as_it_was():
    before = profile(best_time="mornings")
    joined = joined_to(before, "g2", ids=["g1"], others=["g2"], share=True)

    assert joined.same_as == "g2"
    assert joined_to(joined, "g2", ids=["g2", "g1"], others=["g2", "g1"], share=True) == joined
    assert separated(joined) == before
    with pytest.raises(Refused, match="joined to nobody"):
        separated(before)
