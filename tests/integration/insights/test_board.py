"""The numbers that insights answers are those that the aggregator has counted."""

import asyncio
import csv
import io
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from services.aggregator.domain.measures import BY_KEY
from services.insights.numbers.slices import Slice
from services.insights.numbers.store import Store
from shared.contracts.envelope import HeldBack
from tests.insights_world import NOW, awarded, completed, sat

LEADER = {"roles": ["leader"], "districts": ["*"]}


def headline(answer, goal=0):
    return answer["goals"][goal]["readings"][0]


def shown(reading):
    return reading["numerator"], reading["denominator"], reading["open"], reading["status"], reading["people_to_target"]


@pytest.mark.parametrize(
    ("query", "year", "expected"),
    [
        pytest.param("", "2024-25", (8, 10, 0, "missed", 1), id="by default the newest settled year"),
        pytest.param("school_year=2023-24", "2023-24", (2, 2, 0, "met", 0), id="an earlier year"),
        pytest.param("school_year=2025-26", "2025-26", (1, 4, 1, "missed", 3), id="one open is not enough any more"),
        pytest.param("as_of=2025-09-30", "2023-24", (2, 2, 0, "met", 0), id="as of then, 2024-25 was open"),
        pytest.param(
            "school_year=2024-25&as_of=2025-09-30", "2024-25", (8, 10, 10, "provisional", 1), id="nobody had matured"
        ),
        pytest.param(
            "school_year=2024-25&as_of=2025-07-31", "2024-25", (3, 10, 10, "provisional", 6), id="the awards of August"
        ),
        pytest.param("campus=northwest", "2024-25", (5, 6, 0, "missed", 1), id="a campus"),
        pytest.param("district=south", "2024-25", (2, 3, 0, "missed", 1), id="a district"),
        pytest.param("school_year=2019-20", "2019-20", (0, 0, 0, "no_data", 0), id="a year with nobody"),
    ],
)
async def test_the_scoreboard(look, query, year, expected) -> None:
    answer = await look(LEADER, f"/v1/scoreboard?{query}")

    assert answer.status_code == 200, answer.text
    assert answer.json()["goals"][0]["school_year"] == year
    assert shown(headline(answer.json())) == expected


async def test_each_goal_is_answered_in_its_own_newest_settled_year_and_says_why(ask, world) -> None:
    await world.tell(*sat("x0", date(2026, 5, 6)))
    found = (await ask(LEADER, "/v1/scoreboard")).json()
    asked = (await ask(LEADER, "/v1/scoreboard?school_year=2024-25")).json()
    rows = (await ask(LEADER, "/v1/measures/W2.headline")).json()

    def years(board):
        return {one["key"]: (one["school_year"], one["school_year_because"]["code"]) for one in board["goals"]}

    assert found["school_year"] == "2025-26"
    assert {key: years(found)[key] for key in ("W1", "W2")} == {
        "W1": ("2024-25", "settled"),
        "W2": ("2025-26", "settled"),
    }
    assert found["goals"][0]["school_year_because"]["words"] == "The newest school year in which this goal is settled."
    assert set(years(asked).values()) == {("2024-25", "asked")}
    assert rows["school_year"] == "2025-26"


async def test_every_reading_says_what_it_needs(look) -> None:
    answer = (await look(LEADER, "/v1/scoreboard?plan=aurora&school_year=2024-25&as_of=2026-09-30")).json()

    readings = {one["key"]: one for one in answer["goals"][0]["readings"]}
    assert {key: (one["numerator"], one["denominator"]) for key, one in readings.items()} == {
        "W1.headline": (8, 10),
        "W1.strict": (7, 10),
        "W1.verified": (2, 10),
        "W1.with_satellites": (8, 11),
        "W1.any_credential": (8, 10),
        "W1.by_program": (8, 10),
        "W1.attempt_rate": (0, 0),
        "W1.pass_rate": (0, 0),
    }
    first = readings["W1.headline"]
    assert first["matured"] == {"numerator": 8, "denominator": 10}
    assert (first["target"], first["comparison"], first["percent"]) == ("0.90", ">=", "80 %")
    assert first["definition"]["version"] == 1
    assert (first["counted_through"], first["seconds_behind"]) == (NOW.isoformat().replace("+00:00", "Z"), 0)
    beside = {one["key"]: one["target"] for one in answer["goals"][1]["readings"]}
    assert (beside["W2.strict"], beside["W2.attempt_rate"]) == ("0.91", None)
    assert [one["key"] for one in answer["goals"] if not one["readings"]] == ["W4"]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        pytest.param("campus=east&district=north", "not by both at once", id="campus and district"),
        pytest.param("school_year=2024-26", "write it as 2024-25", id="no school year"),
        pytest.param("as_of=2031-01-01", "in the future", id="the future"),
        pytest.param("as_of=0563-04-03", "before 1900", id="long before there were schools"),
        pytest.param("shool_year=2024-25", "there is no such parameter", id="a misspelt filter"),
    ],
)
async def test_what_is_not_kept_is_refused_in_words(look, query, said) -> None:
    answer = await look(LEADER, f"/v1/scoreboard?{query}")

    assert answer.status_code == 422
    assert said in answer.json()["detail"]


