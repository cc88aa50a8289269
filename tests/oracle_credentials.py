"""What G1 and the denominators beside W1 should be, as plain loops over final records; a part of `tests.oracle`."""

from tests.oracle_assessments import concentrates, in_year, school_year

LOOKED_UP = ("issuer_lookup", "issuer_feed", "cryptographic")


def credentialed(records, as_of, groups_of, taught, tier_of):
    """Every contribution by what is known, dated until `as_of`."""
    today = str(as_of)
    opted_out = any(r.get("directory_opt_out") for k, r in records.items() if k.startswith("student/"))
    for key in sorted(records):
        r = records[key]
        if not key.startswith("award/") or r.get("renews"):
            continue
        on = r.get("awarded_on") or r.get("taken_on")
        if r["result"] != "in_progress" and on and on <= today:
            yield from pass_rate(records, r, taught(records, on, r), groups_of)
        if r["result"] != "passed" or not r.get("awarded_on") or r.get("revoked_on") or on > today:
            continue
        program, campus, _ = taught(records, on, r)
        year = r["school_year"]
        groups = groups_of(records, year, {"program_id": program, "organisation_id": campus})
        sort = {"tier": tier_of(r, program), "credential_type": r["credential_type"]}
        looked = sorted(
            v["verified_on"]
            for v in r.get("verifications", ())
            if v["level"] in LOOKED_UP and v["outcome"] == "confirmed"
        )
        seen = max(on, looked[0]) if looked else None
        yield "G1.validated", "all", year, groups | sort, int(seen is not None and seen <= today), 1
        days = "not_yet" if seen is None else str(days_between(on, seen))
        spread = {name: groups[name] for name in ("all", "program", "campus", "district")}
        spread |= {"days": days} | {f"{n}_days": f"{groups[n]}|{days}" for n in ("program", "campus", "district")}
        yield "G1.days_to_validated", "all", year, spread, int(seen is not None and seen <= today), 1
        told = r.get("celebrated_on")
        good = int(told is not None and told <= today)
        yield "G1.celebrated", "all", year, groups, good, 1
        if not opted_out:
            yield "G1.celebrated_of_those_who_may_be", "all", year, groups, good, 1
    yield from attempt_rate(records, today, groups_of)
    yield from approved(records, today)


def days_between(first, last):
    """The days from one to the other, counted one by one."""
    lengths = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
    year, month, day = (int(part) for part in first.split("-"))
    n = 0
    while f"{year:04d}-{month:02d}-{day:02d}" != last:
        leap = month == 2 and year % 4 == 0
        day, n = day + 1, n + 1
        if day > lengths[month - 1] + leap:
            month, day = month + 1, 1
        if month > 12:
            year, month = year + 1, 1
    return n


def pass_rate(records, r, place, groups_of):
    program, campus, kind = place
    if kind == "central_campus":
        groups = groups_of(records, r["school_year"], {"program_id": program, "organisation_id": campus})
        few = {name: groups[name] for name in ("all", "program", "campus", "program_campus", "district")}
        yield "W1.pass_rate", "all", r["school_year"], few, int(r["result"] == "passed"), 1


def attempt_rate(records, today, groups_of):
    enrolments = sorted((k, e) for k, e in records.items() if k.startswith("enrolment/"))
    for program in sorted({e["program_id"] for _, e in enrolments}):
        for number in range(2015, 2045):
            year = f"{number}-{(number + 1) % 100:02d}"
            first, last = f"{number}-07-01", f"{number + 1}-06-30"
            held = [
                (e["begin"], k, e)
                for k, e in enrolments
                if e["program_id"] == program and in_year(e, first, last) and concentrates(e, last)
            ]
            began = min((max(e["begin"], e["concentrator_on"], first) for _, _, e in held), default="9")
            if began > today:
                continue
            place = {"program_id": program, "organisation_id": max(held, key=lambda h: h[:2])[2]["organisation_id"]}
            tried = [
                r.get("awarded_on") or r.get("taken_on")
                for k, r in records.items()
                if k.startswith("award/") and r["result"] != "in_progress" and not r.get("renews")
                if r["school_year"] == year
                and ((r.get("program_id") == program and r.get("program_named", True)) or program in r.get("tiers", {}))
            ]
            good = int(any(day and day <= today for day in tried))
            groups = groups_of(records, year, place)
            yield "W1.attempt_rate", "all", year, groups, good, 1
            if today > last:
                yield "W1.attempt_rate", "matured", year, groups, good, 1


def approved(records, today):
    for key in sorted(records):
        p = records[key]
        if not key.startswith("program/") or p["active_from"] > today or (p.get("active_to") or today) < today:
            continue
        steps = [s for k, r in records.items() if k.startswith("approval/") for s in r.get("steps", ())]
        until = sorted((s["on"], n, s["status"]) for n, s in enumerate(steps) if s["on"] <= today)
        status = until[-1][2] if until else ""
        since = max(p["active_from"], until[-1][0] if until else "")
        groups = {"all": "all", "program": p["program_id"], "cluster": p["cluster"]}
        yield "G1.approved_lists", "all", school_year(since), groups, int(status in ("approved", "revised")), 1
