"""What is kept of imports: packages until they end, and the rows that each source has."""

from collections.abc import AsyncIterator
from dataclasses import replace
from io import BytesIO

import pytest

from services.roster.oneroster.keep.source_rows import SourceRow, SourceRows
from services.roster.oneroster.read.layout import USERS
from services.roster.oneroster.run.package_store import PIECE_BYTES, Packages
from tests.roster_app import Roster, running


@pytest.fixture
async def roster(mongo_settings, keys) -> AsyncIterator[Roster]:
    async with running(mongo_settings, keys) as roster:
        yield roster


async def test_a_package_of_many_pieces_is_opened_as_it_came(roster):
    packages, beats = Packages(roster.store.records.database), 0
    sent = bytes(range(256)) * (5 * PIECE_BYTES // 512)

    async def beat() -> None:
        nonlocal beats
        beats += 1

    await packages.keep("one", BytesIO(sent), beat)
    await packages.keep("two", BytesIO(b"another"), beat)

    with await packages.opened("one") as file:
        file.seek(0)
        assert file.read() == sent
    assert beats == 4  # each piece sounds alive: a large package takes longer than silence may
    await packages.drop("one")
    with await packages.opened("two") as file:
        file.seek(0)
        assert file.read() == b"another"


async def test_rows_that_an_earlier_turn_keeps_at_the_same_moment_stand_once_and_as_sent_last(roster):
    kept = SourceRows(roster.store.records.database)
    one, other = (SourceRow("s-1", {"givenName": name}) for name in ("Sample", "Later"))
    await kept.keep("sis", USERS, [one], new={"s-1"})

    await kept.keep("sis", USERS, [other, replace(one, id="s-2")], new={"s-1", "s-2"})

    assert await kept.some("sis", USERS, ["s-1", "s-2"]) == {"s-1": other, "s-2": replace(one, id="s-2")}
