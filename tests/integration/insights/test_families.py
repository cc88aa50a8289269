"""What is counted of families is shown and opened: workshops and surveys are nobody, guardians are people."""

import pytest

from shared.contracts.envelope import Fact
from tests.insights_world import World
from tests.integration.insights.test_pages import text
from tests.unit.aggregator.families import answered, excused, lying, present, survey, tallied, touched, workshop

LEADER = {"roles": ["leader"], "districts": ["*"]}
OF_NORTH = {"roles": ["leader"], "districts": ["north"]}
INSTRUCTOR = {"roles": ["instructor"], "programs": ["welding"], "campuses": ["northwest"]}
YEAR = "school_year=2025-26&plan=strong_workforce"


def told(subject: str, *facts: Fact):
    return [(subject, f"{fact.kind}/{subject.split('/')[1]}-{n}", fact, type(fact)) for n, fact in enumerate(facts)]


@pytest.fixture
async def families(world: World) -> World:
    """Three guardians at one of two workshops, one of them of the south; a survey; a student touched in two terms."""
    homes = ("north", "north", "south")
    came = [present(of="k1", who=f"g{n}", districts=(home,), students=("w0", "w1")) for n, home in enumerate(homes)]
    await world.tell(
        *(one for n, fact in enumerate(came) for one in told(f"guardian/g{n}", fact)),
        *told("guardian/g3", answered()),
        *told("workshop/k1", workshop(districts=("north",), unnamed=28)),
        *told("workshop/k2", workshop("2026-02-04", districts=("north", "south"))),
        *told("survey/families", survey(), tallied()),
        *told("student/w0", lying(at="northwest"), touched(spoken="spa"), touched("2026-02-03"), present(of="k1")),
        *told("student/w1", lying(id="other", at="northwest"), excused("other")),
    )
    return world


async def rows(ask, claims, key, dimension="all"):
    answer = await ask(claims, f"/v1/measures/{key}?{YEAR}&dimension={dimension}")
    assert answer.status_code == 200, answer.text
    return {row["value"]: (row["numerator"], row["denominator"], row["status"]) for row in answer.json()["rows"]}


async def members(ask, claims, key, **cell):
    query = "".join(f"&{name}={value}" for name, value in cell.items())
    answer = await ask(claims, f"/v1/measures/{key}/members?{YEAR}{query}")
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


@pytest.mark.parametrize(
    ("claims", "seen"),
    [
        pytest.param(LEADER, ["g0", "g1", "g2"], id="leader of all"),
        pytest.param(OF_NORTH, ["g0", "g1"], id="leader of one district"),
        pytest.param({"roles": ["data_manager"], "districts": ["south"]}, ["g2"], id="data manager of the other"),
        pytest.param(INSTRUCTOR, [], id="instructor"),
        pytest.param({"roles": ["coordinator"], "campuses": ["northwest"]}, [], id="coordinator"),
        pytest.param({"roles": ["counselor"], "campuses": ["northwest"]}, [], id="counselor"),
    ],
)
async def test_guardians_are_people_who_are_read_within_ones_districts(families, ask, claims, seen) -> None:
    found = await members(ask, claims, "E4.3")

    assert [one["guardian_id"] for one in found] == seen
    assert all(one["student_id"] is None for one in found)


async def test_no_member_names_another_person(families, ask) -> None:
    """Neither a guardian's workshop the children, nor a student's touch the guardians or the siblings' occasion."""
    for key, others in (("E4.3", ("w0", "w1")), ("G7.touches", ("g0", "g1", "2025-10-09-Phone"))):
        found = await members(ask, LEADER, key)
        assert found
        assert not [one for one in found if any(f'"{other}' in str(one).replace("'", '"') for other in others)]


