"""Who files for whom, and what a caller is told of records of a student that lie beyond reach."""

from dataclasses import replace
from datetime import date

import pytest

from services.credentials.assessment import decision as deciding
from services.credentials.assessment.rules import Assessment
from services.credentials.award.decision import Ground, decide
from services.credentials.award.rules import Award
from services.credentials.catalogue_entry.rules import Credential
from shared.contracts.credentials import DatedTier
from shared.doors.auth import Identity, Reach, Role, Rows
from shared.errors import Conflict, NotFound
from shared.producer.decisions import Asked, Stored
from shared.roster_copy.reach import filing, within
from shared.roster_copy.students import Enrolment, Student

DAY = date(2025, 5, 20)
WELDING, NURSING = (
    Enrolment(program_id=program, organisation_id="central", begin=date(2024, 8, 5))
    for program in ("welding", "nursing")
)
ADA = Student(id="ada", district_id="north", enrolments=(WELDING, NURSING))
BOB = Student(id="bob", district_id="north", enrolments=(NURSING,))


def reach(role, rows, **claims):
    return Reach(Identity("s", frozenset({role}), **{name: frozenset(them) for name, them in claims.items()}), rows)


ANYWHERE = reach(Role.INSTRUCTOR, frozenset({Rows.OWN_PROGRAMS}), programs=["welding"], campuses=["*"])
HERE = reach(Role.INSTRUCTOR, frozenset({Rows.OWN_PROGRAMS}), programs=["welding"], campuses=["central"])
DISTRICT = reach(Role.DATA_MANAGER, frozenset({Rows.OWN_DISTRICTS}), districts=["north"])
ELSEWHERE = reach(Role.DATA_MANAGER, frozenset({Rows.OWN_DISTRICTS}), districts=["south"])
EVERYTHING = reach(Role.SERVICE, frozenset({Rows.ALL}))


@pytest.mark.parametrize(
    ("who", "student", "at", "may"),
    [
        pytest.param(ANYWHERE, ADA, ("welding", "central"), True, id="a student enrolled in the program"),
        pytest.param(ANYWHERE, BOB, ("welding", "central"), False, id="who is not"),
        pytest.param(ANYWHERE, BOB, ("welding", None), False, id="who is not, at no place"),
        pytest.param(ANYWHERE, Student(id="cat"), ("welding", None), False, id="who is enrolled nowhere"),
        pytest.param(ANYWHERE, ADA, ("nursing", "central"), False, id="another program of the student"),
        pytest.param(HERE, ADA, ("welding", "central"), True, id="the own campus"),
        pytest.param(HERE, ADA, ("welding", "south-campus"), False, id="not enrolled there"),
        pytest.param(DISTRICT, BOB, ("welding", None), True, id="the home district"),
        pytest.param(ELSEWHERE, BOB, ("nursing", "central"), False, id="another district"),
        pytest.param(EVERYTHING, BOB, ("welding", None), True, id="everything"),
    ],
)
def test_who_files_for_whom(who, student, at, may):
    assert filing(who, student)(*at) is may


OSHA = Credential(
    code="osha-10",
    title="OSHA 10",
    issuer="Made-up",
    type="Certification",
    tiers=tuple(
        DatedTier(program_id=one, tier="required", valid_from=date(2020, 7, 1)) for one in ("welding", "nursing")
    ),
)
NEW = Award(student_id="ada", credential_code="osha-10", result="passed", awarded_on=DAY)
# What a nurse's instructor has recorded, and what belongs to a welder's.
NURSES = replace(NEW, program_id="nursing", organisation_id="central")
WELDERS = replace(NEW, program_id="welding", organisation_id="central")


def decided(asked, awards, who=ANYWHERE, void=()):
    ground = Ground(
        students={"ada": ADA, "bob": BOB},
        programs={"welding", "nursing"},
        credentials={"osha-10": OSHA},
        codes=["osha-10"],
        awards={key: Stored(one, key in void) for key, one in awards.items()},
        within=lambda student: filing(who, student),
        reads=lambda student: within(who, student),
        today=date(2025, 6, 1),
    )
    return decide([Asked("new", asked)], ground)[0]


