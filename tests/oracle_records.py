"""What the services' records say, as it should have crossed the wire: plain loops, importing nothing of the services.

A record here is the document as MongoDB has it. What `tests.oracle` counts from these must be what is counted.
"""

from collections.abc import Iterable, Mapping
from typing import Any

Document = Mapping[str, Any]
Event = tuple[str, str, int, dict[str, Any] | None]  # subject, record, version, state


def events_of(roster: Iterable[Document], credentials: Iterable[Document]) -> list[Event]:
    """The last event of every record, for each subject that it ever concerned."""
    roster = list(roster)
    organisations = {bare(one): one["state"] for one in roster if one["kind"] == "organisation" and "gone" not in one}
    calendar = next((o["school_year_starts"] for o in organisations.values() if o["type"] == "cted"), None)
    starts = calendar or "07-01"
    enrolled = [one["state"] for one in roster if one["kind"] == "enrolment" and not one["void"] and "gone" not in one]
    credentials = list(credentials)
    catalogue = {bare(one): one["state"] for one in credentials if one["kind"] == "catalogue" and "gone" not in one}
    found: list[Event] = []
    for one in [*roster, *credentials]:
        if one["kind"] in ("cuts", "heartbeat"):
            continue
        if "gone" in one:
            found += [(subject, one["_id"], one["version"], None) for subject in one["subjects"]]
            continue
        state = None if one["void"] else said(one, organisations, catalogue, starts)
        if state is not None and one["kind"] == "completion" and state["started_on"] is None:
            state |= begun(state, enrolled)
        here = concerns(one)
        every = {*one["subjects"], here}
        found += [(subject, one["_id"], one["version"], state if subject == here else None) for subject in every]
    return found


def concerns(one: Document) -> str:
    if "student_id" in one["state"]:
        return f"student/{one['state']['student_id']}"
    kind = "credential" if one["kind"] == "catalogue" else one["kind"]
    return f"{kind}/{bare(one)}"


def said(one: Document, organisations: Document, catalogue: Document, starts: str) -> dict[str, Any]:
    state, kind = dict(one["state"]), one["kind"]
    if kind in ("program", "organisation", "enrolment"):
        state[f"{kind}_id"] = bare(one)
    if kind == "student":
        state["years"] = [
            {**year, "district_id": district(year["school_id"], organisations)} for year in state["years"]
        ]
    if kind in ("enrolment", "completion"):
        state["organisation_type"] = organisations[state["organisation_id"]]["type"]
    if kind == "completion":
        state["school_year"] = year_of(state["completed_on"], starts)
    if kind == "award":
        day = state["awarded_on"] or state["taken_on"]
        entry = catalogue[state["credential_code"]]
        state |= {"school_year": year_of(day, starts), "credential_type": entry["type"], "tiers": tiers(entry, day)}
    if kind == "assessment":
        state |= {"assessment_kind": state["kind"], "school_year": year_of(state["taken_on"], starts)}
    return state


def begun(completion: Document, enrolled: list[Document]) -> dict[str, Any]:
    """When the program was begun by the first enrolment in it; persons who were merged are not looked at."""
    same = ("student_id", "program_id")
    first = min(
        (one["begin"] for one in enrolled if all(one[name] == completion[name] for name in same)),
        default="9",
    )
    known = first <= completion["completed_on"]
    return {"started_on": first if known else completion["completed_on"], "start_known": known}


def districts_of(roster: Iterable[Document]) -> dict[str, str | None]:
    """By organisation, the district that it lies in."""
    organisations = {bare(one): one["state"] for one in roster if one["kind"] == "organisation" and "gone" not in one}
    return {id: district(id, organisations) for id in organisations}


def district(organisation: str | None, organisations: Document) -> str | None:
    while organisation is not None:
        if organisations[organisation]["type"] == "district":
            return organisation
        organisation = organisations[organisation]["parent_id"]
    return None


def tiers(entry: Document, day: str) -> dict[str, str]:
    """By program the tier that came into force last."""
    found = {}
    for one in sorted(entry["tiers"], key=lambda tier: tier["valid_from"]):
        if one["valid_from"] <= day:
            found[one["program_id"]] = one["tier"]
    return {program: tier for program, tier in found.items() if tier is not None}


def year_of(day: str, starts: str) -> str:
    first = int(day[:4]) - (day[5:] < starts)
    return f"{first}-{(first + 1) % 100:02d}"


def bare(one: Document) -> str:
    return str(one["_id"].partition("/")[2])
