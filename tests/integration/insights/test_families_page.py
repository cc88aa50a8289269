"""The page of families tells by program and by language who was reached, who not yet, and who is excused."""

import html
import re

import pytest

from services.insights.pages.families import KEYS
from shared.contracts.roster import Student, YearAtSchool
from tests.insights_world import World
from tests.integration.insights.test_families import told
from tests.integration.insights.test_pages import text
from tests.unit.aggregator.families import excused, lying, tied, touched

LEADER = {"roles": ["leader"], "districts": ["*"]}
OF_NORTH = {"roles": ["leader"], "districts": ["north"]}
INSTRUCTOR = {"roles": ["instructor"], "programs": ["drones"], "campuses": ["northwest"]}
YEAR = "school_year=2025-26"
AUTUMN, SPRING = touched("2025-10-09"), touched("2026-02-03")
# By what has happened to the family: two terms, one term, nothing, excused.
HAPPENED = {"twice": (AUTUMN, SPRING), "once": (AUTUMN, touched("2025-11-20")), "never": (), "excused": (excused(),)}


def enrolled(who, happened, *, program="welding", at="northwest", language=None, home="north"):
    lives = Student(student_id=who, years=(YearAtSchool(school_year="2025-26", school_id="s", district_id=home),))
    enrolment = lying(program=program, id="welding", at=at)
    return told(f"student/{who}", enrolment, lives, tied(language), *HAPPENED[happened])


@pytest.fixture
async def families(world: World) -> World:
    """Twelve in welding, eight of them Spanish; three in nursing and one in welding of another campus and district."""
    happened = ("twice",) * 5 + ("once",) * 3 + ("never",) * 4
    await world.tell(
        *(
            one
            for n, what in enumerate(happened)
            for one in enrolled(f"f{n:02}", what, language="spa" if n >= 4 else "eng")
        ),
        *(
            one
            for n, what in enumerate(("twice", "never", "excused"))
            for one in enrolled(f"g{n}", what, program="nursing", at="east", home="south")
        ),
        *enrolled("g3", "never", at="east", home="south"),
    )
    return world


def rows(page: str, dimension: str) -> dict[str, list[str]]:
    """The share and the four numbers of each row, in the order of the table."""
    _, _, after = page.partition(f'id="live-{dimension}"')
    found = {}
    for row in re.findall(r"<tr role=\"row\">(.*?)</tr>", after.partition("</section>")[0], re.DOTALL)[1:]:
        label, *cells = [html.unescape(re.sub(r"<[^>]+>", "", one)).strip() for one in re.findall(CELL, row, re.DOTALL)]
        found[label] = [one for one in cells if one]
    return found


CELL = r"<t[hd] [^>]*>(.*?)</t[hd]>"


async def test_every_group_is_split_into_reached_in_one_term_not_yet_and_excused(families, ask) -> None:
    page = (await ask(LEADER, f"/families?{YEAR}")).text
    said = await text(ask, LEADER, f"/families?{YEAR}")

    assert "40 % 6 of 15 enrolments whose families were touched twice, in two terms" in said
    assert list(rows(page, "program").items()) == [
        ("Welding", ["38.4 %", "5", "3", "5", "0"]),
        ("Nursing assistant", ["50 %", "1", "0", "1", "1"]),
        ("Drones", ["–", "0", "0", "0", "0"]),
    ]
    assert list(rows(page, "family_language").items()) == [
        ("Spanish", ["12.5 %", "1", "3", "4", "0"]),
        ("Not reported", ["33.3 %", "1", "0", "2", "1"]),
        ("English", ["100 %", "4", "0", "0", "0"]),
    ]


@pytest.mark.parametrize("where", ["", "&where=campus:northwest", "&where=district:south"])
async def test_every_number_opens_as_many_members_each_with_its_reason(families, ask, where) -> None:
    page = (await ask(LEADER, f"/families?{YEAR}{where}")).text
    links = re.findall(r'<a href="(/goals/G7/members[^"]*)" aria-label="(\d+),', page)
    assert links
    for address, number in links:
        opened = (await ask(LEADER, html.unescape(address))).text
        assert opened.count('<th scope="row"') == int(number), address
        assert "one_term" not in address or opened.count("not in another term") == int(number)


async def test_within_a_campus_programs_are_those_there_and_languages_are_not_kept(families, ask) -> None:
    page = (await ask(LEADER, f"/families?{YEAR}&where=campus:east")).text

    assert list(rows(page, "program").items()) == [
        ("Welding", ["0 %", "0", "0", "1", "0"]),
        ("Nursing assistant", ["50 %", "1", "0", "1", "1"]),
    ]
    assert rows(page, "family_language") == {}
    assert "Within a campus, counts by the family&#39;s language are not kept." in page


@pytest.mark.parametrize(
    ("claims", "where"), [(LEADER, "&where=district:north"), (OF_NORTH, "")], ids=["chosen", "one's own"]
)
async def test_within_a_home_district_it_is_told_as_a_whole(families, ask, claims, where) -> None:
    page = (await ask(claims, f"/families?{YEAR}{where}")).text

    assert rows(page, "district") == {"Northern mock district": ["41.6 %", "5", "3", "4", "0"]}
    assert 'id="live-program"' not in page
    assert "counts by program and by the family&#39;s language are not kept" in page


async def test_few_people_are_withheld_and_never_shown_as_nobody(families, ask) -> None:
    page = (await ask(INSTRUCTOR, f"/families?{YEAR}")).text

    assert rows(page, "program")["Nursing assistant"] == ["–"] * 5
    assert {tuple(numbers) for numbers in rows(page, "family_language").values()} == {("–",) * 5}
    assert not re.search(r'aria-label="1, excused', page)


async def test_the_goal_leads_to_it_and_keeps_its_year_and_part(families, ask) -> None:
    goal = (await ask(LEADER, f"/goals/G7?{YEAR}&where=campus:northwest")).text
    other = (await ask(LEADER, f"/goals/W1?{YEAR}")).text

    assert 'href="/families?school_year=2025-26&amp;where=campus%3Anorthwest"' in goal
    assert "/families" not in other


async def test_each_table_is_there_as_csv(families, ask) -> None:
    page = (await ask(LEADER, f"/families?{YEAR}")).text
    files = [html.unescape(one) for one in re.findall(r'href="(/v1/measures/[^"]*csv[^"]*)"', page)]

    assert len(files) == 2 * len(KEYS)
    for address in files:
        answer = await ask(LEADER, address)
        assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (200, "text/csv")
