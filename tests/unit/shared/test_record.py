from dataclasses import replace
from datetime import UTC, date, datetime

import msgspec
import pytest

from shared.errors import NotFound, NoVersionGiven, Refused, Stale
from shared.records.keys import derived_id
from shared.records.record import (
    Draft,
    Entry,
    Natural,
    Past,
    Record,
    may_change,
    may_create,
    may_decide,
    may_put,
    took_effect,
    was_done,
)

AT = datetime(2025, 3, 1, tzinfo=UTC)


def past(version, *, by="ann", action="put", key="", digest="d"):
    return Past(version=version, at=AT, by=by, action=action, why="", key=key, digest=digest)


def stored(*history, state=None, void=False):
    lines = history or (past(1),)
    return Record("award", "a1", lines[-1].version, state or {"result": "passed"}, void, lines, (), AT)


def draft(state=None, *, expected=None, void=False, key="", digest="d"):
    entry = Entry("ann", "put", key=key, digest=digest)
    return Draft("award", "a1", state or {"result": "passed"}, entry, expected=expected, void=void).readied()


CHANGED = {"result": "failed"}


def test_a_new_record_is_written():
    assert may_create(draft(), None) is None


def test_a_create_sent_again_is_answered_with_the_record_as_it_stands():
    now = stored(past(1, digest="d"), past(2, digest="e"), state=CHANGED)

    assert may_create(draft(digest="d"), now).record is now


def test_a_create_with_another_body_is_refused():
    with pytest.raises(Refused, match="another body"):
        may_create(draft(digest="other"), stored())


@pytest.mark.parametrize(
    ("wanted", "written"),
    [
        pytest.param(draft(), False, id="the same state"),
        pytest.param(draft(expected=1), False, id="the same state, at the version expected"),
        pytest.param(draft(CHANGED), True, id="another state"),
        pytest.param(draft(CHANGED, expected=1), True, id="another state, at the version expected"),
        pytest.param(draft(void=True), True, id="the same state, but void"),
    ],
)
def test_a_put_writes_only_what_is_not_so_already(wanted, written):
    assert (may_put(wanted, stored()) is None) is written


def may_decide_of(draft, now):
    return may_decide(draft.entry, draft.expected, now)


@pytest.mark.parametrize("expected", [1, 3, 4], ids=["below", "just above", "far above"])
@pytest.mark.parametrize("decide", [may_put, may_change, may_decide_of])
def test_a_version_that_is_not_the_stored_one_is_stale(decide, expected):
    with pytest.raises(Stale, match=f"at version 2, not {expected}") as refused:
        decide(draft(CHANGED, expected=expected), stored(past(1), past(2)))

    assert refused.value.ahead is (expected > 2), "only a later one may still be seen here"


def test_a_draft_that_expects_nothing_to_be_there_is_written_only_there():
    assert may_put(draft(expected=0), None) is None
    with pytest.raises(Stale):
        may_put(draft(CHANGED, expected=0), stored())


def test_a_put_that_expects_a_record_where_none_is_is_stale():
    with pytest.raises(Stale, match="leave If-Match out"):
        may_put(draft(expected=1), None)


def test_a_change_needs_a_record_and_a_version():
    with pytest.raises(NotFound):
        may_change(draft(expected=1), None)
    with pytest.raises(NoVersionGiven):
        may_change(draft(CHANGED), stored())


def test_an_action_sent_again_is_unchanged_whatever_version_it_expects():
    now = stored(past(1), past(2, key="k", digest="d"), past(3))

    assert may_change(draft(CHANGED, expected=1, key="k", digest="d"), now).outcome == "unchanged"


def test_an_action_key_used_with_another_body_is_refused():
    with pytest.raises(Refused, match="another body"):
        may_change(draft(CHANGED, expected=1, key="k", digest="x"), stored(past(1, key="k", digest="d")))


