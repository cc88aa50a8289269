"""What a consumer of a service has heard: of each record the highest version, told by tests as the relay tells it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from shared.records.outbox import Outbox
from shared.records.relay import FactsOf
from shared.records.store import Records

State = Mapping[str, Any]


@dataclass
class Heard:
    """By subject and record the highest version that was told, and its state as JSON; None: withdrawn."""

    records: Records
    facts_of: FactsOf
    events: list[tuple[str, str, int, State | None]] = field(default_factory=list)

    async def listen(self) -> None:
        """Have everything told that is unpublished, once, and its marks taken off."""
        outbox = Outbox(self.records)
        while found := [one.record for one in await outbox.oldest(1000)]:
            facts = await self.facts_of(found)
            for one in found:
                now = {} if one.void else dict(facts.get(one.key, ()))
                await outbox.note_subjects({one.key: set(now) - set(one.subjects)})
                for subject in {*one.subjects, *now}:
                    state = msgspec.to_builtins(now[subject]) if subject in now else None
                    self.events.append((subject, one.key, one.version, state))
            await outbox.published(found)

    def now(self, kind: str = "") -> dict[tuple[str, str], State]:
        """What stands, by subject and record."""
        highest: dict[tuple[str, str], tuple[int, State | None]] = {}
        for subject, record, version, state in self.events:
            if record.startswith(kind) and highest.get((subject, record), (0, None))[0] < version:
                highest[subject, record] = (version, state)
        return {at: state for at, (_, state) in highest.items() if state is not None}
