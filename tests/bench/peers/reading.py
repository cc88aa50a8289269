"""A consumer that notes how old each event is when it comes, by the time that its record was written at."""

import asyncio
import json
import sys
import time
from datetime import datetime

from aiokafka import AIOKafkaConsumer

from shared.contracts.envelope import header
from tests.bench.peers import told


async def main() -> None:
    """Say `ready`, then what was seen once all the events have come."""
    consumer = AIOKafkaConsumer(told.TOPIC, bootstrap_servers=told.KAFKA, auto_offset_reset="latest")
    await consumer.start()
    # Where each log ends now is where reading begins: nothing that comes from here on is missed.
    await asyncio.gather(*(consumer.position(at) for at in consumer.assignment()))
    print("ready", flush=True)
    ages: list[float] = []
    while len(ages) < told.EVENTS:
        polled = await asyncio.wait_for(consumer.getmany(timeout_ms=1000), 30)
        now = time.time()
        for records in polled.values():
            for record in records:
                if record.key is not None:
                    written = datetime.fromisoformat(header(record.headers, "ce_time")).timestamp()
                    ages.append(1000 * (now - written))
    ages.sort()
    print(json.dumps({"p50_ms": ages[len(ages) // 2], "p99_ms": ages[int(len(ages) * 0.99)]}), flush=True)
    await consumer.stop()


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
