"""A draft becomes the next state of a record or is refused: the values and the rules of it, without I/O."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal, Self

import msgspec

from shared.errors import NotFound, NoVersionGiven, Refused, Stale
from shared.records.keys import means

ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
OF_STATE = "state:"
# To expect no version is to expect whatever is there; this one, that nothing is.
NOTHING_THERE = 0
KEY_USED = "this Idempotency-Key was used with another body"
# What is left of a record that is no more: it was not in the copy that was restored, or a person asked to be forgotten.
Gone = Literal["", "lost", "erased"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of history, to be: who did what and why; `key` and `digest` recognise a retry."""

    by: str
    action: str
    why: str = ""
    key: str = ""
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Past:
    """One line of history: what made this version of the record, and when by the server's clock."""

    version: int
    at: datetime
    by: str
    action: str
    why: str
    key: str
    digest: str

    @classmethod
    def of(cls, line: Mapping[str, Any]) -> Self:
        """The line that a document holds; a number beyond 32 bits comes from MongoDB as a kind of its own."""
        return cls(**{**line, "version": int(line["version"])})

    def is_of(self, entry: Entry) -> bool:
        return (self.by, self.action, self.why, self.key, self.digest) == (
            entry.by,
            entry.action,
            entry.why,
            entry.key,
            entry.digest,
        )


@dataclass(frozen=True, slots=True)
class Record:
    """A record as it is stored; `subjects` is everything that its events were ever keyed by.

    One that is `gone` keeps its id, version and subjects, so that it stays withdrawn, and no state.
    """

    kind: str
    id: str
    version: int
    state: Mapping[str, Any]
    void: bool
    history: tuple[Past, ...]
    subjects: tuple[str, ...]
    updated_at: datetime
    gone: Gone = ""

    @property
    def key(self) -> str:
        return f"{self.kind}/{self.id}"

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        """The record that a document holds; its history is empty when it was not read."""
        return cls(
            kind=document["kind"],
            id=document["_id"].partition("/")[2],
            version=int(document["version"]),
            state=document["state"],
            void=document["void"],
            history=tuple(Past.of(line) for line in document.get("history", ())),
            subjects=tuple(document["subjects"]),
            updated_at=document["updated_at"],
            gone=document.get("gone", ""),
        )


@dataclass(frozen=True, slots=True)
class Draft:
    """A wanted next state. `expected` is the version it was decided on, 0 when there was none; None: whatever is there.

    `state` holds what JSON can say; dates become ISO text. `subjects` are those that the record
    is known to concern already: naming them here saves the relay a write. `of_others`: what was erased
    under its id was somebody's whom this does not name, and does not stand in its way.
    """

    kind: str
    id: str
    state: Mapping[str, Any]
    entry: Entry
    subjects: tuple[str, ...] = ()
    void: bool = False
    expected: int | None = None
    of_others: bool = False

    @property
    def key(self) -> str:
        return f"{self.kind}/{self.id}"

    def readied(self) -> Self:
        """The draft as it would be stored: plain JSON values, and a digest. Raise Refused for an unfit id."""
        if not ID.fullmatch(self.id):
            raise Refused(
                f"{self.id!r} cannot be an id",
                works="use 1 to 64 letters, digits, - and _, the first no - or _",
                code="not_of_form",
            )
        text = msgspec.json.encode(dict(self.state), order="deterministic")
        entry, state = self.entry, msgspec.json.decode(text)
        if not entry.digest:
            digest = f"{OF_STATE}{hashlib.sha256(text).hexdigest()[:32]}{'/void' * self.void}"
            entry = replace(entry, digest=digest)
        return replace(self, state=state, entry=entry)

    def written(self, added: Mapping[str, Any], before: Record) -> Record | None:
        """The record that this draft, readied, has made of `before`, with what the database added to it.

        None when the record has moved on since.
        """
        if added["version"] != before.version + 1:
            return None
        return Record(
            kind=self.kind,
            id=self.id,
            version=int(added["version"]),
            state=self.state,
            void=self.void,
            history=(*(() if before.gone else before.history), *(Past.of(line) for line in added["history"])),
            subjects=tuple(added["subjects"]),
            updated_at=added["updated_at"],
        )


@dataclass(frozen=True, slots=True)
class Saved:
    """What came of a draft, and the record as it stands after it."""

    outcome: Literal["created", "changed", "unchanged"]
    record: Record


