"""What the records of family_touchpoints say, as it should have crossed the wire; a part of `tests.oracle_records`.

Terms are the usual ones: 1 July and 1 January. What an enrolment's year asks is worked out anew, from rules and plans.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any

Document = Mapping[str, Any]
Event = tuple[str, str, int, dict[str, Any] | None]  # subject, record, version, state
Told = dict[str, dict[str, Any] | None]  # by subject
WINTER = "01-01"
TWO_WAY = ("Phone", "InPerson", "HomeVisit", "VideoCall", "Text", "App", "Email")


def family_events(records: Iterable[Document], roster: Iterable[Document], districts: Mapping[str, Any]) -> list[Event]:
    """The last event of every record, for each subject that it ever concerned; `districts` by organisation."""
    records = list(records)
    kinds: dict[str, dict[str, Document]] = {}
    for one in records:
        kinds.setdefault(one["kind"], {})[bare(one)] = one
    homes = {bare(one): one["state"]["years"] for one in roster if one["kind"] == "student" and "gone" not in one}
    years = {year["contact_year_id"]: year for year in asked_years(kinds, roster)}
    found: list[Event] = []
    for one in records:
        told: Told = {} if one["void"] or "gone" in one else said(one, kinds, homes, districts, years)
        every = {*one["subjects"], *told}
        found += [(subject, one["_id"], one["version"], told.get(subject)) for subject in sorted(every)]
    return found


def said(one: Document, kinds: Any, homes: Any, districts: Any, years: Any) -> Told:
    state, id = dict(one["state"]), bare(one)
    if one["kind"] == "touchpoint":
        return of_touchpoint(state, id)
    if one["kind"] == "workshop":
        named = {survivor(r["state"]["guardian_id"], kinds) for r in on_roll(id, kinds)}
        counted = max(0, (state["head_count"] or 0) - len(named)) if state["status"] == "held" else 0
        places = sorted({districts[place] for place in state["organisation_ids"] if districts[place]})
        year = {"school_year": year_of(state["held_on"])}
        return {
            f"workshop/{id}": state | year | {"workshop_type": state["kind"], "unnamed": counted, "districts": places}
        }
    if one["kind"] == "attendance":
        return of_attendance(state, kinds, homes, districts)
    if one["kind"] == "contact_year":
        return {f"student/{state['student_id']}": years[id]}
    if one["kind"] == "touchpoint_plan":
        return {f"program/{id}": state | {"points": [point["code"] for point in state["points"]]}}
    return {}


def of_touchpoint(state: dict[str, Any], id: str) -> Told:
    """Of a breach, and of a call that we would not have made, nobody outside learns."""
    if state["breach"] is not None or state["restricted"]:
        return {}
    day = state["reached_on"] or state["steps"][-1]["on"]
    counts = state["method"] in TWO_WAY and state["purpose"] != "emergency"
    more = {"touchpoint_id": id, "counts": counts, "school_year": year_of(day), "term": term_of(day)}
    return {f"student/{state['student_id']}": state | more}


def of_attendance(state: dict[str, Any], kinds: Any, homes: Any, districts: Any) -> Told:
    """To the guardian all students, to each student that one."""
    record = kinds["workshop"][state["workshop_id"]]
    if state["restricted"] or record["void"]:
        return {}
    workshop, survives = record["state"], survivor(state["guardian_id"], kinds)
    about = {name: workshop[name] for name in ("level", "held_on", "career_related", "program_ids", "delivery")}
    about |= {"held": workshop["status"] == "held", "workshop_type": workshop["kind"], "guardian_id": survives}
    about |= {"organisation_ids": workshop["organisation_ids"], "term": term_of(workshop["held_on"])}
    about["school_year"] = year = year_of(workshop["held_on"])

    def fact(students: list[str]) -> dict[str, Any]:
        of = {home(homes.get(student, []), year, districts) for student in students} - {None}
        places = of or {districts[place] for place in workshop["organisation_ids"]} - {None}
        return state | about | {"student_ids": students, "districts": sorted(places)}

    students = list(dict.fromkeys(state["student_ids"]))
    return {f"guardian/{survives}": fact(students)} | {f"student/{id}": fact([id]) for id in students}


def home(years: Any, school_year: str, districts: Any) -> str | None:
    known = {one["school_year"]: districts[one["school_id"]] for one in years if districts.get(one["school_id"])}
    return known.get(school_year) or (known[max(known)] if known else None)


def on_roll(workshop: str, kinds: Any) -> Iterator[Document]:
    for one in kinds.get("attendance", {}).values():
        here = one["state"]["workshop_id"] == workshop and one["state"]["status"] == "present"
        if here and not one["void"] and not one["state"]["restricted"]:
            yield one


def survivor(guardian: str, kinds: Any) -> str:
    profile = kinds.get("guardian_profile", {}).get(guardian)
    into = profile["state"]["same_as"] if profile else None
    return survivor(into, kinds) if into else guardian


def asked_years(kinds: Any, roster: Iterable[Document]) -> Iterator[dict[str, Any]]:
    """Each year of each enrolment with an end: whether it is excused, and the points that fall due in it."""
    rules = [one["state"] for one in kinds.get("contact_rule", {}).values() if not one["void"]]
    by_enrolment = {
        (one["state"]["enrolment_id"], one["state"]["school_year"]): id
        for id, one in kinds.get("contact_year", {}).items()
    }
    for record in roster:
        if record["kind"] != "enrolment" or record["void"] or "gone" in record:
            continue
        e, enrolment = record["state"], bare(record)
        for first_year in range(int(e["begin"][:4]) - 1, int(e["end"][:4]) + 1):
            year = f"{first_year}-{(first_year + 1) % 100:02d}"
            first, last = max(e["begin"], f"{first_year}-07-01"), min(e["end"], f"{first_year + 1}-06-30")
            if first > last:
                continue
            free = excused([rule for rule in rules if rule["student_id"] == e["student_id"]], first, last)
            plan = kinds.get("touchpoint_plan", {}).get(e["program_id"])
            points = [] if free or plan is None else list(due(plan["state"], first_year, first, last))
            asked = {"student_id": e["student_id"], "enrolment_id": enrolment, "school_year": year}
            id = by_enrolment.get((enrolment, year), f"{enrolment} {year}")
            yield asked | {"contact_year_id": id, "excused": free, "points": points}


def excused(rules: Any, first: str, last: str) -> bool:
    """Whether on more than half of the days nobody may contact anybody."""
    days = [day for n in range(366) if (day := str(date.fromisoformat(first) + timedelta(days=n))) <= last]
    shut = [day for day in days if any(one["from"] <= day and (one["to"] or day) >= day for one in rules)]
    return 2 * len(shut) > len(days)


def due(plan: Any, first_year: int, first: str, last: str) -> Iterator[dict[str, Any]]:
    """The points of a plan of one version for these days, each from the term's begin or the enrolment's, if later."""
    begins = [f"{first_year}-07-01", f"{first_year + 1}-{WINTER}"]
    ends = [f"{first_year}-12-31", "9999-12-31"]
    for number, (begin, end) in enumerate(zip(begins, ends, strict=True), 1):
        since = max(begin, first)
        if since > min(end, last):
            continue
        for point in plan["versions"][-1]["points"] if plan["versions"] and plan["versions"][-1]["on"] <= begin else ():
            if point["term"] == number:
                until = date.fromisoformat(since) + timedelta(days=point["within_days"])
                what = {name: point[name] for name in ("code", "term", "purpose", "method")}
                yield what | {"since": since, "due": str(until)}


def year_of(day: str) -> str:
    first = int(day[:4]) - (day[5:] < "07-01")
    return f"{first}-{(first + 1) % 100:02d}"


def term_of(day: str) -> int:
    return 1 if day[5:] >= "07-01" else 2


def bare(one: Document) -> str:
    return str(one["_id"].partition("/")[2])
