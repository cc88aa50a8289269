"""What is remembered: the highest version of each record, withdrawn ones included."""

from services.aggregator.domain.catalogue import CATALOGUE
from services.aggregator.domain.facts import fact_document, subject_from, unknown
from services.aggregator.domain.measures import BY_KEY, MEASURES
from shared.contracts.envelope import Event
from shared.contracts.roster import Student
from tests.unit.aggregator.families import student, touched
from tests.unit.aggregator.students import awarded, completed


def test_the_higher_version_wins_whatever_comes_first():
    one, two = Student(student_id="x"), Student(student_id="x", directory_opt_out=True)
    second = unknown("student/x").learn("student", Event(record_id="student/x", version=2, state=two))

    assert second.learn("student", Event(record_id="student/x", version=1, state=one)) is second
    assert second.learn("student", Event(record_id="student/x", version=2, state=two)) is second


def test_a_withdrawn_record_is_not_revived_by_an_older_version():
    gone = unknown("student/x").learn("award", Event(record_id="award/a", version=5, state=None))

    assert gone.learn("award", Event(record_id="award/a", version=4, state=awarded())) is gone
    assert gone.has == []


def test_a_subject_lists_the_kinds_and_years_by_which_its_members_are_found():
    subject = unknown("student/x")
    for n, fact in enumerate((awarded("2025-03-02"), awarded("2025-09-02"), completed(), Student(student_id="x"))):
        subject = subject.learn(fact.kind, Event(record_id=f"{fact.kind}/{n}", version=1, state=fact))

    assert subject.has == ["award|2024-25", "award|2025-26", "completion|2024-25"]


def test_a_touchpoint_belongs_to_the_years_of_all_its_days():
    steps = [("planned", "2024-06-30"), ("held", "2025-06-30")]
    touchpoint = student(touched(steps=steps, replied="2025-07-02"))
    unanswered = student(touched(steps=steps, outcome="delivered"))

    assert touchpoint.has == [f"touchpoint|{year}" for year in ("2023-24", "2024-25", "2025-26")]
    assert unanswered.has == [f"touchpoint|{year}" for year in ("2023-24", "2024-25")]


def test_a_stored_subject_is_read_back_as_it_was():
    subject = unknown("student/x").learn("award", Event(record_id="award/a", version=1, state=awarded()))
    subject = subject.learn("completion", Event(record_id="completion/c", version=3, state=None))
    document = {"_id": subject.id, "facts": {key: fact_document(known) for key, known in subject.facts.items()}}

    assert subject_from(document) == subject


def test_a_fact_of_a_newer_release_is_passed_over_when_read_back():
    document = {"_id": "student/x", "facts": {"placement/p": {"v": 1, "k": "placement", "s": {"hours": 3}}}}

    assert subject_from(document).facts == {}


def test_a_subject_is_still_found_by_facts_of_a_newer_release_after_this_one_has_learnt_more():
    """Two releases side by side: the older must not take a subject out of the newer one's lists of members."""
    facts = {"placement/p": {"v": 1, "k": "placement", "s": {"hours": 3}}}
    subject = subject_from({"_id": "student/x", "facts": facts, "has": ["placement|2024-25"]})
    subject = subject.learn("award", Event(record_id="award/a", version=1, state=awarded("2025-03-02")))

    assert subject.has == ["award|2024-25", "placement|2024-25"]


def test_a_fact_wakes_only_the_measures_that_read_its_kind():
    def woken_by(kinds):
        return CATALOGUE.woken_by(kinds, CATALOGUE.definitions)

    assert woken_by(frozenset({"organisation"})) == ()
    woken = {measure.key for measure in woken_by(frozenset({"enrolment"}))}
    assert {key for key in woken if key[:2] not in ("W2", "W3", "G7")} == {
        *("awards", "attempts", "W1.attempt_rate", "W1.pass_rate", "G1.validated", "G1.days_to_validated"),
        *("G1.celebrated", "G1.celebrated_of_those_who_may_be", "G10.touches"),
    }
    assert {key for key in woken if key[:2] == "G7"} == {key for key in BY_KEY if key[:2] == "G7"} - {"G7.plans"}
    assert {measure.key for measure in woken_by(frozenset({"approval"}))} == {"G1.approved_lists"}
    assert woken_by(frozenset({"demographics"})) == tuple(one for one in MEASURES if one.subjects == ("student",))
