"""A page that listens while awards are posted at a steady rate: how long from asking for a write to seeing it."""

import asyncio
import bisect
import gc
import json
import sys
import time

import uvloop

from tests.bench.http_load import awards


class Page:
    """The stream of one measure's groups, as a browser's page reads it: when which number was shown."""

    def __init__(self, spec: dict[str, object]) -> None:
        self.spec = spec
        self.shown: list[tuple[int, float]] = []
        self.open = asyncio.Event()

    async def listen(self) -> None:
        """Until cancelled."""
        spec = self.spec
        reader, writer = await asyncio.open_connection(str(spec["host"]), int(str(spec["page_port"])), limit=1 << 24)
        path = f"/v1/stream?measure=awards&dimension=program&school_year={spec['school_year']}"
        writer.write(
            f"GET {path} HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n"
            f"Authorization: Bearer {spec['token']}\r\n\r\n".encode()
        )
        try:
            while line := await reader.readline():
                self.open.set()
                if line.startswith(b"data: ") and b'"changed"' in line:
                    for one in json.loads(line[6:])["changed"]:
                        if (one["measure"], one["value"]) == ("awards", "welding"):
                            self.shown.append((int(one["numerator"]), time.perf_counter()))
        finally:
            writer.close()


async def steady(spec: dict[str, object]) -> tuple[list[float], dict[str, int]]:
    """Post at the asked rate for the asked time; when each write was asked for, and the statuses."""
    rate, seconds, connections = (float(str(spec[name])) for name in ("rate", "seconds", "connections"))
    requests, asked, statuses = awards(spec), [], {}
    begin = time.perf_counter() + 0.2

    async def connection(first: int) -> None:
        reader, writer = await asyncio.open_connection(str(spec["host"]), int(str(spec["port"])))
        number = first
        while number < rate * seconds:
            due = begin + number / rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            key, body = next(requests)
            asked.append(time.perf_counter())
            writer.write(
                (
                    f"POST /v1/awards HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                    f"Authorization: Bearer {spec['token']}\r\nIdempotency-Key: {key}\r\n"
                    f"Content-Length: {len(body)}\r\n\r\n{body}"
                ).encode()
            )
            head = await reader.readuntil(b"\r\n\r\n")
            length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
            await reader.readexactly(int(length or 0))
            status = head[9:12].decode()
            statuses[status] = statuses.get(status, 0) + 1
            number += int(connections)
        writer.close()

    await asyncio.gather(*(connection(first) for first in range(int(connections))))
    return sorted(asked), statuses


async def run(spec: dict[str, object]) -> dict[str, object]:
    """The n-th write is seen when the number has grown by n."""
    page = Page(spec)
    listening = asyncio.create_task(page.listen())
    await asyncio.wait_for(page.open.wait(), 20)
    before = int(str(spec["before"]))
    asked, statuses = await steady(spec)
    deadline = time.perf_counter() + 20
    while (not page.shown or page.shown[-1][0] < before + len(asked)) and time.perf_counter() < deadline:
        await asyncio.sleep(0.05)
    listening.cancel()
    numbers = [number for number, _ in page.shown]
    seen = [bisect.bisect_left(numbers, before + turn + 1) for turn in range(len(asked))]
    if not seen or seen[-1] >= len(numbers):
        raise RuntimeError(f"{len(asked)} writes {statuses}, the page shows {numbers[-3:]} of {before} and more")
    took = sorted(page.shown[at][1] - when for at, when in zip(seen, asked, strict=True))
    return {
        "writes": len(asked),
        "statuses": statuses,
        "p50_ms": 1000 * took[len(took) // 2],
        "p99_ms": 1000 * took[int(len(took) * 0.99)],
    }


if __name__ == "__main__":
    gc.disable()
    sys.stdout.write(json.dumps(uvloop.run(run(json.load(sys.stdin)))))
