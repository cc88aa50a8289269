"""What can be read of a log, what is set aside, and whether it still is the log that was counted."""

import pytest

from services.aggregator.counting.position import Gap, Position, identity
from services.aggregator.counting.reading import read
from services.aggregator.counting.same_log import Positions, Resume, resume
from shared.contracts.envelope import Heartbeat, heartbeat_message
from shared.errors import Stopped, Unreadable
from shared.kafka import PARTITIONS, partition_of
from tests.histories import NOON, LogRecord
from tests.poison import GOOD, POISON


def arrived(message, *, partition=None, offset=0, topic="roster", timestamp=1) -> LogRecord:
    number = partition_of(message.key or b"") if partition is None else partition
    return LogRecord(topic, number, offset, message.key, message.value, message.headers, timestamp)


def test_a_good_record_is_read():
    assert read(arrived(GOOD)).event.record_id == "student/made-up-1"


@pytest.mark.parametrize("message", [pytest.param(message, id=name) for name, message in POISON.items()])
def test_poison_is_unreadable_and_says_why(message):
    with pytest.raises(Unreadable, match=r"\w{2,}"):
        read(arrived(message))


def test_a_key_in_the_wrong_partition_is_unreadable():
    elsewhere = (partition_of(GOOD.key) + 1) % PARTITIONS

    with pytest.raises(Unreadable, match=f"belongs in partition {partition_of(GOOD.key)}, not {elsewhere}"):
        read(arrived(GOOD, partition=elsewhere))


def test_a_heartbeat_has_no_key_and_may_stand_in_any_partition():
    said = read(arrived(heartbeat_message("roster", NOON), partition=7))

    assert said == Heartbeat(service="roster", through=NOON)


def test_the_same_event_in_a_log_made_anew_is_another_record():
    assert identity(arrived(GOOD, timestamp=1)) != identity(arrived(GOOD, timestamp=2))


COUNTED = Position(3, turn=9, next={"roster": 50}, last={"roster": "event@1"})


@pytest.mark.parametrize(
    ("topic", "beginning", "end", "expected"),
    [
        pytest.param("roster", 0, 80, Resume(49, "event@1"), id="one back, to see that it is the same log"),
        pytest.param("roster", 0, 50, Resume(49, "event@1"), id="nothing new"),
        pytest.param("roster", 49, 80, Resume(49, "event@1"), id="all older ones expired"),
        pytest.param("roster", 50, 80, Resume(50), id="the last counted one expired, nothing else"),
        pytest.param("credentials", 7, 80, Resume(7), id="a topic never counted begins where its log does"),
    ],
)
def test_where_reading_resumes(topic, beginning, end, expected):
    assert resume(COUNTED, topic, beginning=beginning, end=end) == expected


@pytest.mark.parametrize(
    ("beginning", "end", "words"),
    [
        pytest.param(0, 49, "the log ends at 49", id="a log shorter than what was counted"),
        pytest.param(51, 80, "offsets 50 to 50 are gone", id="records expired that were never counted"),
    ],
)
def test_a_log_that_cannot_be_the_one_counted_stops(beginning, end, words):
    with pytest.raises(Stopped, match=words) as stopped:
        resume(COUNTED, "roster", beginning=beginning, end=end)
    assert "python -m services.aggregator accept roster" in str(stopped.value)


def reading(proof: str | None = None) -> Positions:
    positions = Positions()
    positions.start(3, {"roster": Resume(49, proof)})
    return positions


def test_the_first_record_must_be_the_last_one_counted():
    record = arrived(GOOD, partition=3, offset=49)
    reading(identity(record)).check([record])

    with pytest.raises(Stopped, match="but event@1 was counted there"):
        reading("event@1").check([record])


@pytest.mark.parametrize("offsets", [[48], [50], [49, 51], [49, 50, 0], [49, 49]])
def test_a_jump_in_the_log_forward_or_back_is_never_passed_over(offsets):
    with pytest.raises(Gap):
        reading().check([arrived(GOOD, partition=3, offset=offset) for offset in offsets])


def test_positions_go_on_from_batch_to_batch():
    positions = reading()
    positions.check([arrived(GOOD, partition=3, offset=49), arrived(GOOD, partition=3, offset=50)])
    positions.check([arrived(GOOD, partition=3, offset=51)])
    positions.start(3, {"roster": Resume(50)})
    positions.check([arrived(GOOD, partition=3, offset=50)])


def test_a_log_accepted_anew_is_read_from_its_beginning_in_another_turn():
    position = COUNTED.anew("roster", 0)

    assert (position.turn, position.next, position.last) == (10, {"roster": 0}, {})
    assert resume(position, "roster", beginning=0, end=5) == Resume(0)
