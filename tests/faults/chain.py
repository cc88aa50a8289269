"""The turns of every partition number, as they were ever committed: a chain without a gap; offsets only rise."""

from collections import Counter
from collections.abc import Collection
from typing import Any

from tests.faults.evidence import PARTITIONS, Evidence

Stood = tuple[int, dict[str, int]]  # a partition's turn, and the next offset of each topic


def turns_are_a_chain(evidence: Evidence) -> tuple[str, list[str]]:
    """Each turn of a partition number follows the one before it, and no offset ever falls, or passes the log's end."""
    seen: dict[int, tuple[int, dict[str, int]]] = {}
    # An operator's word that another log is counted from its beginning: so often may an offset fall, and to 0 only.
    anew = evidence.ground.made_anew.items()
    may_fall = Counter({(number, topic): times for topic, times in anew for number in range(PARTITIONS)})
    wrong: list[str] = []
    ever: set[tuple[int, int]] = {(number, 0) for number in range(PARTITIONS)}
    for change in evidence.turns:
        number = change["documentKey"]["_id"]
        moved = moved_to(change, seen.get(number, (0, {})))
        if moved is None:
            continue
        if number in seen:
            begun = {topic for topic, at in moved[1].items() if at == 0 and may_fall[number, topic] > 0}
            may_fall.subtract((number, topic) for topic in begun if seen[number][1].get(topic, 0) > 0)
            wrong += [f"partition {number}: {say}" for say in broken(seen[number], moved, begun)]
        seen[number] = moved
        ever.add((number, moved[0]))
    for (topic, number), records in evidence.log.items():
        at, end = evidence.places[number]["next"].get(topic, 0), records[-1].offset + 1 if records else 0
        if at > end:
            wrong.append(f"{topic}-{number}: counted up to {at}, and the log ends at {end}")
        if (number, evidence.places[number]["turn"]) not in ever:
            wrong.append(f"partition {number}: its turn was moved outside the chain")
    return f"{len(evidence.turns)} turns", wrong


def moved_to(change: Any, before: Stood) -> Stood | None:
    """The turn and the next offsets after a change of a place; None when it moved neither."""
    if change["operationType"] in ("insert", "replace"):
        return change["fullDocument"]["turn"], dict(change["fullDocument"]["next"])
    fields = change.get("updateDescription", {}).get("updatedFields", {})
    if "turn" not in fields:
        return None
    following = dict(fields.get("next", before[1]))
    following |= {name.removeprefix("next."): at for name, at in fields.items() if name.startswith("next.")}
    return fields["turn"], following


def broken(before: Stood, after: Stood, begun: Collection[str]) -> list[str]:
    """What of a step from one turn to the next may not be; topics that are begun anew may fall."""
    wrong = [] if after[0] == before[0] + 1 else [f"turn {after[0]} came after {before[0]}"]
    fell = [topic for topic, offset in before[1].items() if after[1].get(topic, 0) < offset and topic not in begun]
    return wrong + [f"{topic} fell from {before[1][topic]} to {after[1].get(topic)}" for topic in fell]
