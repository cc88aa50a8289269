"""What the counts should be: plain loops over final records, importing nothing of the aggregator.

A record here is the JSON that crossed the wire: dates are text, `None` is a withdrawn state.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from tests.oracle_assessments import assessed
from tests.oracle_credentials import credentialed
from tests.oracle_families import engaged

State = Mapping[str, Any]
# measure, series, school year, dimension, value -> numerator, denominator
Tally = dict[tuple[str, str, str, str, str], tuple[int, int]]

HIGH = ("required", "preferred", "relevant")
LOOKED_UP = ("issuer_lookup", "issuer_feed", "cryptographic")


def final(events: Iterable[tuple[str, str, int, State | None]]) -> dict[str, dict[str, State]]:
    """Per subject the last state of each record, of (subject, record id, version, state) in any order."""
    highest: dict[tuple[str, str], tuple[int, State | None]] = {}
    for subject, record, version, state in events:
        if (subject, record) not in highest or highest[subject, record][0] < version:
            highest[subject, record] = (version, state)
    found: dict[str, dict[str, State]] = defaultdict(dict)
    for (subject, record), (_, state) in highest.items():
        if state is not None:
            found[subject][record] = state
    return found


def tally(subjects: Mapping[str, Mapping[str, State]], as_of: date) -> Tally:
    """Every count that is not 0 on that day."""
    num: dict[Any, int] = defaultdict(int)
    den: dict[Any, int] = defaultdict(int)
    for subject, records in subjects.items():
        about = subject.partition("/")[0]
        for measure, series, year, groups, is_counted, in_denominator in contributions(records, as_of, about):
            for dimension, value in groups.items():
                num[measure, series, year, dimension, value] += is_counted
                den[measure, series, year, dimension, value] += in_denominator
    return {cell: (num[cell], den[cell]) for cell in num.keys() | den.keys() if num[cell] or den[cell]}


def contributions(records: Mapping[str, State], as_of: date, about: str):
    completions = sorted((k, r) for k, r in records.items() if k.startswith("completion/"))
    awards = sorted((k, r) for k, r in records.items() if k.startswith("award/"))
    central = [(k, c) for k, c in completions if c["organisation_type"] == "central_campus"]
    for year in sorted({c["school_year"] for _, c in completions}):
        here = [(k, c) for k, c in central if c["school_year"] == year]
        anywhere = [(k, c) for k, c in completions if c["school_year"] == year]
        yield from w1("W1.headline", records, here, awards, as_of, tiers=HIGH)
        yield from w1("W1.strict", records, here, awards, as_of, tiers=HIGH[:2])
        yield from w1("W1.with_satellites", records, anywhere, awards, as_of, tiers=HIGH)
        yield from w1("W1.verified", records, here, awards, as_of, tiers=HIGH, looked_up=True)
        yield from w1("W1.any_credential", records, here, awards, as_of, tiers=None)
        for program in sorted({c["program_id"] for _, c in here}):
            of_program = [(k, c) for k, c in here if c["program_id"] == program]
            yield from w1("W1.by_program", records, of_program, awards, as_of, tiers=HIGH)
        for measure, who in (("completers.central", here), ("completers.all", anywhere)):
            if who and latest(who)["completed_on"] <= str(as_of):
                yield measure, "all", year, groups_of(records, year, latest(who)), 1, 0
    once = one_a_day(awards)
    for award in once.values():
        yield from award_and_attempt(records, award, as_of)
    yield from assessed(records, as_of, groups_of)
    others = {key: record for key, record in records.items() if not key.startswith("award/")}
    yield from credentialed(others | once, as_of, groups_of, placed, tier_of)
    yield from engaged(records, about, as_of, groups_of)


def w1(measure, records, completions, awards, as_of, *, tiers, looked_up=False):
    if not completions:
        return
    last = latest(completions)
    if last["completed_on"] > str(as_of):
        return
    year = last["school_year"]
    groups = groups_of(records, year, last)
    good = 0
    for _, completion in completions:
        for _, award in awards:
            good = max(good, counts_for(award, completion, as_of, tiers, looked_up))
    yield measure, "all", year, groups, good, 1
    if year_after(last["completed_on"]) < str(as_of):
        yield measure, "matured", year, groups, good, 1


def counts_for(award, completion, as_of, tiers, looked_up) -> int:
    """1 when, by what has happened until `as_of`, this award makes this completion a success."""
    on = award.get("awarded_on")
    if award["result"] != "passed" or on is None or award.get("revoked_on") is not None or on > str(as_of):
        return 0
    if tiers is not None and award.get("tiers", {}).get(completion["program_id"]) not in tiers:
        return 0
    if not completion["started_on"] <= on <= year_after(completion["completed_on"]):
        return 0
    if looked_up:
        return int(
            any(
                v["level"] in LOOKED_UP and v["outcome"] == "confirmed" and v["verified_on"] <= str(as_of)
                for v in award.get("verifications", ())
            )
        )
    return 1


def one_a_day(awards):
    """Of several of one credential, day, result and number: by renewal, revocation, then by how well it was seen."""
    kept = {}
    for key, award in awards:
        seen = {v["level"] for v in award.get("verifications", ()) if v["outcome"] == "confirmed"}
        levels = ("cryptographic", "issuer_feed", "issuer_lookup", "document_seen")
        rank = (
            1 if award.get("renews") else 0,
            0 if award.get("revoked_on") is None else 1,
            min((n for n, level in enumerate(levels) if level in seen), default=4),
            key,
        )
        day = award.get("awarded_on") or award.get("taken_on")
        same = (award["credential_code"], day, award["result"], award.get("attempt", 1))
        if same not in kept or rank < kept[same][0]:
            kept[same] = (rank, award)
    return {rank[-1]: award for rank, award in kept.values()}


def award_and_attempt(records, award, as_of):
    on = award.get("awarded_on") or award.get("taken_on")
    if on is None or on > str(as_of) or award["result"] == "in_progress":
        return
    program, campus = placed(records, on, award)[:2]
    groups = groups_of(records, award["school_year"], {"program_id": program, "organisation_id": campus})
    groups["tier"] = tier_of(award, program)
    groups["credential_type"] = award["credential_type"]
    confirmed = {v["level"] for v in award.get("verifications", ()) if v["outcome"] == "confirmed"}
    strongest = [
        level for level in ("cryptographic", "issuer_feed", "issuer_lookup", "document_seen") if level in confirmed
    ]
    groups["verification_level"] = strongest[0] if strongest else "self_reported"
    passed = award["result"] == "passed"
    if not award.get("renews"):
        yield "attempts", "all", award["school_year"], groups, int(passed), 1
    if passed and award.get("awarded_on") and award.get("revoked_on") is None:
        yield "awards", "all", award["school_year"], groups, 1, 0


def tier_of(award, program):
    tiers = award.get("tiers", {})
    if program is not None:
        return tiers.get(program, "not_aligned")
    best = [tier for tier in (*HIGH, "other") if tier in tiers.values()]
    return best[0] if best else "not_aligned"


def placed(records, on, award):
    """Program, campus and its type: by the program that was said, else by one it is worth something to, else by any."""
    said = award.get("program_id") if award.get("program_named", True) else None
    now, before = [], []
    for key, e in records.items():
        if key.startswith("enrolment/") and e["begin"] <= on:
            here = e.get("end") is None or e["end"] >= on
            (now if here else before).append(((e["begin"],) if here else (e["end"], e["begin"]), key, e))
    held = None
    for wanted in ({said},) if said else (set(award.get("tiers", {})), None):
        fit_now = [one for one in now if wanted is None or one[2]["program_id"] in wanted]
        fit_before = [one for one in before if wanted is not None and one[2]["program_id"] in wanted]
        held = held or max(fit_now or fit_before, key=lambda one: one[:2], default=None)
    if held is None:
        return said, None, None
    return held[2]["program_id"], held[2]["organisation_id"], held[2]["organisation_type"]


def latest(completions):
    return max(completions, key=lambda pair: (pair[1]["completed_on"], pair[0]))[1]


def year_after(day: str) -> str:
    year, month, last = day.split("-")
    return f"{int(year) + 1:04d}-{month}-{'28' if (month, last) == ('02', '29') else last}"


def groups_of(records, year, place) -> dict[str, str]:
    program, campus = place.get("program_id") or "not_reported", place.get("organisation_id") or "not_reported"
    found = {"all": "all", "program": program, "campus": campus, "program_campus": f"{program}|{campus}"}
    found |= {"district": "not_reported", "grade_level": "not_reported"}
    said = None

    # What a merged id said goes behind the person's own word of the same year.
    def own_last(key):
        return (records[key].get("logged_as") is None, key)

    for key in sorted(records, key=own_last):
        record = records[key]
        if key.startswith("student/"):
            for home in record.get("years", ()):
                if home["school_year"] == year:
                    found["district"] = home.get("district_id") or "not_reported"
                    found["grade_level"] = home.get("grade_level") or "not_reported"
        if key.startswith("demographics/") and record["school_year"] <= year:
            said = record if said is None or record["school_year"] >= said["school_year"] else said
    said = said or {}
    for text in ("sex", "race_ethnicity"):
        found[text] = said.get(text, "not_reported")
    for flag in ("low_income", "rural", "disability", "english_learner"):
        found[flag] = {True: "yes", False: "no", None: "not_reported"}[said.get(flag)]
    return found
