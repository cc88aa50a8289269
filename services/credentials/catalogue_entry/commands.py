"""What a caller can have done with the catalogue: keep entries, each after a look whether its programs exist."""

from collections.abc import Mapping, Sequence
from functools import partial

from services.credentials.catalogue_entry.record import CATALOGUE, catalogue_draft, credential_of
from services.credentials.catalogue_entry.restating import put_credential, would_restate
from services.credentials.catalogue_entry.rules import Credential, catalogued
from shared.errors import NotFound, Refused, refused
from shared.producer.answers import Put, would
from shared.producer.desk import Desk
from shared.producer.refusals import unknown_program
from shared.records.changes import once_seen
from shared.records.record import Entry, Record
from shared.web.paging import Paging


async def put(
    desk: Desk, wanted: Credential, *, entry: Entry, expected: int | None = None, dry_run: bool = False
) -> Put:
    """Keep one entry. Raise Refused, Stale, or Retryable while roster may be about to tell of a program."""
    outcome = (await put_many(desk, [wanted], entry=entry, expected=expected, dry_run=dry_run))[0]
    if isinstance(outcome, Refused):
        raise outcome
    return outcome


async def put_many(
    desk: Desk, wanted: Sequence[Credential], *, entry: Entry, expected: int | None = None, dry_run: bool = False
) -> list[Put | Refused]:
    """Keep every entry that may be kept, with one look, and if need be one wait, for all their programs."""
    stored = await desk.records.get_many(CATALOGUE, {one.code for one in wanted})
    before = {code: credential_of(record) for code, record in stored.items()}
    known = await _known_programs(desk, wanted, before)
    outcomes: list[Put | Refused] = []
    for one in wanted:
        try:
            credential = catalogued(one)
            may = partial(_refuse_unknown, credential, known)
            if dry_run:
                may(before.get(one.code))
                outcome = would(catalogue_draft(credential, entry, expected=expected), stored.get(one.code))
                outcomes.append(Put(outcome, None, await would_restate(desk, credential)))
                continue
            saved, restated = await once_seen(
                partial(put_credential, desk, credential, entry, expected=expected, may=may)
            )
            outcomes.append(Put(saved.outcome, saved.record, restated))
        except Refused as refusal:
            outcomes.append(refusal)
    return outcomes


async def get(desk: Desk, code: str) -> Record:
    """One entry. Raise NotFound."""
    record = (await desk.records.get_many(CATALOGUE, [code])).get(code)
    if record is None:
        raise NotFound(
            f"{code} is not in the catalogue", works="GET /v1/catalogue lists what is", code="unknown_credential"
        )
    return record


async def find(desk: Desk, *, program: str | None, type: str | None, paging: Paging) -> list[Record]:
    """Entries in the order of their codes, one more than the page holds."""
    wanted = {"state.tiers.program_id": program, "state.type": type}
    where = {path: value for path, value in wanted.items() if value is not None}
    return await desk.records.find(CATALOGUE, where, after=paging.after, limit=paging.limit + 1)


async def _known_programs(desk: Desk, wanted: Sequence[Credential], before: Mapping[str, Credential]) -> frozenset[str]:
    new = set[str]().union(*(_programs(one) - _programs(before.get(one.code)) for one in wanted))
    return await desk.programs(new) if new else frozenset()


def _programs(credential: Credential | None) -> frozenset[str]:
    return frozenset(dated.program_id for dated in credential.tiers) if credential else frozenset()


def _refuse_unknown(credential: Credential, known: frozenset[str], before: Credential | None) -> None:
    """Raise Refused when a program is neither known nor named by the entry as it stands."""
    unknown = [
        unknown_program(dated.program_id, f"/tiers/{row}/program_id")
        for row, dated in enumerate(credential.tiers)
        if dated.program_id not in known | _programs(before)
    ]
    if unknown:
        raise refused(*unknown)
