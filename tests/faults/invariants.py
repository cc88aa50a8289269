"""What must hold after any run, whatever was killed: one line each in the verdict."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from shared.contracts.catalogue import BY_TYPE
from shared.contracts.envelope import read_fact
from shared.errors import Unreadable
from tests.faults import of_families
from tests.faults.chain import turns_are_a_chain
from tests.faults.evidence import Evidence, heartbeat
from tests.faults.journal import Accepted, Journal
from tests.faults.pace import within
from tests.faults.poisoning import poisonous
from tests.faults.witness import AS_OF, compared, counted, stated
from tests.oracle import final, tally
from tests.oracle_records import Event, events_of

SHOWN = 5
ENDS_WITHIN_SECONDS = 20.0
REFUSED = '"why": "LostPartition"'  # what an aggregator says whose turn another one has taken
LOOKS_AT_LEAST = 12
# What the relay looks up when it publishes: it may change while a version is published again.
RESOLVED = {
    *("years", "organisation_type", "tiers", "credential_type", "school_year", "school_year_starts"),
    *("started_on", "start_known"),
    # Of a workshop, whose roll says it too; of who a guardian is; of rules and plans.
    *("workshop_type", "level", "delivery", "held", "held_on", "career_related", "districts", "organisation_ids"),
    *("program_ids", "term", "unnamed", "guardian_id", "logged_as"),
}


@dataclass(frozen=True)
class Invariant:
    """A promise in words, and how it is looked for in the evidence: what is wrong, or how much was looked at."""

    name: str
    check: Callable[[Evidence], tuple[str, list[str]]]


def accepted_is_kept(evidence: Evidence) -> tuple[str, list[str]]:
    """Every version that got 2xx stands in the record's history, and the last one says what was answered."""
    documents = {(name, one["_id"]): one for name, records in evidence.records.items() for one in records}
    wrong, same = [], 0
    promised = Journal(evidence.journal.path, [one for one in evidence.journal.accepted if not undone(evidence, one)])
    for one in promised.accepted:
        document = documents.get((one.service, one.key))
        if document is None:
            wrong.append(f"{one.service} answered {one.key} version {one.version}: it is not there")
        elif one.version not in {line["version"] for line in document["history"]}:
            wrong.append(f"{one.key}: version {one.version} was answered and is not in its history")
    taken_back = {(one.service, one.key) for one in evidence.journal.accepted if undone(evidence, one)}
    for at, one in promised.last().items():
        document = documents.get(at)
        if document is None or at in evidence.journal.unsure or at in taken_back:
            continue
        same += 1
        kept = {**document["state"], "void": document["void"]}
        wrong += [
            f"{one.key}: {name} was answered as {value!r} and is {kept[name]!r}"
            for name, value in one.state.items()
            if name in kept and kept[name] != value
        ]
    return f"{len(promised.accepted)} answers, {same} records compared word for word", wrong


def undone(evidence: Evidence, one: Accepted) -> bool:
    """Whether it came after the copy that an operator has put back since: gone with their knowledge."""
    told = [each for each in evidence.ground.restored if each.service == one.service]
    return any(each.as_of <= one.given_at and one.asked_at <= each.at for each in told)


def written_is_published(evidence: Evidence) -> tuple[str, list[str]]:
    """The log holds each record's last version for each of its subjects, none that it never had, and no version twice
    with another meaning: one that a failover took back must never have been published. (One that an operator took back
    was, which is why counting then stops.)"""
    restored = {evidence.ground.settings.topic(one.service) for one in evidence.ground.restored}
    highest: dict[tuple[str, str], int] = {}
    meant: dict[tuple[str, str, int], Any] = {}
    twice = set()
    for at, (subject, record, version, _) in said(evidence):
        highest[subject, record] = max(version, highest.get((subject, record), 0))
        own = meaning(at)
        if meant.setdefault((subject, record, version), own) != own and at.topic not in restored:
            twice.add(f"version {version} of {record} is in the log with two meanings")
    wanted = {(subject, record): version for subject, record, version, _ in recorded(evidence)}
    wrong = [
        f"{record} for {subject}: the log has version {highest.get((subject, record))}, the record {version}"
        for (subject, record), version in wanted.items()
        if highest.get((subject, record)) != version
    ]
    return f"{len(wanted)} records, {len(meant)} versions", [*wrong, *sorted(twice)]


