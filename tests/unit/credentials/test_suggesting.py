"""What somebody unknown likely is, is said beside the refusal: only to whoever reaches the student, and never kept."""

from datetime import date

import pytest

from services.credentials.award.rules import Award
from shared.doors.auth import Identity, Reach, Rows
from shared.producer.refusals import no_student, unknown, unknown_program
from shared.producer.suggesting import Named, longer, suggesting
from shared.roster_copy.lookup import Calendar, Told
from shared.roster_copy.students import Enrolment, Student

ADA = Student(
    id="p1",
    district_id="north",
    enrolments=(Enrolment(program_id="welding", organisation_id="nw", begin=date(2024, 8, 5)),),
)
ALL = Reach(Identity("all", frozenset()), frozenset({Rows.ALL}))


def teaching(program):
    who = Identity("teacher", frozenset(), programs=frozenset({program}), campuses=frozenset({"*"}))
    return Reach(who, frozenset({Rows.OWN_PROGRAMS}))


class Heard:
    """What roster has told: Ada, under a number with a zero in front, and two programs."""

    async def told(self, names, _programs):
        return Told({name: ADA for name in names if name == "stateStudentId:090001"}, frozenset(), Calendar())

    async def program_ids(self):
        return ["nursing", "welding"]


async def works(wanted, problem, reach):
    named = Named(wanted.student_id, wanted.program_id)
    plain = unknown(problem)
    near = await suggesting(Heard(), reach, [named, named], [plain, None])
    assert near.keys() <= {0}
    return near.get(0, plain).problems[0].works


def of(student="p1", program="welding"):
    return Award(student_id=student, credential_code="aws", result="passed", program_id=program)


@pytest.mark.parametrize(
    ("name", "reach", "said"),
    [
        pytest.param("stateStudentId:90001", ALL, "write stateStudentId:090001, if that is meant", id="a lost zero"),
        pytest.param(
            "stateStudentId:90001", teaching("welding"), "write stateStudentId:090001", id="one's own student"
        ),
        pytest.param("stateStudentId:90001", teaching("nursing"), "check the id", id="somebody else's student"),
        pytest.param("stateStudentId:70001", ALL, "check the id", id="nobody's number"),
        pytest.param("nobody", ALL, "check the id", id="no number"),
    ],
)
async def test_a_number_that_lost_its_zeros(name, reach, said):
    assert (await works(of(name), no_student(name), reach)).startswith(said)


@pytest.mark.parametrize(
    ("program", "said"),
    [("Welding", "write welding, if that is meant"), ("carpentry", "check the id; a new program is put into roster")],
)
async def test_a_program_written_otherwise(program, said):
    assert (await works(of(program=program), unknown_program(program), ALL)).startswith(said)


def test_only_a_number_can_have_lost_zeros():
    assert list(longer("stateStudentId:9")) == [f"stateStudentId:{'0' * n}9" for n in range(1, 5)]
    assert list(longer("stateStudentId:A9")) == []
    assert list(longer("sis:9")) == []
