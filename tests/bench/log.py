"""Made-up events on the log, the same for every candidate."""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta

from shared.contracts.credentials import Award, Verification
from shared.contracts.envelope import Event, Fact, Message, fact_message, heartbeat_message
from shared.contracts.roster import Completion
from shared.kafka import Publisher
from shared.process.settings import Settings
from tests.aggregating import District
from tests.histories import Said

PIECE = 20_000
PROGRAMS = tuple(f"program-{number}" for number in range(20))
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def awards(events: int, subjects: int, *, turn: int = 0) -> Iterable[Message]:
    """Awards of so many students, in turn: four of each, corrected for as long as there are events."""
    first, before = date(2024, 8, 5), turn * subjects
    for number in range(before, before + events):
        student, turn = number * 7919 % subjects, number // subjects
        record, version = f"award/s{student}-{turn % 4}", turn // 4 + 1
        on = first + timedelta(days=(student + turn) % 280)
        award = Award(
            award_id=record.partition("/")[2],
            student_id=f"s{student}",
            credential_code="c1",
            credential_type="license",
            result="passed",
            school_year="2024-25",
            program_id=PROGRAMS[(student + turn // 4) % len(PROGRAMS)],
            organisation_id="north",
            awarded_on=on,
            tiers={PROGRAMS[student % len(PROGRAMS)]: "required"},
            verifications=(Verification(level="document_seen", verified_on=on, outcome="confirmed"),),
        )
        event: Event[Fact] = Event(record_id=record, version=version, state=award)
        yield fact_message(Award, event, subject=f"student/s{student}", at=NOON)


def completions(subjects: int) -> Iterable[Message]:
    """Every student completes one of the programs at one of five campuses, over the days of a year."""
    for student in range(subjects):
        record, on = f"completion/c{student}", date(2024, 8, 5) + timedelta(days=student % 280)
        completion = Completion(
            completion_id=f"c{student}",
            student_id=f"s{student}",
            program_id=PROGRAMS[student % len(PROGRAMS)],
            organisation_id=f"campus-{student % 5}",
            organisation_type="central_campus",
            started_on=date(2023, 8, 7),
            completed_on=on,
            school_year="2024-25",
        )
        event: Event[Fact] = Event(record_id=record, version=1, state=completion)
        yield fact_message(Completion, event, subject=f"student/s{student}", at=NOON)


def beat(settings: Settings, service: str) -> None:
    """Say in every partition that all of the service is out."""

    async def said() -> None:
        publisher = Publisher(settings, settings.topic(service))
        await publisher.publish_to_all_partitions(heartbeat_message(service, datetime.now(UTC)))
        await publisher.close()

    asyncio.run(said())


def publish(settings: Settings, service: str, messages: Iterable[Message]) -> int:
    """Return how many there were, once Kafka has them all."""

    async def sent() -> int:
        publisher = Publisher(settings, settings.topic(service))
        count, piece = 0, []
        for message in messages:
            piece.append(message)
            if len(piece) == PIECE:
                count, piece = count + len(piece), await publisher.publish(piece) or []
        if piece:
            await publisher.publish(piece)
        await publisher.close()
        return count + len(piece)

    return asyncio.run(sent())


def whole_district(settings: Settings, events: int, students: int) -> int:
    """Everything that is counted so far, of a district: every kind of fact, withdrawals, repeats. How many events."""
    told: Sequence[Said] = District(seed=1, students=students).goes_on(events)
    count = 0
    for service, kinds in (("credentials", {"award", "assessment"}), ("roster", None)):
        of = [one.message() for one in told if (one.kind in ("award", "assessment")) == (kinds is not None)]
        count += publish(settings, service, of)
    return count
