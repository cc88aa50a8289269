"""Who may be contacted about a student, how, and when nobody could be."""

from datetime import date

import pytest

from services.family_touchpoints.contact.rules import (
    Consent,
    ConsentStep,
    Family,
    Rule,
    Sharing,
    SharingStep,
    Tie,
    closed,
    contacts,
    excused,
    withdrawn_on,
)

FIRST, LAST = date(2025, 8, 4), date(2026, 5, 22)


def day(text):
    return date.fromisoformat(text)


def tie(guardian, begin="2024-07-01", end=None, **more):
    return Tie(guardian_id=guardian, relation="parent", begin=day(begin), end=day(end) if end else None, **more)


def rule(rule="no_contact", guardian="g1", begin="2025-10-01", until=None, **more):
    return Rule(
        student_id="p1", guardian_id=guardian, rule=rule, begin=day(begin), until=day(until) if until else None, **more
    )


def text(*steps, guardian="g1", about="school"):
    taken = tuple(ConsentStep(status, day(on)) for status, on in steps)
    return Consent(guardian_id=guardian, channel="text", about=about, steps=taken)


BOTH = (tie("g1"), tie("g2"))


def family(*, rules=(), consents=(), sharing=None, joined=None, ties=BOTH):
    return Family(student_id="p1", ties=ties, rules=rules, consents=consents, sharing=sharing, joined=joined or {})


@pytest.mark.parametrize(
    ("known", "guardian", "method", "on", "purpose", "liaison", "expected"),
    [
        pytest.param(family(), "g1", "Text", "2025-11-10", "progress", False, None, id="nothing was said"),
        pytest.param(
            family(rules=(rule(),)), "g1", "Phone", "2025-09-30", "progress", False, None, id="before the rule"
        ),
        pytest.param(family(rules=(rule(),)), "g1", "Phone", "2025-10-01", "progress", True, "rule", id="on its day"),
        pytest.param(
            family(rules=(rule(until="2025-11-30"),)),
            "g1",
            "Phone",
            "2025-12-01",
            "progress",
            False,
            None,
            id="behind it",
        ),
        pytest.param(
            family(rules=(rule(),)), "g2", "Phone", "2025-10-03", "progress", False, None, id="another guardian"
        ),
        pytest.param(
            family(rules=(rule(guardian=None),)), "g2", "Phone", "2025-10-03", "progress", False, "rule", id="everybody"
        ),
        pytest.param(
            family(rules=(rule(),), joined={"g9": "g1"}),
            "g9",
            "Phone",
            "2025-10-03",
            "progress",
            False,
            "rule",
            id="the same guardian by another id",
        ),
        pytest.param(
            family(rules=(rule(),)),
            "g1",
            "Phone",
            "2025-10-03",
            "emergency",
            True,
            "rule",
            id="an emergency opens no rule",
        ),
        pytest.param(
            family(rules=(rule("only_staff"),)), "g1", "Phone", "2025-10-03", "progress", False, "rule", id="only staff"
        ),
        pytest.param(
            family(rules=(rule("only_staff"),)), "g1", "Phone", "2025-10-03", "progress", True, None, id="that staff"
        ),
        pytest.param(
            family(rules=(rule("only_channels", channels=frozenset({"Email"})),)),
            "g1",
            "Phone",
            "2025-10-03",
            "progress",
            False,
            "rule",
            id="only other channels",
        ),
        pytest.param(
            family(rules=(rule("only_channels", channels=frozenset({"Email"})),)),
            "g1",
            "Email",
            "2025-10-03",
            "progress",
            False,
            None,
            id="the channel that is left",
        ),
        pytest.param(
            family(rules=(rule("no_records"),)),
            "g1",
            "Phone",
            "2025-10-03",
            "progress",
            False,
            None,
            id="what may not be told may not be told; they may be called",
        ),
        pytest.param(
            family(consents=(text(("withdrawn", "2025-11-05")),)),
            "g1",
            "Text",
            "2025-11-03",
            "progress",
            False,
            None,
            id="before the withdrawal",
        ),
        pytest.param(
            family(consents=(text(("withdrawn", "2025-11-05")),)),
            "g1",
            "Text",
            "2025-11-10",
            "progress",
            False,
            "withdrawn",
            id="withdrawn",
        ),
        pytest.param(
            family(consents=(text(("withdrawn", "2025-11-05")),)),
            "g1",
            "Phone",
            "2025-11-10",
            "progress",
            False,
            None,
            id="another channel stays open",
        ),
        pytest.param(
            family(consents=(text(("withdrawn", "2025-11-05")),)),
            "g1",
            "Text",
            "2025-11-11",
            "emergency",
            False,
            None,
            id="an emergency stays open",
        ),
        pytest.param(
            family(consents=(text(("withdrawn", "2025-11-05")),)),
            "g1",
            "Text",
            "2025-11-10",
            "survey",
            False,
            None,
            id="another matter stays open",
        ),
        pytest.param(
            family(consents=(text(("withdrawn", "2025-11-05"), ("granted", "2025-11-08")),)),
            "g1",
            "Text",
            "2025-11-10",
            "progress",
            False,
            None,
            id="given again",
        ),
        pytest.param(
            family(sharing=Sharing(eighteen_on=day("2025-10-01"))),
            "g1",
            "Phone",
            "2025-10-01",
            "progress",
            True,
            "of_age",
            id="18 and shares nothing",
        ),
        pytest.param(
            family(sharing=Sharing(eighteen_on=day("2025-10-01"))),
            "g1",
            "Phone",
            "2025-09-30",
            "progress",
            True,
            None,
            id="not 18 yet",
        ),
        pytest.param(
            family(
                sharing=Sharing(
                    eighteen_on=day("2025-10-01"), steps=(SharingStep("student_consents", day("2025-10-02")),)
                )
            ),
            "g1",
            "Phone",
            "2025-10-03",
            "progress",
            False,
            None,
            id="18 and shares",
        ),
        pytest.param(
            family(
                sharing=Sharing(
                    eighteen_on=day("2025-10-01"),
                    steps=(
                        SharingStep("dependent_for_tax", day("2025-10-02")),
                        SharingStep("ended", day("2025-12-01")),
                    ),
                )
            ),
            "g1",
            "Phone",
            "2025-12-01",
            "progress",
            False,
            "of_age",
            id="shares no more",
        ),
    ],
)
def test_what_closes_a_way_to_a_guardian(known, guardian, method, on, purpose, liaison, expected):
    assert closed(known, guardian, method, purpose=purpose, day=day(on), liaison=liaison) == expected


