"""Made-up awards and what becomes of them, and programs with their lists of credentials."""

from typing import Any

from hypothesis import strategies as st

from tests.history_days import AWARDED, CAMPUSES, DAYS, MAYBE_DAY, PROGRAMS, year_of

CELEBRATED = st.sampled_from((None, None, "2025-03-01", "2025-09-15", "2026-07-01"))
RENEWS = st.sampled_from((None, None, None, None, "a0"))
TIERS = ("required", "preferred", "relevant", "relevant", "other", None)
VERIFICATIONS = st.fixed_dictionaries(
    {
        "level": st.sampled_from(("document_seen", "issuer_lookup", "issuer_lookup", "cryptographic")),
        "verified_on": st.sampled_from(("2025-03-01", "2025-09-15", "2026-05-21", "2026-07-01")),
        "outcome": st.sampled_from(("confirmed", "confirmed", "not_found")),
    }
)


@st.composite
def awards(draw: st.DrawFn, person: str) -> dict[str, Any]:
    result = draw(st.sampled_from(("passed",) * 6 + ("failed", "in_progress")))
    taken, awarded = draw(st.sampled_from(AWARDED)), draw(st.sampled_from(AWARDED))
    tiers = {program: draw(st.sampled_from(TIERS)) for program in PROGRAMS}
    return {
        "award_id": "a",
        "student_id": person,
        "credential_code": "C1",
        "credential_type": draw(st.sampled_from(("certification", "license"))),
        "result": result,
        "school_year": year_of(awarded if result == "passed" else taken),
        "program_id": draw(st.sampled_from((None, *PROGRAMS))),
        "program_named": draw(st.booleans()),
        "attempt": draw(st.sampled_from((1, 1, 1, 2))) if result != "passed" else 1,
        "organisation_id": draw(st.sampled_from((None, *CAMPUSES))),
        "taken_on": taken,
        "awarded_on": awarded if result == "passed" else None,
        "expires_on": draw(MAYBE_DAY),
        "revoked_on": draw(st.sampled_from((None, None, "2025-09-15"))),
        "tiers": {program: tier for program, tier in tiers.items() if tier},
        "verifications": draw(st.lists(VERIFICATIONS, min_size=draw(st.integers(0, 1)), max_size=2)),
        "celebrated_on": draw(CELEBRATED),
        "renews": draw(RENEWS),
    }


@st.composite
def restated(draw: st.DrawFn, award: dict[str, Any]) -> dict[str, Any]:
    """The same award once more: celebrated, looked up, taken for a renewal, or its tier changed in the catalogue."""
    tiers = {program: tier for program in PROGRAMS if (tier := draw(st.sampled_from(TIERS)))}
    changes: tuple[dict[str, Any], ...] = (
        {"tiers": tiers},
        {"verifications": [*award["verifications"], draw(VERIFICATIONS)]},
        {"celebrated_on": draw(CELEBRATED)},
        {"renews": draw(RENEWS)},
    )
    return award | draw(st.sampled_from(changes))


def programs(program: str) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {
            "program_id": st.just(program),
            "title": st.just("Made up"),
            "cip_code": st.just("00.0000"),
            "cluster": st.sampled_from(("making", "caring")),
            "active_from": st.sampled_from(DAYS),
            "active_to": MAYBE_DAY,
        }
    )


def approvals(program: str) -> st.SearchStrategy[dict[str, Any]]:
    status = st.sampled_from(("proposed", "approved", "approved", "revised", "retired"))
    steps = st.fixed_dictionaries({"status": status, "on": st.sampled_from(DAYS)})
    return st.fixed_dictionaries({"program_id": st.just(program), "steps": st.lists(steps, max_size=4)})