def counts_are_recounts(evidence: Evidence) -> tuple[str, list[str]]:
    """Counts = recount of the facts = recount of the log = recount of the services' records."""
    of_facts, of_log, of_records = stated(evidence.subjects), final(logged(evidence)), final(recorded(evidence))
    wrong, cells = [], 0
    for as_of in AS_OF:
        found = counted(evidence.counts, as_of)
        cells += len(found)
        wrong += compared(found, tally(of_facts, as_of), f"{as_of}, by the facts")
        wrong += compared(found, tally(of_log, as_of), f"{as_of}, by the log")
        wrong += compared(found, tally(of_records, as_of), f"{as_of}, by the records")
    facts = {(one["_id"], key): fact for one in evidence.subjects for key, fact in one.get("facts", {}).items()}
    for subject, record, version, _ in recorded(evidence):
        if facts.pop((subject, record), {"v": None})["v"] != version:
            wrong.append(f"the fact {record} of {subject} is not at the record's version {version}")
    # What an older copy does not have is withdrawn.
    left = [at for at, fact in facts.items() if fact["s"] is not None or not evidence.ground.restored]
    wrong += [f"the fact {record} of {subject} is no service's record" for subject, record in left]
    return f"{cells} cells, {len(of_facts)} subjects", wrong


def snapshots_agree(evidence: Evidence) -> tuple[str, list[str]]:
    """At any moment of the run one snapshot's counts are a recount of its facts."""
    looks = [look for look in evidence.looks if "failed" not in look]
    wrong = [f"partition {look['partition']} at turn {look['turn']}: {say}" for look in looks for say in look["wrong"]]
    if len(looks) < LOOKS_AT_LEAST:
        wrong.append(f"only {len(looks)} snapshots could be read")
    return f"{len(looks)} snapshots during the run", wrong


def everything_is_accounted_for(evidence: Evidence) -> tuple[str, list[str]]:
    """Every record of the log was applied, or is a duplicate, or is parked as it came; nothing else is parked."""
    kept = {(one["_id"], key): fact["v"] for one in evidence.subjects for key, fact in one.get("facts", {}).items()}
    highest: Counter[tuple[str, str]] = Counter()
    came: Counter[str] = Counter()
    wrong, left = [], dict(evidence.parked)
    for (topic, number), records in evidence.log.items():
        for record in records:
            parked = left.pop((topic, number, record.offset), None)
            where = f"{topic}-{number}, offset {record.offset}"
            if heartbeat(record) and not poisonous(record):
                came["heartbeats"] += 1
            elif poisonous(record):
                came["parked"] += 1
                if parked is None:
                    wrong.append(f"{where} cannot be read and is not parked")
                elif (parked["key"], parked["value"], headers_of(parked)) != (
                    record.key,
                    record.value,
                    list(record.headers),
                ):
                    wrong.append(f"{where} is not parked as it came")
                continue
            else:
                subject, name, version, _ = event(record)
                came["applied" if version > highest[subject, name] else "duplicates"] += 1
                highest[subject, name] = max(version, highest[subject, name])
                if kept.get((subject, name), 0) < version:
                    wrong.append(f"{where}: version {version} of {name} was dropped")
            if parked is not None:
                wrong.append(f"{where} is parked and could be read: {parked['reason']}")
    gone = evidence.ground.made_anew
    wrong += [f"{'-'.join(map(str, at))} is parked and is not in the log" for at in left if at[0] not in gone]
    return ", ".join(f"{n} {name}" for name, n in sorted(came.items())), wrong


def lag_went_back(evidence: Evidence) -> tuple[str, list[str]]:
    """Everything was published and counted soon after the last fault."""
    said, bound = evidence.drained_seconds, evidence.drain_bound_seconds
    late = [f"still not drained: {evidence.left_behind}"] if evidence.left_behind else []
    if said > bound and not late:
        late = [f"drained only {said - bound:.1f} s after the bound"]
    return f"{said:.1f} s after the last fault (bound {bound:.0f} s)", late


def memory_is_bounded(evidence: Evidence) -> tuple[str, list[str]]:
    """No process ever took more than it may."""
    parts = evidence.ground.everyone
    most = ", ".join(f"{part.name} {part.megabytes:.0f} MB" for part in parts)
    wrong = [
        f"{p.name} took {p.megabytes:.0f} of {p.most_megabytes} MB" for p in parts if p.megabytes > p.most_megabytes
    ]
    return most, wrong