@dataclass(frozen=True, slots=True)
class Natural:
    """No two records of a kind, not counting void ones, agree in all these fields of their state.

    A path through an array holds for each of its elements. A record that lacks one of the
    fields, or does not match `when` (a filter on documents), is held to nothing. `void_too`:
    void records are held to it like any other. `maybe` are further fields, of which lacking one
    is a value like any other: so a key can grow, and old records are held to it as they are.
    `instead_of` names the index of the key that it has taken the place of.
    """

    kind: str
    fields: tuple[str, ...]
    name: str
    when: Mapping[str, Any] = field(default_factory=dict)
    void_too: bool = False
    maybe: tuple[str, ...] = ()
    instead_of: str = ""

    @property
    def paths(self) -> tuple[str, ...]:
        return tuple(f"state.{name}" for name in (*self.fields, *self.maybe))

    def holds_for(self) -> dict[str, Any]:
        """The filter on documents that it speaks of."""
        standing = {} if self.void_too else {"void": False}
        there = {f"state.{name}": {"$exists": True} for name in self.fields}
        return {"kind": self.kind, **standing, **there, **self.when}


def may_create(draft: Draft, now: Record | None) -> Saved | None:
    """Decide on a create: None to write it, Saved for a repeat. Raise Refused when the id has another body."""
    now = _there(now, draft)
    if now is None:
        return None
    if now.history[0].digest != draft.entry.digest:
        raise Refused(KEY_USED, works="send another key with another body", code="key_used")
    return Saved("unchanged", now)


def may_put(draft: Draft, now: Record | None) -> Saved | None:
    """Decide on a put: None to write it, Saved when it is so already. Raise Stale at an unexpected version."""
    now = _there(now, draft)
    if draft.expected is not None:
        must_be_at(draft.expected, now)
    return Saved("unchanged", now) if now and _same(draft, now) else None


def may_change(draft: Draft, now: Record | None) -> Saved | None:
    """Decide on a change: None to write it. A key that was used before is looked for first: no retry is ever Stale."""
    if now is None or now.gone:
        raise NotFound(f"there is no {draft.kind} {draft.id}")
    if done := may_decide(draft.entry, draft.expected, now):
        return done
    return Saved("unchanged", now) if _same(draft, now) else None


def may_decide(entry: Entry, expected: int | None, now: Record) -> Saved | None:
    """Check that a change may be decided on this record: None if so, Saved when the change was made before.

    Raise Refused when it was done with another body, NoVersionGiven, or Stale.
    """
    if was_done(entry, now):
        return Saved("unchanged", now)
    if expected is None:
        works = "send If-Match with the version that you decided on"
        raise NoVersionGiven("the change names no version", works=works, code="no_version")
    must_be_at(expected, now)
    return None


def was_done(entry: Entry, now: Record) -> bool:
    """Whether its key made a version of the record before. Raise Refused when that was with another body."""
    done = next((past for past in now.history if means(entry.key, past.key, past.by)), None)
    if done is None:
        return False
    bodies = [entry.digest, done.digest]
    # A digest of the state says nothing of the body: such a line is known by its key alone.
    if all(digest and not digest.startswith(OF_STATE) for digest in bodies) and entry.digest != done.digest:
        raise Refused(KEY_USED, works="send another key with another body", code="key_used")
    return True


def took_effect(draft: Draft, before: Record | None, after: Record) -> bool:
    """Whether this draft, and not another writer's, made the version after `before`.

    Two drafts with the same line of history, digest included, ask for the same thing, so that
    it does not matter whose was written.
    """
    next_version = before.version + 1 if before else 1
    return any(past.version == next_version and past.is_of(draft.entry) for past in after.history)


def _there(now: Record | None, draft: Draft) -> Record | None:
    """The record, unless it is only what is left of a lost one. Raise Refused for one that was erased."""
    if now is not None and now.gone == "erased" and not draft.of_others:
        raise Refused(
            f"{now.kind} {now.id} was erased on {now.updated_at:%Y-%m-%d} and is not kept again",
            works="leave it out, or, if it is somebody else, use another id",
            code="erased",
        )
    return None if now is None or now.gone else now


def _same(draft: Draft, now: Record) -> bool:
    return draft.void == now.void and draft.state == now.state


def must_be_at(expected: int, now: Record | None) -> None:
    """Raise Stale unless this is the version that stands there."""
    if now is None:
        if expected != NOTHING_THERE:
            raise Stale("there is no such record yet", works="leave If-Match out to create it", code="nothing_there")
        return
    if now.version != expected:
        said = f"the record is at version {now.version}, not {expected}"
        works = "read it again and decide on that"
        raise Stale(said, works=works, code="moved_on", ahead=now.version < expected)
