"""A page hears by server-sent events which of its numbers changed, and how fresh they are."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from time import monotonic
from typing import Annotated, Any

import anyio
import structlog
from fastapi import APIRouter, Query, Request
from sse_starlette import EventSourceResponse, ServerSentEvent
from sse_starlette.sse import SendTimeoutError
from starlette.types import Receive, Scope, Send

from services.insights.api.asked import AskedView, TheReader
from services.insights.live.watcher import Watcher
from services.insights.numbers.board import Standing, View
from services.insights.numbers.disclosure.viewers import sees_of
from services.insights.numbers.reader import Asked, Reader, limit
from services.insights.pages.words import freshness
from shared import mongo
from shared.doors.auth import CurrentCaller, Reach
from shared.errors import TooOften
from shared.pages.languages import texts_for
from shared.pages.texts import Texts
from shared.pages.writing import instant

# The browser connects again by itself, and its token is checked again.
LONGEST_SECONDS = 900.0
# How soon a listener sees that the service stops, and how long it may take to say good-bye.
STOPPING_SECONDS = 0.5
UNREAD_SECONDS = 30  # who does not read for so long holds a place that others wait for
GRACE_SECONDS = 3.0
RECONNECT_MILLISECONDS = 2000
RETRY_SECONDS = 30
ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"description": "Server-sent events", "content": {"text/event-stream": {}}},
    404: {"description": "There is no such plan"},
    429: {"description": "Too many streams are open, of this subject or in all"},
}
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Shown:
    """What one page shows: every number by its name, and as of when."""

    numbers: Mapping[str, Standing]
    view: View


class Streams:
    """Counts the open streams, of each viewer and in all; who opens one too many is told to come back later."""

    def __init__(self, *, of_one: int, of_all: int) -> None:
        self._most = (of_one, of_all)
        self._open: Counter[str] = Counter()

    @contextmanager
    def one_more(self, sub: str) -> Iterator[None]:
        """Count one stream while it is open. Raise TooOften when there are too many."""
        of_one, of_all = self._most
        if self._open[sub] >= of_one:
            raise TooOften(
                f"this sign-in has {of_one} live pages open already; close one, and load this page again",
                retry_after_seconds=RETRY_SECONDS,
            )
        if self._open.total() >= of_all:
            raise TooOften("too many live pages are open here; try again later", retry_after_seconds=RETRY_SECONDS)
        self._open[sub] += 1
        try:
            yield
        finally:
            self._open -= Counter({sub: 1})


class _Held(EventSourceResponse):
    """A stream that is counted until it has ended, however it ends."""

    def __init__(self, told: AsyncIterator[ServerSentEvent], *, held: ExitStack, **more: Any) -> None:
        super().__init__(told, **more)
        self._held = held

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._held:
            try:
                await super().__call__(scope, receive, send)
            except SendTimeoutError:
                # The connection is closed, and whoever still looks opens the stream again.
                log.info("a live page that read nothing was let go", seconds=UNREAD_SECONDS)


def seen_alike(reach: Reach) -> object:
    """Equal for two viewers who see the same numbers."""
    sees = sees_of(reach)
    return None if sees.everything else (sees.rows, sees.who.programs, sees.who.campuses, sees.who.districts)


router = APIRouter(prefix="/v1", tags=["live"])


@router.get("/stream", response_class=EventSourceResponse, responses=ANSWERS)
async def stream_counts(
    request: Request,
    caller: CurrentCaller,
    reader: TheReader,
    view: AskedView,
    measure: Annotated[str | None, Query(max_length=64, description="Its groups too; with `dimension`.")] = None,
    dimension: Annotated[str, Query(max_length=64)] = "program",
) -> EventSourceResponse:
    """An event `counts` when a shown number changes, and `freshness` every few seconds."""

    async def look() -> Shown:
        return await shown(reader, caller.reach, view, measure, dimension)

    streams: Streams = request.app.state.streams
    with ExitStack() as until_answered:
        until_answered.enter_context(streams.one_more(caller.sub))
        first = await look()
        # Viewers whose reach is the same see the same numbers, and share each look.
        key = (view, measure, dimension, limit(caller.reach), seen_alike(caller.reach))
        stopping = anyio.Event()
        told = tell(first, look, key, request.app.state.watcher, stopping, texts_for(request))
        ending = {"shutdown_event": stopping, "shutdown_grace_period": GRACE_SECONDS, "send_timeout": UNREAD_SECONDS}
        return _Held(told, ping=15, held=until_answered.pop_all(), **ending)


async def shown(reader: Reader, reach: Reach, asked: Asked, measure: str | None, dimension: str) -> Shown:
    """The numbers of a page: those of the board, and of one measure's groups when it shows them."""
    board, _ = await reader.board(reach, asked)
    numbers = {
        f"{one.measure.key}|{one.school_year}": one for goal in board.goals for one in (*goal.readings, *goal.years)
    }
    if measure:
        found, _ = await reader.breakdown(reach, asked, measure, dimension)
        at = f"{measure}|{found.school_year}|{dimension}"
        numbers |= {f"{at}|{row.value}": row.standing for row in found.rows}
    return Shown(numbers, board.view)


