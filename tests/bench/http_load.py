"""The load, in a process of its own: so many connections, each sending its next request when the last is answered."""

import asyncio
import gc
import itertools
import json
import resource
import sys
import time
from collections import Counter
from collections.abc import Iterator

import uvloop

Request = tuple[str, str]  # the value of the Idempotency-Key, and the body


class Load:
    """What is to be sent, and what came of it."""

    def __init__(self, host: str, port: int, head: str, requests: Iterator[Request]) -> None:
        self.host, self.port, self.head, self.requests = host, port, head, requests
        self.took: list[float] = []
        self.statuses: Counter[str] = Counter()
        self.trouble = ""

    async def connection(self, until: float) -> None:
        """Send one request after the other until the time is over, and read each answer whole."""
        reader, writer = await asyncio.open_connection(self.host, self.port)
        try:
            while time.perf_counter() < until and (request := next(self.requests, None)):
                key, body = request
                sent = time.perf_counter()
                writer.write(f"{self.head}Idempotency-Key: {key}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
                answer = await reader.readuntil(b"\r\n\r\n")
                length = answer.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
                said = await reader.readexactly(int(length or 0))
                self.took.append(time.perf_counter() - sent)
                status = answer[9:12].decode()
                self.statuses[status] += 1
                if status >= "300":
                    self.trouble = said.decode()[:300]
        finally:
            writer.close()


def awards(spec: dict[str, object]) -> Iterator[Request]:
    """Awards as `bodies.AwardBody` takes them: every student's first, then every student's second."""
    students, credentials = int(str(spec["students"])), int(str(spec["credentials"]))
    for number in itertools.count(int(str(spec["first"]))):
        body = {
            "student_id": f"s{number % students}",
            "credential_code": f"c{number // students % credentials}",
            "result": "passed",
            "awarded_on": "2025-05-20",
            "verification": {"level": "document_seen", "verified_on": "2025-05-20", "outcome": "confirmed"},
        }
        yield f"bench-{number}", json.dumps(body)


def batches(spec: dict[str, object]) -> Iterator[Request]:
    """Class lists of `rows` students each, as `bodies.BatchBody` takes them."""
    students, credentials, rows = (int(str(spec[name])) for name in ("students", "credentials", "rows"))
    for number in itertools.count(int(str(spec["first"])) // rows):
        first = number * rows
        body = {
            "credential_code": f"c{first // students % credentials}",
            "awarded_on": "2025-05-20",
            "rows": [{"student_id": f"s{(first + row) % students}"} for row in range(rows)],
        }
        yield f"list-{number}", json.dumps(body)


KINDS = {"awards": awards, "batches": batches}


async def run(spec: dict[str, object]) -> dict[str, object]:
    """Load for `seconds`, and what was seen from outside."""
    host, port = str(spec["host"]), int(str(spec["port"]))
    head = (
        f"POST {spec['path']} HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {spec['token']}\r\n"
    )
    load = Load(host, port, head, KINDS[str(spec["kind"])](spec))
    began = time.perf_counter()
    until = began + float(str(spec["seconds"]))
    await asyncio.gather(*(load.connection(until) for _ in range(int(str(spec["connections"])))))
    seconds = time.perf_counter() - began
    took = sorted(load.took)
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "requests": len(took),
        "seconds": seconds,
        "statuses": dict(load.statuses),
        "trouble": load.trouble,
        "p50_ms": 1000 * took[len(took) // 2],
        "p99_ms": 1000 * took[int(len(took) * 0.99)],
        "cpu_seconds": used.ru_utime + used.ru_stime,
    }


if __name__ == "__main__":
    gc.disable()
    sys.stdout.write(json.dumps(uvloop.run(run(json.load(sys.stdin)))))