async def test_an_unknown_plan_is_not_found(look) -> None:
    answer = await look(LEADER, "/v1/scoreboard?plan=borealis")

    known = "there is no plan borealis; there is aurora, strong_workforce"
    assert (answer.status_code, answer.json()["detail"]) == (404, known)


async def test_groups_add_up_to_all_and_a_program_without_completers_has_no_data(look) -> None:
    answer = (await look(LEADER, "/v1/measures/W1.headline?school_year=2024-25")).json()

    assert [(row["label"], row["numerator"], row["denominator"], row["status"]) for row in answer["rows"]] == [
        ("Drones", 0, 0, "no_data"),
        ("Nursing assistant", 3, 4, "missed"),
        ("Welding", 5, 6, "missed"),
    ]


@pytest.mark.parametrize("dimension", ["campus", "district", "grade_level", "sex", "low_income", "program_campus"])
async def test_every_dimension_adds_up_to_all(look, dimension) -> None:
    rows = (await look(LEADER, f"/v1/measures/W1.headline?school_year=2024-25&dimension={dimension}")).json()["rows"]

    assert (sum(row["numerator"] for row in rows), sum(row["denominator"] for row in rows)) == (8, 10)


async def test_within_a_campus_programs_are_kept_and_groups_are_not(look) -> None:
    rows = (await look(LEADER, "/v1/measures/W1.headline?school_year=2024-25&campus=east")).json()["rows"]
    groups = await look(LEADER, "/v1/measures/W1.headline?school_year=2024-25&campus=east&dimension=sex")

    assert [(row["value"], row["numerator"], row["denominator"]) for row in rows] == [("nursing", 3, 4)]
    assert groups.status_code == 422
    assert "within a campus, by program are" in groups.json()["detail"]


@pytest.mark.parametrize(
    ("path", "accept"),
    [
        pytest.param("/v1/measures/W1.headline?school_year=2024-25&format=csv", "*/*", id="asked in the address"),
        pytest.param("/v1/measures/W1.headline?school_year=2024-25", "text/csv", id="asked by Accept"),
    ],
)
async def test_rows_as_csv(look, path, accept) -> None:
    answer = await look(LEADER, path, accept=accept)

    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert answer.headers["content-type"].startswith("text/csv")
    assert [(row["label"], row["numerator"], row["denominator"], row["percent"]) for row in rows][2] == (
        "Welding",
        "5",
        "6",
        "83.3 %",
    )


async def test_a_measure_without_a_goal_is_a_plain_count(look) -> None:
    rows = (await look(LEADER, "/v1/measures/awards?school_year=2024-25&dimension=tier")).json()["rows"]

    assert [(row["value"], row["numerator"], row["status"], row["matured"]) for row in rows] == [
        ("required", 3, "no_target", None),
    ]


async def test_an_unknown_measure_names_those_there_are(look) -> None:
    answer = await look(LEADER, "/v1/measures/W9")

    assert answer.status_code == 404
    assert "W1.headline" in answer.json()["detail"]


async def test_the_rule_is_told_with_the_sentence_it_answers(look) -> None:
    told = (await look(LEADER, "/v1/measures/W1.strict/explain")).json()

    assert (told["key"], told["version"], told["seed_line"], told["target"]) == ("W1.strict", 1, 16, "0.90")
    assert "required or preferred" in told["rule"]
    assert "one year after completion" in told["window"]
    assert [one["value"] for one in told["baselines"]] == ["0.78"]
    assert "a revocation takes its award out on every earlier day too" in told["earlier_days"]


async def test_old_heartbeats_make_the_board_stale(ask, world, clock) -> None:
    clock.now = NOW + timedelta(seconds=61)
    late = (await ask(LEADER, "/v1/scoreboard")).json()
    await world.heartbeat(clock.now)
    fresh = (await ask(LEADER, "/v1/scoreboard")).json()

    assert (headline(late)["status"], headline(late)["status_as_counted"]) == ("stale", "missed")
    assert (late["stale"], late["seconds_behind"]) == (True, 61)
    assert headline(fresh)["status"] == "missed"