async def tell(
    first: Shown,
    look: Callable[[], Awaitable[Shown]],
    key: object,
    watcher: Watcher,
    stopping: anyio.Event,
    texts: Texts,
) -> AsyncIterator[ServerSentEvent]:
    """Tell what changes until the service stops or the stream has lasted long enough.

    What the database cannot tell now is told at the next tick.
    """
    known, until = first, monotonic() + LONGEST_SECONDS
    with watcher.listening() as ticks:
        yield fresh(known, texts)
        while monotonic() < until and not stopping.is_set():
            try:
                await asyncio.wait_for(ticks.get(), STOPPING_SECONDS)
                found = await watcher.once(key, look)
            except TimeoutError:
                continue
            except mongo.MongoError as error:
                log.warning("shown numbers not read", error=str(error))
                continue
            if changes := changed(known, found):
                yield ServerSentEvent(json.dumps({"changed": changes}), event="counts")
            yield fresh(found, texts)
            known = found


def changed(before: Shown, after: Shown) -> list[dict[str, Any]]:
    """The numbers that differ, those that have come, and those that have gone (as zeros)."""
    return [
        _entry(name, after.numbers.get(name), before.numbers.get(name))
        for name in sorted(before.numbers.keys() | after.numbers.keys())
        if _told(before.numbers.get(name)) != _told(after.numbers.get(name))
    ]


def _told(one: Standing | None) -> tuple[Any, ...]:
    return (one.tally, one.as_counted) if one else ()


def _entry(name: str, now: Standing | None, before: Standing | None) -> dict[str, Any]:
    measure, school_year, *group = name.split("|", 3)
    return {
        "measure": measure,
        "school_year": school_year,
        "dimension": group[0] if group else None,
        "value": group[1] if group else None,
        "numerator": now.tally.numerator if now else 0,
        "denominator": now.tally.denominator if now else 0,
        "numerator_before": before.tally.numerator if before else 0,
        "denominator_before": before.tally.denominator if before else 0,
        "status": now.as_counted if now else "no_data",
        "people_to_target": now.people_missing if now else None,
    }


def fresh(found: Shown, texts: Texts) -> ServerSentEvent:
    """How far the counts reach, for machines and in words."""
    state = found.view.freshness
    said = {
        "counted_through": instant(state.counted_through),
        "seconds_behind": state.seconds_behind,
        "stale": state.stale,
        "words": freshness(texts, state, found.view.calendar.zone),
        "why": state.why,
    }
    return ServerSentEvent(json.dumps(said), event="freshness", retry=RECONNECT_MILLISECONDS)
