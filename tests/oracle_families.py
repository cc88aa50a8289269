"""What G7, E4, G10 and S2 should be, as plain loops over final records; a part of `tests.oracle`."""

from datetime import date

from tests.oracle_assessments import in_year, school_year

BOTH = ("child_needs", "own_needs")


def engaged(records, about, as_of, groups_of):
    """Every contribution of one subject by what is known, dated until `as_of`."""
    today = str(as_of)
    told = [*of_guardian(records)] if about == "guardian" else [*of_student(records, groups_of)]
    for measure, year, groups, den, num, closes, n in [*told, *of_workshops(records), *of_surveys(records)]:
        counted = n if num is not None and num <= today else 0
        member = n if den is not None and den <= today else 0
        if counted or member:
            yield measure, "all", year, groups, counted, member
        if member and closes is not None and closes < today:
            yield measure, "matured", year, groups, counted, member
    yield from planned(records, today)


def of_kind(records, kind):
    return [(key, records[key]) for key in sorted(records) if key.startswith(f"{kind}/")]


def is_held(r):
    return bool(r["steps"]) and r["steps"][-1]["status"] == "held"


def day_held(r):
    return next(step["on"] for step in r["steps"] if step["status"] == "held")


def to_family(r):
    """A touchpoint in which the student alone was spoken to is none of the family's."""
    return bool(r["guardian_ids"]) or not r["with_student"]


def occasions(records):
    """One record for each occasion: one that reached the family, else one that was delivered, else held, else any."""
    by_occasion = {}
    for key, r in of_kind(records, "touchpoint"):
        by_occasion.setdefault(r["occasion_id"], []).append((key, r))
    for several in by_occasion.values():
        reached = [one for one in several if is_touch(one[1])]
        if reached:
            yield min(reached, key=lambda one: (one[1]["reached_on"], one[0]))
            continue
        delivered = [one for one in several if one[1]["outcome"] == "delivered"]
        held_and_delivered = [one for one in delivered if is_held(one[1])]
        held = [one for one in several if is_held(one[1])]
        yield (held_and_delivered or delivered or held or several)[0]


def is_touch(r):
    return r["counts"] and is_held(r) and to_family(r) and r["outcome"] == "reached" and r["reached_on"] is not None


def touches(records, *, workshops=True, delivered=False, alone=False):
    found = []
    for key, r in occasions(records):
        if not r["counts"] or not is_held(r) or (not to_family(r) and not alone):
            continue
        day = r["reached_on"] if r["outcome"] == "reached" else None
        if delivered and r["outcome"] == "delivered":
            day = day_held(r)
        if day is not None:
            programs = [r["program_id"]] if r["program_id"] else []
            found.append((day, not programs, key, programs, r))
    for key, r in of_kind(records, "attendance") if workshops else ():
        if r["held"] and r["status"] == "present":
            how = {"method": "workshop", "direction": "workshop", "purpose": "workshop"}
            how["language"] = r["language"] or "not_reported"
            found.append((r["held_on"], not r["program_ids"], key, list(r["program_ids"]), {**r, **how}))
    return sorted(found, key=lambda touch: touch[:3])


def one_a_day(found):
    days = {}
    for touch in found:
        days.setdefault(touch[0], touch)
    return [days[day] for day in sorted(days)]


def second_term(records, program, first, last, *, terms=2, named=False, **what):
    """The day on which an enrolment was touched in so many terms; None: it was not."""
    fitting = []
    for touch in touches(records, **what):
        fits = program in touch[3] or (not touch[3] and not named)
        if fits and first <= touch[0] <= last:
            fitting.append(touch)
    seen = set()
    for day, _, _, _, r in one_a_day(fitting):
        seen.add((r["school_year"], r["term"]))
        if len(seen) == terms:
            return day
    return None


def lying(records):
    """Every enrolment in every year that it lies in: key, state, year, its first and last day there, and the year's."""
    for key, e in of_kind(records, "enrolment"):
        for number in range(2015, 2045):
            first, last = f"{number}-07-01", f"{number + 1}-06-30"
            if in_year(e, first, last):
                year = f"{number}-{(number + 1) % 100:02d}"
                yield key, e, year, max(e["begin"], first), min(e.get("end") or last, last), last


def days_of(first, last):
    return (date.fromisoformat(last) - date.fromisoformat(first)).days + 1


def is_excused(records, e, year):
    said = [r for _, r in of_kind(records, "contact_year")]
    return any(r["excused"] and r["enrolment_id"] == e["enrolment_id"] and r["school_year"] == year for r in said)


READINGS = (
    ("G7.two_in_two_terms", {}),
    ("G7.two_in_two_terms.linked", {"named": True}),
    ("G7.two_in_two_terms.with_workshops_out", {"workshops": False}),
    ("G7.two_in_two_terms.with_delivered", {"delivered": True}),
    ("G7.two_in_two_terms.with_student", {"alone": True}),
    ("G7.one", {"terms": 1}),
)