def test_an_action_without_a_digest_is_known_by_its_key_alone():
    now = stored(past(1), past(2, key="k", digest="state:of-then"))

    assert may_change(draft(CHANGED, expected=1, key="k", digest=""), now).outcome == "unchanged"


OWN = derived_id("ann", "k")


@pytest.mark.parametrize(
    ("line", "done"),
    [
        pytest.param(past(2, key=OWN), True, id="as the caller's own"),
        pytest.param(past(2, key="k"), True, id="raw, as an earlier release kept it"),
        pytest.param(past(2, key='"k"'), True, id="raw, in the quotes that it came in"),
        pytest.param(past(2, key="k", by="bob"), False, id="somebody else's, raw"),
        pytest.param(past(2, key=derived_id("bob", "k")), False, id="somebody else's own"),
        pytest.param(past(2, key="l"), False, id="another"),
    ],
)
def test_a_key_is_known_in_the_history_as_the_callers_own(line, done):
    entry = Entry("ann", "void", key=OWN, digest="d")

    assert was_done(entry, stored(past(1), line)) is done
    assert not was_done(Entry("ann", "void"), stored(past(1, key=""), line)), "no key is no key"


@pytest.mark.parametrize(
    ("line", "mine"),
    [
        pytest.param(past(2, digest="d"), True, id="my line"),
        pytest.param(past(2, digest="e"), False, id="another body"),
        pytest.param(past(2, by="bob", digest="d"), False, id="another writer"),
    ],
)
def test_a_write_is_mine_when_the_next_line_of_history_is(line, mine):
    assert took_effect(draft(CHANGED, digest="d"), stored(), stored(past(1), line, past(3))) is mine


def test_a_draft_without_a_digest_gets_that_of_its_state():
    one, same, other, void = draft(digest=""), draft(digest=""), draft(CHANGED, digest=""), draft(void=True, digest="")

    assert one.entry.digest == same.entry.digest
    assert len({one.entry.digest, other.entry.digest, void.entry.digest}) == 3


def test_a_state_is_kept_as_json_says_it():
    class Place(msgspec.Struct):
        since: date
        codes: tuple[str, ...]

    ready = draft({"on": date(2025, 3, 1), "places": (Place(date(2025, 1, 1), ("a",)),)})

    assert ready.state == {"on": "2025-03-01", "places": [{"since": "2025-01-01", "codes": ["a"]}]}


@pytest.mark.parametrize("id", ["", "-a", "_a", "a.b", "a/b", "a$b", "a b", "a" * 65, "é", "a\n"])
def test_an_id_that_cannot_be_a_field_name_is_refused(id):
    with pytest.raises(Refused, match="cannot be an id"):
        Draft("award", id, {}, Entry("ann", "put")).readied()


def test_a_natural_key_speaks_of_records_that_are_not_void_and_have_its_fields():
    natural = Natural("award", ("student_id",), "n", {"state.result": "passed"})

    assert natural.holds_for() == {
        "kind": "award",
        "void": False,
        "state.student_id": {"$exists": True},
        "state.result": "passed",
    }


def test_a_natural_key_may_speak_of_void_records_too():
    natural = Natural("award", ("link",), "n", void_too=True)

    assert natural.holds_for() == {"kind": "award", "state.link": {"$exists": True}}


def what_is_left(gone):
    return replace(stored(past(7, digest=""), state={}, void=True), gone=gone)


@pytest.mark.parametrize("decide", [may_create, may_put])
def test_what_was_lost_may_be_kept_again_and_what_was_erased_may_not(decide):
    assert decide(draft(), what_is_left("lost")) is None
    with pytest.raises(Refused, match="erased on 2025-03-01"):
        decide(draft(), what_is_left("erased"))


@pytest.mark.parametrize("gone", ["lost", "erased"])
def test_nobody_changes_what_is_no_more(gone):
    with pytest.raises(NotFound):
        may_change(draft(expected=7), what_is_left(gone))
