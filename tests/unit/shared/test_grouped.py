"""Questions that wait for each other are asked together, and each caller gets its own answer or failure."""

import asyncio
from collections.abc import Sequence

import pytest
from pymongo.errors import AutoReconnect

from shared.process.grouped import Grouped


class Database:
    """Doubles numbers; the first question waits until it is let go. Odd ones may be made to fail."""

    def __init__(self, failing: dict[int, Exception] | None = None) -> None:
        self.asked: list[list[int]] = []
        self.free = asyncio.Event()
        self.failing = failing or {}

    async def __call__(self, numbers: Sequence[int]) -> list[int]:
        self.asked.append(list(numbers))
        await self.free.wait()
        for number in numbers:
            if number in self.failing:
                raise self.failing[number]
        return [2 * number for number in numbers]


async def together(grouped: Grouped[int, int], database: Database, numbers: Sequence[int]) -> list[object]:
    """Ask the first alone and the others while it is under way."""
    tasks = [asyncio.create_task(grouped(numbers[0]))]
    while not database.asked:
        await asyncio.sleep(0)
    tasks += [asyncio.create_task(grouped(number)) for number in numbers[1:]]
    await asyncio.sleep(0)
    database.free.set()
    return await asyncio.gather(*tasks, return_exceptions=True)


async def test_one_question_is_asked_at_once():
    database = Database()
    database.free.set()

    assert await Grouped(database)(4) == 8
    assert database.asked == [[4]]


async def test_what_comes_while_one_is_asked_is_asked_together_next():
    database = Database()

    assert await together(Grouped(database), database, [1, 2, 3, 4]) == [2, 4, 6, 8]
    assert database.asked == [[1], [2, 3, 4]]


async def test_only_what_fits_is_asked_together():
    database = Database()
    grouped = Grouped(database, fitting=lambda numbers: min(2, len(numbers)))

    assert await together(grouped, database, [1, 2, 3, 4]) == [2, 4, 6, 8]
    assert database.asked == [[1], [2, 3], [4]]


async def test_the_one_at_fault_fails_alone():
    database = Database({3: ValueError("no")})
    answers = await together(Grouped(database), database, [1, 2, 3, 4])

    assert [type(one) for one in answers] == [int, int, ValueError, int]


async def test_when_the_database_is_away_nobody_asks_again():
    database = Database({3: AutoReconnect("gone")})
    answers = await together(Grouped(database), database, [1, 2, 3])

    assert [type(one) for one in answers] == [int, AutoReconnect, AutoReconnect]
    assert database.asked == [[1], [2, 3]]


@pytest.mark.parametrize("cancelled", [0, 2], ids=["the one that is asked for", "one that waits"])
async def test_a_caller_that_goes_leaves_the_others_their_answers(cancelled):
    database = Database()
    grouped = Grouped(database)
    tasks = [asyncio.create_task(grouped(number)) for number in range(4)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    tasks[cancelled].cancel()
    await asyncio.sleep(0)
    database.free.set()
    answers = await asyncio.gather(*tasks, return_exceptions=True)

    expected = [0, 2, 4, 6]
    assert [one for number, one in enumerate(answers) if number != cancelled] == [
        one for number, one in enumerate(expected) if number != cancelled
    ]
    assert isinstance(answers[cancelled], asyncio.CancelledError)
    assert await grouped(9) == 18
