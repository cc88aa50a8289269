"""Records that cannot be counted, of every sort that a log may hold; made-up, all about one student."""

from shared.contracts.envelope import Message
from tests.histories import Said

STUDENT = Said("student/made-up-1", "student/made-up-1", 1, {"student_id": "made-up-1", "years": []})
DEMOGRAPHICS = {"student_id": "made-up-1", "school_year": "2024-25"}
COMPLETION = {
    "completion_id": "c1",
    "student_id": "made-up-1",
    "program_id": "welding",
    "organisation_id": "north",
    "organisation_type": "central_campus",
    "started_on": "2023-08-01",
    "completed_on": "2025-05-20",
    "school_year": "2024-25",
}
AWARD = {
    "award_id": "a1",
    "student_id": "made-up-1",
    "credential_code": "C1",
    "credential_type": "license",
    "result": "passed",
    "school_year": "2024-25",
    "awarded_on": "2025-03-02",
    "tiers": {"welding": "required"},
}
GOOD = STUDENT.message()


def but(*, value=GOOD.value, key=GOOD.key, drop=None, **headers) -> Message:
    """The good record, changed in this."""
    changed = [(name, headers.get(name, was)) for name, was in GOOD.headers if name != drop]
    return Message(key, value, changed)


def about(kind: str, state: dict, was: bytes, now: bytes) -> Message:
    """A record of the right form whose content cannot be."""
    message = Said("student/made-up-1", f"{kind}/x", 1, state).message()
    assert was in message.value
    return Message(message.key, message.value.replace(was, now), message.headers)


def withdrawn(record: bytes, version: bytes = b"1") -> bytes:
    return b'{"record_id": "%s", "version": %s, "state": null}' % (record, version)


HEARTBEAT = b"org.aurora.heartbeat.v1"
POISON = {
    "empty": but(value=b""),
    "tombstone": but(value=None),
    "no headers": Message(GOOD.key, GOOD.value, []),
    "a header without value": but(ce_type=None),
    "a header that is no text": but(ce_type=b"\xff\xfe"),
    "no subject": but(drop="ce_subject"),
    "a type nobody knows": but(ce_type=b"org.aurora.roster.unicorn.v1"),
    "another key than its subject": but(key=b"student/somebody-else"),
    "no key": but(key=None),
    "bad JSON": but(value=b"{"),
    "not UTF-8": but(value=b'{"record_id": "\xff"}'),
    "half a surrogate pair": but(value=withdrawn(b"student/\\ud800")),
    "wrong schema": but(value=b'{"record_id": "student/made-up-1", "version": 1, "state": {"student_id": 7}}'),
    "an array": but(value=b"[]"),
    "deeply nested": but(value=withdrawn(b"student/made-up-1")[:-1] + b', "x": ' + b"[" * 9999 + b"]" * 9999 + b"}"),
    "a megabyte": but(value=withdrawn(b"student/made-up-1")[:-1] + b', "x": "' + b"y" * 900_000 + b'"}'),
    "version 0": but(value=withdrawn(b"student/made-up-1", b"0")),
    "a version beyond 64 bits": but(value=withdrawn(b"student/made-up-1", b"1000000000000000000000000000000")),
    "an id with a dot": but(value=withdrawn(b"student/a.b")),
    "an id with a dollar": but(value=withdrawn(b"$student/a")),
    "an id of another kind": but(value=withdrawn(b"award/a")),
    "a subject that is none": but(key=b"nobody", ce_subject=b"nobody"),
    "a school year that is none": about("demographics", DEMOGRAPHICS, b'"2024-25"', b'"2024-26"'),
    "a school year before all": about("demographics", DEMOGRAPHICS, b'"2024-25"', b'"0000-01"'),
    "a day at the end of time": about("completion", COMPLETION, b'"2025-05-20"', b'"9999-12-31"'),
    "a day that is none": about("completion", COMPLETION, b'"2025-05-20"', b'"2025-02-30"'),
    "a program that is no id": about("award", AWARD, b'{"welding"', b'{"$welding.x"'),
    "a heartbeat that is none": but(ce_type=HEARTBEAT),
    "a heartbeat of no time zone": but(
        ce_type=HEARTBEAT, value=b'{"service": "roster", "through": "2026-01-01T00:00:00"}'
    ),
}
