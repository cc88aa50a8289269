"""What W2 and W3 should be, as plain loops over final records; a part of `tests.oracle`."""

from fractions import Fraction

DEFAULT_START = "07-01"


def assessed(records, as_of, groups_of):
    """Every contribution of the two goals by what is known, dated until `as_of`."""
    enrolments = sorted((k, r) for k, r in records.items() if k.startswith("enrolment/"))
    sat = [(place_in_time(r), k, r) for k, r in records.items() if k.startswith("assessment/")]
    for measure, year, place, counted_on, cohort_on in [*skills(enrolments, sat), *growth(enrolments, sat)]:
        groups = groups_of(records, year, place)
        first = cohort_on if measure.split("_")[0] != "W3.not" else counted_on
        if first > str(as_of):
            continue
        counted = int(counted_on is not None and counted_on <= str(as_of))
        denominator = int(not measure.startswith("W3.not"))
        yield measure, "all", year, groups, counted, denominator
        if denominator and str(as_of) > closes(year):
            yield measure, "matured", year, groups, counted, denominator


def place_in_time(r):
    """Of one day by number, and what was not passed before what was."""
    return r["taken_on"], r.get("attempt", 1), bool(r["passed"])


def skills(enrolments, sat):
    sat = sorted(one for one in sat if one[2]["assessment_kind"] == "technical_skills")
    programs = {r["program_id"] for _, _, r in sat} | {e["program_id"] for _, e in enrolments}
    for program in sorted(programs):
        mine = [(r["taken_on"], r, campus_of(enrolments, r)) for _, _, r in sat if r["program_id"] == program]
        for year in sorted({r["school_year"] for _, r, _ in mine}):
            of_year = [one for one in mine if one[1]["school_year"] == year]
            yield from takers("W2.with_satellites", year, program, of_year)
            yield from takers("W2.headline", year, program, [one for one in of_year if one[2][1] == "central_campus"])
        if mine and mine[0][2][1] == "central_campus":
            yield from takers("W2.first_attempt", mine[0][1]["school_year"], program, mine[:1])
        yield from concentrating(program, [(k, e) for k, e in enrolments if e["program_id"] == program], mine)


def takers(measure, year, program, of_year):
    if not of_year:
        return
    passes = [one for one in of_year if one[1]["passed"]]
    best = passes[0] if passes else of_year[-1]
    place = {"program_id": program, "organisation_id": best[2][0]}
    yield measure, year, place, passes[0][0] if passes else None, of_year[0][0]


def concentrating(program, enrolments, mine):
    for number in range(2015, 2045):
        year = f"{number}-{(number + 1) % 100:02d}"
        first, last = f"{number}-07-01", f"{number + 1}-06-30"
        held = [(e["begin"], k, e) for k, e in enrolments if in_year(e, first, last) and concentrates(e, last)]
        if not held or any(r["passed"] and r["school_year"] < year for _, r, _ in mine):
            continue
        began = min(max(e["begin"], e["concentrator_on"], first) for _, _, e in held)
        place = {"program_id": program, "organisation_id": max(held, key=lambda h: h[:2])[2]["organisation_id"]}
        tried = [day for day, r, _ in mine if r["school_year"] == year]
        passed = [day for day, r, _ in mine if r["school_year"] == year and r["passed"]]
        yield "W2.attempt_rate", year, place, max(began, tried[0]) if tried else None, began
        yield "W2.strict", year, place, max(began, passed[0]) if passed else None, began


def in_year(e, first, last):
    if e.get("end") is not None:
        return e["begin"] <= e["end"] and e["begin"] <= last and e["end"] >= first
    return e["begin"] <= last and int(first[:4]) - int(opens(e["begin"])[:4]) <= 5


def concentrates(e, last):
    central = e["organisation_type"] == "central_campus"
    until = min(last, e.get("end") or last)
    return central and e.get("concentrator_on") is not None and e["concentrator_on"] <= until


def growth(enrolments, sat):
    sat = sorted(one for one in sat if one[2]["assessment_kind"] == "program")
    for program in sorted({r["program_id"] for _, _, r in sat} | {e["program_id"] for _, e in enrolments}):
        of_program = [(k, e) for k, e in enrolments if e["program_id"] == program]
        mine = [r for _, _, r in sat if r["program_id"] == program]
        found = pair(of_program, mine)
        if found:
            before, after = found
            campus, kind = campus_of(enrolments, after)
            place = {"program_id": program, "organisation_id": campus}
            gain = Fraction(after["share"]) - Fraction(before["share"])
            grew = gain > 0 if after.get("minimum_gain") is None else gain >= Fraction(after["minimum_gain"])
            day, year = after["taken_on"], after["school_year"]
            both = day if grew and after["passed"] else None
            yield "W3.with_satellites", year, place, both, day
            if kind == "central_campus":
                yield "W3.headline", year, place, both, day
                yield "W3.proficient", year, place, day if after["passed"] else None, day
                yield "W3.growth", year, place, day if grew else None, day
            continue
        sound = [(e, k) for k, e in of_program if e.get("end") is None or e["end"] >= e["begin"]]
        if sound and all(e.get("end") is not None for e, _ in sound):
            last = max(sound, key=lambda one: (one[0]["end"], one[0]["begin"], one[1]))[0]
            year, place = school_year(last["end"]), {"program_id": program, "organisation_id": last["organisation_id"]}
            yield "W3.not_measurable_with_satellites", year, place, last["end"], None
            if last["organisation_type"] == "central_campus":
                yield "W3.not_measurable", year, place, last["end"], None


def pair(enrolments, mine):
    posts = [r for r in mine if r.get("phase") == "post"]
    if not posts or posts[-1].get("share") is None:
        return None
    after = posts[-1]
    begins = sorted(e["begin"] for _, e in enrolments if e["begin"] <= after["taken_on"])
    for r in mine:
        if r.get("phase") != "pre" or r["scale"] != after["scale"] or r.get("share") is None:
            continue
        if r["taken_on"] > after["taken_on"] or (begins and r["taken_on"] < begins[0]):
            continue
        return r, after
    return None


def campus_of(enrolments, r):
    """The campus of the enrolment that covers the day, else of the latest before; else none."""
    on, best = r["taken_on"], None
    for key, e in enrolments:
        if e["program_id"] != r["program_id"] or e["begin"] > on:
            continue
        covers = e.get("end") is None or e["end"] >= on
        rank = (1, e["begin"], "", key) if covers else (0, e["end"], e["begin"], key)
        if best is None or rank > best[0]:
            best = (rank, e)
    found = best[1] if best else {}
    return found.get("organisation_id"), found.get("organisation_type")


def opens(day):
    return f"{int(day[:4]) - (day[5:] < DEFAULT_START)}-07-01"


def school_year(day):
    first = int(opens(day)[:4])
    return f"{first}-{(first + 1) % 100:02d}"


def closes(year):
    return f"{int(year[:4]) + 1}-06-30"