def test_each_guardian_is_listed_once_with_the_ways_that_are_open():
    known = family(
        rules=(rule(),),
        consents=(text(("withdrawn", "2025-11-05"), guardian="g2"),),
        ties=(tie("g1"), tie("g2", language="spa", interpreter_needed=True), tie("g8"), tie("g3", end="2025-06-01")),
        joined={"g8": "g2"},
    )

    found = {one.guardian_id: one for one in contacts(known, day("2025-11-10"), liaison=False)}

    assert found.keys() == {"g1", "g2"}
    assert found["g1"].may == ()
    assert found["g2"].may == ("Phone", "InPerson", "HomeVisit", "VideoCall", "App", "Email")
    assert (found["g2"].language, found["g2"].interpreter) == ("spa", True)


def test_since_when_a_channel_is_withdrawn_is_told_under_every_id_of_a_guardian():
    known = family(consents=(text(("withdrawn", "2025-11-05"), guardian="g9"),), joined={"g9": "g1"})

    assert withdrawn_on(known, "g1", "Text", purpose="progress", day=day("2025-11-20")) == day("2025-11-05")
    assert withdrawn_on(known, "g2", "Text", purpose="progress", day=day("2025-11-20")) is None


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        pytest.param(
            family(rules=(rule(guardian=None, begin="2025-08-04", until="2026-01-31"),)), True, id="181 of 292 days"
        ),
        pytest.param(
            family(rules=(rule(guardian=None, begin="2025-08-04", until="2025-11-30"),)), False, id="119 of 292 days"
        ),
        pytest.param(
            family(rules=(rule(guardian=None, begin="2025-08-04", until="2025-12-27"),)), False, id="just half"
        ),
        pytest.param(
            family(rules=(rule(guardian=None, begin="2025-08-04", until="2025-12-28"),)),
            True,
            id="a day more than half",
        ),
        pytest.param(family(rules=(rule(begin="2025-07-01"),)), False, id="one of two guardians"),
        pytest.param(
            family(rules=(rule(begin="2025-07-01"), rule(guardian="g2", begin="2025-07-01"))), True, id="each of two"
        ),
        pytest.param(family(ties=()), False, id="no guardian in roster"),
        pytest.param(family(sharing=Sharing(eighteen_on=day("2025-09-01"))), True, id="18 and shares nothing"),
        pytest.param(family(sharing=Sharing(eighteen_on=day("2026-03-01"))), False, id="18 late in the year"),
        pytest.param(family(rules=(rule("only_staff", begin="2025-07-01", guardian=None),)), False, id="staff may"),
    ],
)
def test_a_year_is_excused_when_nobody_could_be_contacted_on_more_than_half_of_it(known, expected):
    assert excused(known, FIRST, LAST) is expected