async def test_how_far_behind_is_told_by_the_database_s_clock_whatever_ours_says(world) -> None:
    store = Store(world.client[world.settings.database("aggregator")], world.settings)
    yesterday = datetime.now(UTC) - timedelta(days=1)
    await world.heartbeat(yesterday)
    with time_machine.travel(yesterday):
        a_day_old = await store.freshness(await store.now())

    assert a_day_old.stale
    assert a_day_old.seconds_behind == pytest.approx(86_400, abs=600)


async def test_one_partition_that_lags_speaks_for_all(ask, world, clock) -> None:
    clock.now = NOW + timedelta(seconds=90)
    await world.heartbeat(clock.now, partitions=range(11))

    assert (await ask(LEADER, "/v1/scoreboard")).json()["seconds_behind"] == 90


async def test_a_stopped_partition_makes_the_board_stale_and_says_why(ask, world) -> None:
    await world.store.stop(4, "the log is not the one that was counted; aurora repair says how")
    answer = (await ask(LEADER, "/v1/scoreboard")).json()

    assert headline(answer)["status"] == "stale"
    assert "partition 4: the log is not the one" in answer["stale_because"]


async def test_records_that_a_service_holds_back_are_named_and_age_nothing(ask, world) -> None:
    since = NOW - timedelta(hours=2)
    await world.heartbeat(held_back={"credentials": HeldBack(2, since)})
    answer = (await ask(LEADER, "/v1/scoreboard")).json()
    page = (await ask(LEADER, "/goals/W1")).text

    assert (answer["stale"], headline(answer)["status"]) == (False, "missed")
    withheld = {"service": "credentials", "records": 2, "since": since.isoformat().replace("+00:00", "Z")}
    assert answer["withheld"] == [withheld]
    assert "2 records of credentials have been held back since" in page


async def test_before_anything_was_heard_nothing_is_known(ask, empty_world) -> None:
    answer = (await ask(LEADER, "/v1/scoreboard")).json()

    assert (answer["school_year"], answer["counted_through"], answer["stale"]) == ("2026-27", None, True)
    assert headline(answer)["status"] == "stale"
    assert headline(answer)["status_as_counted"] == "no_data"


async def test_a_correction_moves_the_number_back(ask, world) -> None:
    await world.award("w5", date(2026, 1, 5))
    after = headline((await ask(LEADER, "/v1/scoreboard")).json())
    await world.award("w5", date(2026, 1, 5), revoked_on=date(2026, 2, 1))
    revoked = headline((await ask(LEADER, "/v1/scoreboard")).json())

    assert shown(after) == (9, 10, 0, "met", 0)
    assert shown(revoked) == (8, 10, 0, "missed", 1)


async def test_cells_of_another_definition_are_not_mixed_in(ask, world) -> None:
    """While a changed rule is counted anew, its cells stand beside those that the board shows."""
    counts = world.client[world.settings.database("aggregator")]["counts"]
    for cell in await counts.find({"m": "W1.headline", "v": 1}).to_list(None):
        await counts.insert_one({**cell, "_id": cell["_id"].replace("|1|", "|2|"), "v": 2})

    assert shown(headline((await ask(LEADER, "/v1/scoreboard")).json())) == (8, 10, 0, "missed", 1)


async def test_a_reading_is_of_one_moment(world) -> None:
    """Awards come while the board is read: no reading has one in some of its numbers and not in others."""
    store = Store(world.client[world.settings.database("aggregator")], world.settings)
    alike = [BY_KEY[key] for key in ("W1.headline", "W1.any_credential", "W1.verified", "W1.by_program")]
    many = [f"many{number}" for number in range(40)]
    await world.tell(*(told for one in many for told in completed(one, date(2025, 5, 20))))
    before = await store.all_years(alike, Slice(), date(2026, 11, 2), (7, 1))
    first = {one.key: before[one.key, "2024-25", "all"].numerator for one in alike}

    async def write() -> None:
        for start in range(0, len(many), 4):
            some = many[start : start + 4]
            await world.tell(*(told for one in some for told in awarded(one, date(2025, 8, 1), confirmed=True)))

    writing = asyncio.create_task(write())
    readings = 0
    while not writing.done():
        found = await store.all_years(alike, Slice(), date(2026, 11, 2), (7, 1))
        added = {found[one.key, "2024-25", "all"].numerator - first[one.key] for one in alike}
        assert len(added) == 1
        readings += 1
    await writing
    assert readings > 5
