"""No order of rows, of whatever sources and with whatever wrong numbers, makes one child's certificate another's."""

from dataclasses import dataclass, field
from itertools import count

from hypothesis import given, settings
from hypothesis import strategies as st

from services.roster.identity.people import MERGED, TWO_PERSONS, People
from services.roster.identity.weighing import contradictions, told_by
from services.roster.identity.whose import Joins, Unlike
from services.roster.kinds.rows import Known, Wanted
from services.roster.kinds.student import decide_student
from services.roster.oneroster.check.twins import told_apart
from services.roster.oneroster.read.users import Seen
from services.roster.values import Student
from shared.errors import Conflict
from shared.roster_copy.merges import Merges
from tests.examples import examples

# Children of one family, two of them born on one day; of each, how different systems write the given name.
CHILDREN = {
    "jose": (("Jose", "José", "JOSE ANTONIO"), "2008-03-01"),
    "jo": (("Jo",), "2008-03-01"),
    "ana": (("Ana", "Anastasia"), "2009-05-05"),
    "joanna": (("Joanna", "Joan"), "2010-07-07"),
}
NUMBERS = ("1", "2", "3")
SOURCES = ("north", "south")


@dataclass
class Roster:
    """What a roster knows after some rows; who two records are is settled as when they are kept."""

    known: Known
    certificates: list[tuple[str, str]] = field(default_factory=list)  # a child, and the record it was logged under

    def take(self, row: Wanted) -> str:
        """What becomes of a row: the record it is kept in, or empty when it is refused."""
        try:
            decided = decide_student(row, self.known)
        except Joins as joins:
            return self.take(row) if self._one(joins) else ""
        except Conflict:
            return ""
        self.known.take("student", decided)
        return decided.id

    def _one(self, joins: Joins) -> bool:
        people = self.known.people
        survivor, other = joins.persons[0], joins.persons[-1]
        sides = [[people.states[each] for each in people.merges.together(one)] for one in (survivor, other)]
        if not joins.by_state_id or contradictions(sides[0], sides[1], ()):
            return False
        people.merges = Merges({**people.merges.into, other: survivor})
        return True

    def children_of(self, record: str) -> set[str]:
        """The children whose source ids a person has, under any id."""
        people = self.known.people
        ids = [one for each in people.merges.together(record) for one in people.states[each]["sources"]]
        return {one["sourced_id"].partition("-")[0] for one in ids}


@st.composite
def rows(draw: st.DrawFn) -> tuple[str, Wanted]:
    """A child, and a row about it: of either source or of none, under some of its names, with any number or none."""
    child = draw(st.sampled_from(sorted(CHILDREN)))
    names, born = CHILDREN[child]
    source = draw(st.sampled_from((*SOURCES, "")))
    number = draw(st.sampled_from(NUMBERS if not source else (*NUMBERS, None)))
    body = Student(
        given_name=draw(st.sampled_from(names)),
        family_name=draw(st.sampled_from(("Made-Up", "Quite-Other"))),
        state_student_id=number,
        birth_date=draw(st.sampled_from((born, None))),
    )
    return child, Wanted(
        f"{source}:{child}-{draw(st.integers(1, 2))}" if source else f"stateStudentId:{number}", body, False
    )


def empty() -> Roster:
    ids = count()
    return Roster(Known(today=None, people=People(new_id=lambda: f"p{next(ids)}")))


@settings(max_examples=examples(300), deadline=None)
@given(st.lists(rows(), max_size=14))
def test_a_child_s_certificate_never_becomes_another_child_s(told):
    roster = empty()

    for child, row in told:
        record = roster.take(row)
        if record and not row.id.startswith("stateStudentId:"):
            roster.certificates.append((child, record))

    for child, record in roster.certificates:
        assert roster.children_of(record) == {child}


@settings(max_examples=examples(200), deadline=None)
@given(st.lists(rows(), max_size=14))
def test_a_row_without_a_source_id_never_gives_a_child_another_one_s_name(told):
    roster = empty()

    for child, row in told:
        record = roster.take(row)
        if record and row.id.startswith("stateStudentId:"):
            assert roster.children_of(record) <= {child}


@settings(max_examples=examples(200), deadline=None)
@given(st.lists(rows(), max_size=14))
def test_what_is_decided_rightly_brings_every_row_in_and_mixes_nobody(told):
    roster = empty()
    whom: dict[str, set[str]] = {}  # by record the children that rows of it were about, also those without a source id

    for child, row in told:
        for _ in NUMBERS:
            try:
                decide_student(row, roster.known)
                break
            except Unlike as unlike:
                people = roster.known.people
                about = set().union(*(whom.get(one, set()) for one in people.merges.together(unlike.claim.owner)))
                same = about <= {child}
                key = unlike.claim.owner, unlike.claim.name
                roster.known.people.decided[key] = MERGED if same else TWO_PERSONS
                if unlike.claim.name == unlike.claim.number:
                    break
            except Conflict:
                break
        if record := roster.take(row):
            whom.setdefault(record, set()).add(child)

    for record in roster.known.people.states:
        assert len(roster.children_of(record)) <= 1


@settings(max_examples=examples(200), deadline=None)
@given(st.lists(rows(), max_size=8), st.data())
def test_no_two_children_of_one_package_stand_for_one_person(told, data):
    package = [
        Seen(
            at,
            row.id.partition(":")[2],
            data.draw(st.sampled_from(NUMBERS)),
            row.body.given_name,
            "Made-Up",
            None,
            None,
            None,
        )
        for at, (_, row) in enumerate(told, 2)
        if not row.id.startswith("stateStudentId:")
    ]
    owner = data.draw(st.sampled_from(sorted(CHILDREN)))
    known = {"p1": [told_by({"given_name": CHILDREN[owner][0][0]})]}

    for part in told_apart(package, "north", {"stateStudentId:1": "p1", f"north:{owner}-1": "p1"}, known):
        assert len({row.user.partition("-")[0] for row in part}) == 1