async def test_workshops_and_surveys_are_nobody(families, ask) -> None:
    assert [one["workshop_id"] for one in await members(ask, INSTRUCTOR, "E4.2")] == ["k1", "k2"]
    assert [one["survey_id"] for one in await members(ask, INSTRUCTOR, "E4.5")] == ["families"]
    assert await rows(ask, INSTRUCTOR, "E4.2") == {"all": (2, 0, "no_target")}
    assert await rows(ask, INSTRUCTOR, "E4.3") == {}
    assert await rows(ask, LEADER, "E4.3") == {"all": (3, 0, "no_target")}
    assert await rows(ask, LEADER, "E4.2", "district") == {
        "north": (1, 0, "no_target"), "several": (1, 0, "no_target"),
    }  # fmt: skip


async def test_responses_are_of_guardians_and_of_a_survey_and_say_how_many_they_stand_for(families, ask) -> None:
    found = await members(ask, LEADER, "E4.4")

    assert [(one["guardian_id"], one["survey_id"], one["n"]) for one in found] == [
        ("g3", None, 1),
        (None, "families", 9),
    ]
    assert sum(one["n"] for one in found) == (await rows(ask, LEADER, "E4.4"))["all"][0]


async def test_another_plan_is_chosen_on_the_board_and_kept_on_the_way(families, ask) -> None:
    assert "Plan Aurora, strategic plan framework 21-26 Strong Workforce" in await text(ask, LEADER, "/")
    said = await text(ask, LEADER, f"/?{YEAR}")

    assert "in career-related presentations” 2025-26 3 parents, people, each once a year" in said
    assert "Each workshop counted 3" in said
    assert "Not on the roll 28" in said
    html = (await ask(LEADER, f"/?{YEAR}")).text
    links = [part.split('"')[0] for part in html.split('href="')[1:]]
    assert all("plan=strong_workforce" in one for one in links if one.startswith("/goals/"))


@pytest.mark.parametrize("goal", ["E4.2", "E4.3", "E4.4", "E4.5"])
@pytest.mark.parametrize("claims", [LEADER, OF_NORTH, INSTRUCTOR], ids=["leader", "of one district", "instructor"])
async def test_every_goal_of_it_opens_with_its_members(families, ask, goal, claims) -> None:
    said = await text(ask, claims, f"/goals/{goal}?{YEAR}")
    opened = await text(ask, claims, f"/goals/{goal}/members?{YEAR}")

    assert ("People, each once a year." in said) == (goal == "E4.3")
    assert "Who is behind this number" in opened


async def test_the_goal_of_families_opens_with_the_days_that_decided(families, ask) -> None:
    board = await text(ask, LEADER, "/?school_year=2025-26")
    opened = await text(ask, LEADER, "/goals/G7/members?school_year=2025-26&counted=true")

    assert "G7 Families engaged on purpose" in board
    assert "Excused 1" in board
    assert "Reached by phone on 9 October 2025 (term 1) and at a workshop" not in opened
    assert "Reached by phone on 9 October 2025 (term 1) and by phone on 3 February 2026 (term 2)." in opened
    assert "9 October 2025 Tried to reach the family 9 October 2025 Reached" in opened


async def test_nobody_is_told_why_an_enrolment_is_excused(families, ask) -> None:
    (one,) = await members(ask, LEADER, "G7.excused")

    assert one["reason"] == {"code": "excused", "words": "excused in this school year"}
    assert [set(fact["state"]) & {"from", "until", "basis", "eighteen_on"} for fact in one["facts"]] == [set(), set()]


async def test_the_languages_and_methods_have_names(families, ask) -> None:
    answer = await ask(LEADER, "/v1/measures/G7.touches?school_year=2025-26&dimension=language")

    assert {row["label"]: row["numerator"] for row in answer.json()["rows"]} == {
        "English": 1, "Spanish": 1, "Not reported": 1,
    }  # fmt: skip


async def test_the_rule_says_of_what_shape_a_number_is(ask) -> None:
    explained = [await ask(LEADER, f"/v1/measures/{key}/explain") for key in ("E4.3", "E4.2", "G7.reach")]

    assert [one.json()["shape"] for one in explained] == ["people", "things", "ratio"]