def nothing_without_majority(evidence: Evidence) -> tuple[str, list[str]]:
    """While no majority could confirm a write, none that was asked for then was accepted.

    Whoever asks for what is so already is told the version that stands, which was written before.
    """
    spans = evidence.ground.without_majority
    wrong = [
        f"{one.key} version {one.version} was accepted without a majority"
        for one in evidence.journal.accepted
        for begin, end in spans
        if begin <= min(one.asked_at, one.written_at) and one.given_at <= end
    ]
    return f"{sum(end - begin for begin, end in spans):.1f} s without one", wrong


def the_asked_end(evidence: Evidence) -> tuple[str, list[str]]:
    """Whoever was asked to end did, in good time and well, in the midst of its work."""
    asked = evidence.ground.asked_to_end
    late = [
        f"{name} had not ended after {took:.1f} s" for name, took, _ in asked if took >= within(ENDS_WITHIN_SECONDS)
    ]
    ill = [f"{name} was gone before its work was ended" for name, _, well in asked if not well]
    return f"{len(asked)} asked, the longest took {max((took for _, took, _ in asked), default=0.0):.1f} s", late + ill


def the_overtaken_are_refused(evidence: Evidence) -> tuple[str, list[str]]:
    """Whoever was frozen beyond the session and thawed was refused."""
    ground = evidence.ground
    refused = ground.said("aggregator", REFUSED)
    wrong = [] if refused or not ground.overtaken_wanted else ["an overtaken aggregator was not seen to be refused"]
    return f"{ground.overtaken_wanted} frozen, {refused} refusals", wrong


def years_are_worked_out(evidence: Evidence) -> tuple[str, list[str]]:
    """What the log says last of each year of an enrolment is what rules and plans come to."""
    return of_families.years_are_worked_out(evidence, list(logged(evidence)))


INVARIANTS = (
    Invariant("every accepted write is kept", accepted_is_kept),
    Invariant("every last version is published", written_is_published),
    Invariant("counts = facts = log = records", counts_are_recounts),
    Invariant("turns are a chain, offsets only rise", turns_are_a_chain),
    Invariant("every snapshot agrees with itself", snapshots_agree),
    Invariant("applied + duplicates + parked = read", everything_is_accounted_for),
    Invariant("no part of a call twice", of_families.nothing_twice),
    Invariant("years = rules and plans", years_are_worked_out),
    Invariant("no breach is told", of_families.no_breach_is_told),
    Invariant("lag goes back to 0", lag_went_back),
    Invariant("memory is bounded", memory_is_bounded),
    Invariant("nothing accepted without a majority", nothing_without_majority),
    Invariant("the overtaken are refused", the_overtaken_are_refused),
    Invariant("whoever is asked to end, ends", the_asked_end),
)


def event(record: Any) -> Event:
    """A record of the log that can be read."""
    said = json.loads(record.value)
    subject = next(value for name, value in record.headers if name == "ce_subject").decode()
    return subject, said["record_id"], said["version"], said["state"]


def said(evidence: Evidence) -> Iterator[tuple[Any, Event]]:
    for records in evidence.log.values():
        for record in records:
            if not heartbeat(record) and not poisonous(record):
                yield record, event(record)


def logged(evidence: Evidence) -> Iterator[Event]:
    return (told for _, told in said(evidence))


def meaning(record: Any) -> Any:
    """What a record says of its own, whichever release wrote it: all that this one knows, and no more."""
    try:
        state = read_fact(BY_TYPE, headers=record.headers, key=record.key, value=record.value).event.state
    except Unreadable:
        return record.value  # then the aggregator cannot read it either, and another promise is broken
    return state and {name: value for name, value in msgspec.structs.asdict(state).items() if name not in RESOLVED}


def recorded(evidence: Evidence) -> list[Event]:
    own = events_of(evidence.records["roster"], evidence.records["credentials"])
    return [*own, *of_families.recorded(evidence)]


def headers_of(parked: Any) -> list[tuple[str, bytes]]:
    return [(name, value) for name, value in parked["headers"]]


def judged(evidence: Evidence) -> tuple[list[str], list[str]]:
    """A line for each invariant, with the first of what is wrong under it; and the names of those that do not hold."""
    lines, broken = [], []
    for one in INVARIANTS:
        looked_at, wrong = one.check(evidence)
        broken += [one.name] if wrong else []
        lines.append(f"{'ok  ' if not wrong else 'LOST'}  {one.name}: {looked_at}")
        lines += [f"        {say}" for say in wrong[:SHOWN]]
        lines += [f"        and {len(wrong) - SHOWN} more"] if len(wrong) > SHOWN else []
    return lines, broken
