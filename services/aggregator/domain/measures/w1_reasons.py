"""Why a completer is in W1's count or is not, in words for the person who asks."""

from dataclasses import dataclass
from datetime import date

from services.aggregator.domain.shapes import Reason
from shared.contracts.credentials import Award
from shared.contracts.roster import Completion


@dataclass(frozen=True, slots=True)
class Near:
    """One award held against one completion: counted on `day`, or kept out by `obstacle`.

    `ends` is the last day of that completion's window; `seen` the day of its verification.
    """

    obstacle: str | None
    day: date | None
    completion_id: str
    completion: Completion
    award_id: str
    award: Award
    ends: date
    seen: date | None

    @property
    def records(self) -> tuple[str, str]:
        return self.completion_id, self.award_id


# The nearer to counting, the earlier: of several awards the one is named that came closest.
NEAREST_FIRST = ("not_verified", "revoked", "late", "early", "tier", "in_progress", "failed", "not_aligned")


def reason(pairs: list[Near], last_completion: str, window_ends: date, as_of: date) -> Reason:
    """The reason as of a day; `window_ends` is the last day on which an award can still count."""
    counted = [(near.day, near.award_id, near.completion_id, near) for near in pairs if near.day is not None]
    if counted:
        return _earned(min(counted, key=lambda found: found[:3])[3], as_of)
    still = f"; window open until {window_ends}" if as_of <= window_ends else ""
    if not pairs:
        none = f"no award yet{still}" if still else f"no award by {window_ends}, when the window ended"
        return Reason("no_award", none, (last_completion,))
    near = min(pairs, key=lambda pair: (NEAREST_FIRST.index(str(pair.obstacle)), pair.award_id, pair.completion_id))
    return Reason(str(near.obstacle), _kept_out(near) + still, near.records)


def _earned(near: Near, as_of: date) -> Reason:
    award, completion = near.award, near.completion
    tier = award.tiers.get(completion.program_id)
    value = f" ({tier} for {completion.program_id})" if tier else ""
    before = award.awarded_on is not None and award.awarded_on <= completion.completed_on
    when = "inside the program" if before else "inside the year after completion"
    words = f"earned {award.credential_code}{value} on {award.awarded_on}, {when}"
    if near.seen is not None:
        words += f", confirmed on {near.seen}"
    if near.day is not None and near.day > as_of:
        return Reason("after_as_of", f"{words}: not yet by {as_of}", near.records)
    return Reason("earned", words, near.records)


def _start(completion: Completion) -> str:
    if completion.start_known:
        return f"the program began on {completion.started_on}"
    return f"the completion on {completion.completed_on}, and nothing tells when the program was begun"


def _kept_out(near: Near) -> str:
    award, completion = near.award, near.completion
    code, program, on = award.credential_code, completion.program_id, award.awarded_on
    words = {
        "not_verified": f"{code}, earned on {on}, is not confirmed by issuer lookup or better",
        "revoked": f"award of {code} on {on} was revoked on {award.revoked_on}",
        "late": f"award of {code} on {on} came after the window, which ended on {near.ends}",
        "early": f"award of {code} on {on} came before {_start(completion)}",
        "tier": f"tier of {code} for {program} on {on} is {award.tiers.get(program)}",
        "in_progress": f"{code} is in progress",
        "failed": f"attempt at {code} on {award.taken_on or on} was not passed",
        "not_aligned": f"{code}, earned on {on}, was not aligned with {program}",
    }
    return words[str(near.obstacle)]