def said(decision):
    problems = decision.refusal.problems if decision.refusal else ()
    return " ".join([str(decision.refusal or ""), *(one.said for one in (*problems, *decision.warnings))])


EARLIER = {"awarded_on": date(2025, 5, 12)}
LATER = replace(NEW, renews="old")


@pytest.mark.parametrize(
    ("asked", "awards", "void", "words"),
    [
        pytest.param(NEW, {"old": NURSES}, (), "beyond your reach", id="the same, recorded elsewhere"),
        pytest.param(
            replace(NEW, license_number="L"), {"old": NURSES}, (), "beyond your reach", id="another of that day"
        ),
        pytest.param(NEW, {"old": replace(NURSES, **EARLIER)}, (), "", id="a few days before"),
        pytest.param(LATER, {"old": replace(NURSES, **EARLIER)}, (), "no other award of this student", id="renewed"),
        pytest.param(LATER, {"old": replace(NURSES, **EARLIER)}, ("old",), "no other award of this", id="void"),
        pytest.param(
            LATER,
            {"old": replace(WELDERS, **EARLIER), "mid": replace(NURSES, renews="old", awarded_on=date(2025, 5, 16))},
            (),
            "beyond your reach",
            id="renewed elsewhere already",
        ),
    ],
)
def test_what_lies_beyond_reach_is_not_quoted(asked, awards, void, words):
    decision = decided(asked, awards, void=void)

    assert words in said(decision)
    assert decision.id == "new"
    for quoted in ("mid", "2025-05-1", "nursing", *(() if asked.renews else ("old",))):
        assert quoted not in said(decision)
    assert getattr(decision.refusal, "existing", "") == ""


@pytest.mark.parametrize(
    ("asked", "awards", "words"),
    [
        pytest.param(replace(NEW, license_number="L"), {"old": WELDERS}, "award old already records", id="that day"),
        pytest.param(NEW, {"old": replace(WELDERS, **EARLIER)}, "award old records", id="a few days before"),
        pytest.param(LATER, {"old": replace(WELDERS, result="failed", **EARLIER)}, "old was not passed", id="renewed"),
    ],
)
def test_what_may_be_read_is_named(asked, awards, words):
    assert words in said(decided(asked, awards))


def test_nobody_and_somebody_elses_student_are_answered_alike():
    answers = {name: decided(replace(NEW, student_id=name), {}) for name in ("bob", "nobody")}

    told = {name: (isinstance(one.refusal, NotFound), said(one).replace(name, "X")) for name, one in answers.items()}
    assert told["bob"] == told["nobody"]
    assert "there is no student bob within your reach" in said(answers["bob"])


SAT = Assessment(
    student_id="ada",
    program_id="welding",
    kind="technical_skills",
    form="spring-b",
    scale="items",
    taken_on=DAY,
    operational_items=80,
    correct=58,
)


def sat(asked, stored):
    ground = deciding.AssessmentGround(
        students={"ada": ADA, "bob": BOB},
        programs={"welding", "nursing"},
        stored={key: deciding.Stored(one) for key, one in stored.items()},
        within=lambda student: filing(HERE, student),
        reads=lambda student: within(HERE, student),
        today=date(2025, 6, 1),
    )
    return deciding.decide([deciding.Asked("new", asked)], ground)[0]


def test_a_sitting_out_of_sight_is_not_quoted_and_one_in_sight_is():
    unseen, seen = (
        sat(replace(SAT, correct=70), {"old": replace(SAT, organisation_id=place)}) for place in ("south", "central")
    )

    assert "beyond your reach" in said(unseen)
    assert "old" not in said(unseen)
    assert isinstance(unseen.refusal, Conflict)
    assert "assessment old already records" in said(seen)
    assert said(sat(replace(SAT, student_id="bob"), {})) == said(sat(replace(SAT, student_id="no"), {})).replace(
        "student no ", "student bob "
    )
