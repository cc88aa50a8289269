"""Concurrent questions to the database are asked together: those that come while one is under way go next, as one."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from shared.mongo import unavailable

Question = TypeVar("Question")
Answer = TypeVar("Answer")


@dataclass(eq=False, slots=True)
class _Caller(Generic[Question, Answer]):
    question: Question
    answer: "asyncio.Future[Answer]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Grouped(Generic[Question, Answer]):
    """Asks at once when nothing is under way, else together with all that come meanwhile.

    `ask` answers the questions of several callers, in their order. `fitting` says how many of
    those that wait, from the first on, may be asked together. Nothing is asked before its
    caller came, so that an answer is never older than its question.

    A caller that is cancelled leaves the others alone. When a group fails, and not because the
    database is away, each of its callers is asked for alone: only the one at fault then fails.
    """

    def __init__(
        self,
        ask: Callable[[Sequence[Question]], Awaitable[Sequence[Answer]]],
        *,
        fitting: Callable[[Sequence[Question]], int] = len,
    ) -> None:
        self._ask = ask
        self._fitting = fitting
        self._waiting: list[_Caller[Question, Answer]] = []
        self._asking: asyncio.Task[None] | None = None

    async def __call__(self, question: Question) -> Answer:
        caller: _Caller[Question, Answer] = _Caller(question)
        self._waiting.append(caller)
        if self._asking is None:
            # A task of its own: no caller that is cancelled takes the others' answers with it.
            self._asking = asyncio.create_task(self._ask_all())
        return await caller.answer

    async def _ask_all(self) -> None:
        try:
            while waiting := [one for one in self._waiting if not one.answer.done()]:
                count = self._fitting([one.question for one in waiting])
                group, self._waiting = waiting[:count], waiting[count:]
                await self._ask_for(group)
        finally:
            self._asking = None

    async def _ask_for(self, group: Sequence[_Caller[Question, Answer]]) -> None:
        try:
            answers = await self._ask([one.question for one in group])
        except asyncio.CancelledError:
            for one in group:
                one.answer.cancel()
            raise
        except Exception as error:  # noqa: BLE001 whatever it is, it is raised where it was asked for
            await self._failed(group, error)
        else:
            for one, answer in zip(group, answers, strict=True):
                if not one.answer.done():
                    one.answer.set_result(answer)

    async def _failed(self, group: Sequence[_Caller[Question, Answer]], error: Exception) -> None:
        if len(group) > 1 and not unavailable(error):
            for one in group:
                await self._ask_for([one])
            return
        for one in group:
            if not one.answer.done():
                one.answer.set_exception(error)