def family_language(records):
    """What the first guardian by the begin of the tie who has said so prefers."""
    ties = sorted(of_kind(records, "guardian"), key=lambda one: (one[1]["begin"], one[1]["tie_id"], one[0]))
    return next((r["preferred_language"] for _, r in ties if r.get("preferred_language")), "not_reported")


def of_student(records, groups_of):
    students = {}
    spoken = {"family_language": family_language(records)}
    for key, e, year, first, last, closes in lying(records):
        groups = groups_of(records, year, e)
        if is_excused(records, e, year):
            if days_of(first, last) >= 45:
                few = {name: groups[name] for name in ("all", "program", "campus", "program_campus", "district")}
                yield "G7.excused", year, few | spoken, None, first, None, 1
            continue
        if e.get("end") is not None and e["end"] <= closes and days_of(e["begin"], e["end"]) >= 45:
            day = second_term(records, e["program_id"], e["begin"], e["end"])
            yield "G7.two_in_two_terms.whole", year, groups, e["end"], day and e["end"], closes, 1
        if days_of(first, last) < 45:
            continue
        for measure, how in READINGS:
            by = groups | spoken if measure in ("G7.two_in_two_terms", "G7.one") else groups
            yield measure, year, by, first, second_term(records, e["program_id"], first, last, **how), closes, 1
        students.setdefault((year, closes), []).append((e["begin"], key, e, first, last))
    for (year, closes), held in students.items():
        days = [second_term(records, e["program_id"], first, last) for _, _, e, first, last in held]
        groups = groups_of(records, year, max(held, key=lambda one: one[:2])[2])
        first = min(one[3] for one in held)
        day = None if None in days else max(days)
        yield "G7.two_in_two_terms.by_student", year, groups, first, day, closes, 1
    yield from touched(records, groups_of)
    yield from tried(records, groups_of)
    yield from points(records, groups_of)


def touched(records, groups_of):
    every = touches(records)
    for measure, purposes in (("G7.touches", None), ("G10.touches", ("enrolment", "transition"))):
        for day, _, _, programs, r in one_a_day([t for t in every if purposes is None or t[4]["purpose"] in purposes]):
            groups = groups_of(records, r["school_year"], place(records, programs, day))
            groups |= {name: r[name] for name in ("method", "language", "direction", "purpose")}
            yield measure, r["school_year"], groups, None, day, None, 1
    spoken = [t for t in every if t[4].get("preferred_language") not in (None, "eng")]
    by_day = {}
    for touch in spoken:
        by_day.setdefault(touch[0], []).append((not in_their_language(touch[4]), *touch[1:3], touch))
    for day, several in by_day.items():
        not_met, _, _, (_, _, _, programs, r) = min(several, key=lambda one: one[:3])
        groups = groups_of(records, r["school_year"], place(records, programs, day)) | {"language": r["language"]}
        yield "G7.language_met", r["school_year"], groups, day, None if not_met else day, None, 1


def in_their_language(r):
    if r["interpreter"] in ("qualified_staff", "contracted", "phone_line"):
        return True
    return r["interpreter"] == "bilingual_caller" and r["language"] == r["preferred_language"]


def tried(records, groups_of):
    for _, r in occasions(records):
        programs = [r["program_id"]] if r["program_id"] else []
        if is_held(r) and r["direction"] == "to_family":
            day = day_held(r)
            groups = groups_of(records, school_year(day), place(records, programs, day))
            groups |= {"method": r["method"], "language": r["language"]}
            reached = max(day, r["reached_on"]) if r["outcome"] == "reached" and r["reached_on"] else None
            yield "G7.reach", school_year(day), groups, day, reached, None, 1
        for step in r["steps"]:
            if step["status"] in ("missed", "not_made"):
                groups = groups_of(records, school_year(step["on"]), place(records, programs, step["on"]))
                yield f"G7.{step['status']}", school_year(step["on"]), groups, None, step["on"], None, 1


def points(records, groups_of):
    years = list(lying(records))
    for _, r in of_kind(records, "contact_year"):
        held = [one for one in years if (one[1]["enrolment_id"], one[2]) == (r["enrolment_id"], r["school_year"])]
        if not held or r["excused"]:
            continue
        e = held[0][1]
        for point in r["points"]:
            made = False
            for day, _, _, programs, touch in touches(records):
                fits = touch["purpose"] == point["purpose"] or touch.get("plan_point") == point["code"]
                about = not programs or e["program_id"] in programs
                made = made or (fits and about and point["since"] <= day <= point["due"])
            groups = groups_of(records, r["school_year"], e)
            due = point["due"]
            yield "G7.plan_points", r["school_year"], groups, due, due if made else None, None, 1


