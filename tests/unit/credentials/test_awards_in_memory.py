"""What callers have done with awards, without a server: what is read, decided and written is the service's own."""

from datetime import date

import pytest

from services.credentials.award import commands
from services.credentials.award.rules import Award
from services.credentials.catalogue_entry.commands import put
from services.credentials.catalogue_entry.rules import Credential
from services.credentials.main import PRODUCER
from shared.contracts.credentials import DatedTier
from shared.doors.auth import Caller, Identity, Reach, Role, Rows
from shared.errors import NotFound, Refused, Stale
from shared.process.settings import Settings
from shared.producer.decisions import Asked
from shared.producer.desk import desk_over
from shared.producer.rows import log_rows
from shared.records.changes import entry_of
from shared.records.outbox import Outbox
from shared.roster_copy.projection import Projection
from tests.memory.database import MemoryClient
from tests.producer_app import NOW, cted, enrolment, heartbeats, program, student

DAY = date(2025, 5, 20)


def instructor(name, *programs):
    who = Identity(name, frozenset({Role.INSTRUCTOR}), programs=frozenset(programs), campuses=frozenset({"central"}))
    return Caller(who, Reach(who, frozenset({Rows.OWN_PROGRAMS})))


WELDER, NURSE = instructor("ann", "welding"), instructor("bob", "nursing")


async def nobody(*_):
    """Nothing is to follow what was told."""


@pytest.fixture
async def desk():
    """Roster has told of two programs and a student of each; one credential is in the catalogue."""
    database = MemoryClient()["credentials"]
    opened = desk_over(PRODUCER, database, Settings(environment="local"), now=lambda: NOW, wait_seconds=0.0)
    clock = opened.roster.server_time
    await opened.records.prepare()
    await opened.roster.prepare()
    told = Projection(
        database,
        service="credentials",
        topic=opened.roster.topic,
        keeps=PRODUCER.keeps,
        organisations_told=nobody,
        persons_told=nobody,
        students_told=nobody,
    )
    enrolled = [enrolment("e1", "p1"), enrolment("e2", "p2", "nursing")]
    who = [student("p1"), student("p2"), *enrolled]
    await told.learn(
        [cted(), program("welding"), program("nursing"), *who, *heartbeats((await clock()).replace(year=2100))]
    )
    tier = DatedTier(program_id="welding", tier="required", valid_from=date(2020, 7, 1))
    entry = entry_of(WELDER, "put", key="", digest="")
    await put(
        opened, Credential(code="osha-10", title="Mock", issuer="Mock", type="License", tiers=(tier,)), entry=entry
    )
    return opened


async def log(desk, *rows, by=WELDER, key="k"):
    wanted = [
        Award(credential_code="osha-10", result="passed", awarded_on=DAY, **{"student_id": "p1", **row}) for row in rows
    ]
    asked = [Asked(f"{key}-{number}", one) for number, one in enumerate(wanted)]
    return await log_rows(
        desk, commands.AWARDS, asked, caller=by, entry=entry_of(by, "record", key=key, digest=str(rows))
    )


async def test_an_award_is_logged_once_however_often_it_is_sent(desk):
    [first], [again] = await log(desk, {}), await log(desk, {})

    assert (first.outcome, again.outcome) == ("created", "unchanged")
    assert (first.record.state["program_id"], first.record.subjects) == ("welding", ("student/p1",))
    with pytest.raises(Refused, match="another body"):
        await log(desk, {"license_number": "n-1"})


async def test_of_a_class_each_row_has_its_own_answer(desk):
    rows = await log(desk, {}, {"student_id": "p2"}, {"student_id": "nobody"}, {})

    assert [row.outcome for row in rows] == ["created", "refused", "refused", "unchanged"]
    assert {one.record.id for one in await Outbox(desk.records).oldest(10)} == {"k-0", "osha-10"}


async def test_the_same_award_under_another_key_is_the_one_that_stands(desk):
    await log(desk, {})

    assert [row.id for row in await log(desk, {}, key="other")] == ["k-0"]


async def test_a_change_is_made_by_whom_it_concerns_on_the_version_they_saw(desk):
    await log(desk, {})

    async def void(by, expected):
        entry = entry_of(by, "void", key=f"v{expected}", digest="")
        return await commands.void(desk, "k-0", caller=by, entry=entry, expected=expected)

    with pytest.raises(NotFound):
        await void(NURSE, 1)
    with pytest.raises(Stale):
        await void(WELDER, 0)
    assert (await void(WELDER, 1)).record.void
    assert (await void(WELDER, 1)).outcome == "unchanged"
    assert [row.outcome for row in await log(desk, {}, key="again")] == ["created"]