def place(records, programs, day):
    """Of the enrolments in these programs (none: in any) that of the day, else (of these) the latest before."""
    begun = [(e["begin"], key, e) for key, e in of_kind(records, "enrolment") if e["begin"] <= day]
    fitting = [one for one in begun if not programs or one[2]["program_id"] in programs]
    now = [one for one in fitting if (one[2].get("end") or day) >= day]
    if now:
        return max(now, key=lambda one: one[:2])[2]
    if programs and fitting:
        return max(fitting, key=lambda one: (one[2]["end"], *one[:2]))[2]
    return {"program_id": programs[0] if programs else None}


def of_workshops(records):
    for _, r in of_kind(records, "workshop"):
        year, on = r["school_year"], r["held_on"]
        groups = {"all": "all", "kind": r["workshop_type"], "campus": one_or_several(r["organisation_ids"])}
        groups |= {"district": one_or_several(r["districts"]), "delivery": r["delivery"]}
        if r["status"] == "held":
            yield "E4.2.all_levels", year, groups, None, on, None, 1
            if r["career_related"]:
                yield "E4.3.unnamed", year, groups, None, on, None, r["unnamed"]
        if r["level"] == "high" and r["status"] != "cancelled":
            yield "E4.2.planned", year, groups, None, on, None, 1
            if r["status"] == "held":
                yield "E4.2", year, groups, None, on, None, 1
                for district in sorted(set(r["districts"])) or ["not_reported"]:
                    yield "E4.2.by_district", year, groups | {"district": district}, None, on, None, 1


def one_or_several(values):
    if not values:
        return "not_reported"
    return "several" if len(set(values)) > 1 else values[0]


def of_guardian(records):
    seats = {}
    for _, r in sorted(of_kind(records, "attendance"), key=lambda one: (one[1]["held_on"], one[0])):
        if r["held"] and r["status"] == "present":
            for career in (True, False):
                if r["career_related"] or not career:
                    seats.setdefault((career, r["workshop_id"]), r)
    first = {}
    for (career, _), r in seats.items():
        groups = {"all": "all", "district": one_or_several(r["districts"]), "language": r["language"] or "not_reported"}
        if career:
            yield "E4.3.seats", r["school_year"], groups, None, r["held_on"], None, 1
        first.setdefault((career, r["school_year"]), (groups, r["held_on"]))
    for (career, year), (groups, on) in first.items():
        yield "E4.3" if career else "E4.3.any_topic", year, groups, None, on, None, 1


def of_surveys(records):
    latest = {}
    for key, r in of_kind(records, "survey_response"):
        same = (r["survey_id"], r["survey_version"])
        rank = (r["answered_on"], r.get("logged_as") is None, key)
        if same not in latest or latest[same][0] < rank:
            latest[same] = (rank, r)
    for _, r in latest.values():
        either = int(r["child_needs"] or r["own_needs"])
        yield from answers(r, int(r["complete"]), int(not r["complete"]), either)
    for _, r in of_kind(records, "survey_tally"):
        needs = r["asks"]["child_needs"] or r["asks"]["own_needs"]
        partly = 0 if r["asks"]["satisfaction"] else r["partial"]
        yield from answers(r, r["complete"], r["partial"], r["complete"] + partly if needs else 0)
    asked = [
        (r["published_on"], r["survey_version"], key, r["school_year"])
        for key, r in of_kind(records, "survey")
        if all(r["asks"][need] for need in BOTH)
    ]
    if asked:
        on, _, _, year = min(asked)
        yield "E4.5", year, {"all": "all"}, None, on, None, 1


def answers(r, complete, partial, either):
    groups = {"all": "all", "language": r["language"], "district": one_or_several(r["districts"])}
    both = all(r["asks"][need] for need in BOTH)
    for measure, n in (
        ("E4.4", complete if both else 0),
        ("E4.4.partial", partial if both else 0),
        ("E4.4.either", either),
        ("S2.families", complete if r["asks"]["satisfaction"] else 0),
    ):
        if n:
            yield measure, r["school_year"], groups, None, r["answered_on"], None, n


def planned(records, today):
    for _, p in of_kind(records, "program"):
        if p["active_from"] > today or (p.get("active_to") or today) < today:
            continue
        steps = [step for _, r in of_kind(records, "touchpoint_plan") for step in r["steps"]]
        until = sorted((step["on"], n, step["status"]) for n, step in enumerate(steps) if step["on"] <= today)
        since = max(p["active_from"], until[-1][0] if until else "")
        groups = {"all": "all", "program": p["program_id"], "cluster": p["cluster"]}
        yield "G7.plans", "all", school_year(since), groups, int(bool(until) and until[-1][2] == "approved"), 1
