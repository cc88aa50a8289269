"""Load the sample through the public HTTP APIs, as a district's own files would be."""

import csv
import hashlib
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import httpx

from deploy.sample import files, programs
from deploy.sample.csv_text import as_csv
from deploy.sample.district import District, SampleAward, district
from deploy.sample.roster import oneroster
from deploy.sample.roster.nightly import night

SEED = 7
ROWS_A_REQUEST = 1000
CONFIRMS = re.compile(r"confirm_removals=\d+")
OTHER_BOOKS = "night-school:n-1"
PATIENCE_SECONDS = 120.0
Progress = Callable[[str, int, int], None]  # what is loaded, rows done, rows in all


class NotLoaded(Exception):
    """A request of the load was refused; the message quotes the answer."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """Rows per file, and what is worth telling of what came later."""

    rows: dict[str, int]
    told: list[str]


@dataclass(frozen=True, slots=True)
class Target:
    """Where the sample goes, and with whose token."""

    roster: httpx.Client
    credentials: httpx.Client


def run(
    *,
    roster_url: str,
    credentials_url: str,
    token: str,
    folder: Path,
    progress: Progress,
    seed: int = SEED,
    until: date | None = None,
) -> Loaded:
    """Make the sample's files in `folder` and load them.

    Raise NotLoaded when a row is refused. Loading twice changes nothing.
    """
    made = district(seed, until or datetime.now(UTC).date())
    rows = files.write(made, folder)
    headers = {"Authorization": f"Bearer {token}"}
    with (
        httpx.Client(base_url=roster_url, headers=headers, timeout=120) as roster,
        httpx.Client(base_url=credentials_url, headers=headers, timeout=120) as credentials,
    ):
        told = _load(Target(roster, credentials), made, folder, progress, seed)
    return Loaded(rows, told)


def _load(to: Target, made: District, folder: Path, progress: Progress, seed: int) -> list[str]:
    for kind in ("organisations", "programs"):
        _csv(to.roster, f"/v1/{kind}/imports", folder / f"{kind}.csv", progress)
    _mapped(to.roster)
    for year in made.years():
        _oneroster(to.roster, folder / f"oneroster-{year}.zip", year, progress)
    last_night = night(made, seed)
    delta = folder / "oneroster-nightly.zip"
    delta.write_bytes(last_night.packed)
    _oneroster(to.roster, delta, last_night.year, progress)
    for kind in ("demographics", "enrolments", "completions"):
        _csv(to.roster, f"/v1/{kind}/imports", folder / f"{kind}.csv", progress)
    raised = _is_raised(to.credentials)
    for kind in ("awards", "assessments") if raised else ("catalogue", "awards", "assessments"):
        _csv(to.credentials, f"/v1/{kind}/imports", folder / f"{kind}.csv", progress)
    _csv(to.credentials, "/v1/programs/catalogues/imports", folder / "program-lists.csv", progress)
    _once_too_often(to, made)
    later = [award for award in made.awards if award.fate]
    for done, award in enumerate(later, 1):
        _put_right(to.credentials, award)
        progress("awards put right", done, len(later))
    restated = _csv(to.credentials, "/v1/catalogue/imports", folder / "raised-tier.csv", progress)
    return [last_night.told, _raised(0 if raised else restated, already=raised)]


def _mapped(client: httpx.Client) -> None:
    """Say once that the organisations are those of the student system: its feed keeps them from here on."""
    for row in oneroster.org_rows():
        pair = {"source": oneroster.SOURCE, "sourced_id": row["sourcedId"]}
        _checked(client.put(f"/v1/organisations/{row['sourcedId']}/sources", json={"sources": [pair]}))


def _is_raised(client: httpx.Client) -> bool:
    """Whether the tier was raised by an earlier load: the catalogue as it was before would lower it again."""
    entry = client.get(f"/v1/catalogue/{programs.RAISED_CODE}")
    if entry.status_code == httpx.codes.NOT_FOUND:
        return False
    wanted = (programs.RAISED_PROGRAM, programs.RAISED_TO, programs.RAISED_FROM)
    tiers = _checked(entry).json()["tiers"]
    return any((each["program_id"], each["tier"], each["valid_from"]) == wanted for each in tiers)


def _raised(restated: int, *, already: bool) -> str:
    code, program, tier, since = (
        programs.RAISED_CODE,
        programs.RAISED_PROGRAM,
        programs.RAISED_TO,
        programs.RAISED_FROM,
    )
    came = "it was so already" if already else f"{restated} awards restated"
    return f"a tier changed, backdated: {code} is {tier} for {program} since {since}: {came}"


def _csv(client: httpx.Client, path: str, file: Path, progress: Progress) -> int:
    """Send a file in parts; the answer is how many records its rows restated, if they can."""
    restated = 0
    with file.open(encoding="utf-8", newline="") as text:
        reader = csv.DictReader(text)
        columns, rows = list(reader.fieldnames or ()), list(reader)
    for start in range(0, len(rows), ROWS_A_REQUEST):
        part = rows[start : start + ROWS_A_REQUEST]
        answer = _post(client, path, content=as_csv(part, columns).encode(), kind="text/csv")
        report = answer.json()
        if report["refused"]:
            raise NotLoaded(f"{file.name}: {report['refused']} rows refused, the first: {report['problems'][0]}")
        restated += report.get("restated", 0)
        progress(file.name, min(start + ROWS_A_REQUEST, len(rows)), len(rows))
    return restated


def _oneroster(client: httpx.Client, file: Path, year: str, progress: Progress) -> None:
    """Send a year's package, unless it has been; who has left the schools since the year before is confirmed."""
    content = file.read_bytes()
    sent = _checked(client.get("/v1/oneroster/imports")).json()["items"]
    if any(one["sha256"] == hashlib.sha256(content).hexdigest() and one["status"] == "done" for one in sent):
        return
    state = _import_of(client, file.name, content, f"school_year={year}", progress)
    if state["status"] == "waiting" and (leavers := CONFIRMS.search(state["says"])):
        state = _import_of(client, file.name, content, f"school_year={year}&{leavers[0]}", progress)
    if state["status"] != "done" or state["problems_total"]:
        raise NotLoaded(f"{file.name}: {state}")


def _import_of(client: httpx.Client, name: str, content: bytes, query: str, progress: Progress) -> dict[str, Any]:
    answer = _post(client, f"/v1/oneroster/imports?{query}", content=content, kind="application/zip")
    where = answer.headers["Location"]
    for _ in _patiently():
        state: dict[str, Any] = client.get(where).raise_for_status().json()
        progress(name, state["progress"]["done"], state["progress"]["total"])
        if state["status"] not in ("checking", "applying"):
            return state
    raise NotLoaded(f"{name}: not applied within {PATIENCE_SECONDS:.0f} s")


def _once_too_often(to: Target, made: District) -> None:
    """The first completer stands in a night school's books too, under another id: two records, one person.

    A credential was logged under each; it is one person's, and counts for one. Loading again finds them joined.
    """
    award = next(award for award in made.awards if award.result == "passed" and not award.fate)
    student = award.student
    known = _checked(to.roster.get(f"/v1/persons/{student.alias}/sources")).json()
    if len(known["records"]) > 1:
        return
    names = {"given_name": student.given_name, "family_name": student.family_name}
    other = _checked(to.roster.put(f"/v1/students/{OTHER_BOOKS}", json=names)).json()["id"]
    body = {**files.award_body(award), "student_id": other}
    body.pop("program_id", None)
    _logged(to.credentials, body, "sample-night-school")
    reason = {"other": other, "reason": "the night school's clerk confirmed it by telephone (sample)"}
    _checked(to.roster.post(f"/v1/persons/{known['person_id']}/merge", json=reason))


def _put_right(client: httpx.Client, award: SampleAward) -> None:
    """Log an award under a key of its own, then do what happened to it later, unless that is done."""
    logged = _logged(client, files.award_body(award), f"sample-{award.student.number}-{award.code}")
    url, match, day = f"/v1/awards/{logged['id']}", {"If-Match": f'"{logged["version"]}"'}, award.day.isoformat()
    corrected = award.fate == "corrected" and logged["awarded_on"] == day
    if corrected or logged["void"] or logged.get("revoked_on") or logged.get("celebrations"):
        return
    if award.fate == "corrected":
        _checked(client.patch(url, json={"awarded_on": day, "taken_on": day}, headers=match))
    elif award.fate == "celebrated":
        announced = {"channel": "school_website", "celebrated_on": day}
        _checked(client.post(f"{url}/celebration", json=announced, headers=match))
    elif award.fate == "revoked":
        body = {"revoked_on": day, "reason": "withdrawn by the issuer (sample)"}
        _checked(client.post(f"{url}/revocation", json=body, headers=match))
    elif award.fate == "voided":
        _checked(client.post(f"{url}/void", json={"reason": "logged for the wrong student (sample)"}, headers=match))


def _logged(client: httpx.Client, body: Mapping[str, object], key: str) -> dict[str, Any]:
    """The award as it is kept; the service is given the time to hear of a student who is new."""
    for _ in _patiently():
        answer = client.post("/v1/awards", json=body, headers={"Idempotency-Key": key})
        if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
            logged: dict[str, Any] = _checked(answer).json()
            return logged
    raise NotLoaded(f"POST /v1/awards: still not ready after {PATIENCE_SECONDS:.0f} s")


def _post(client: httpx.Client, path: str, *, content: bytes, kind: str) -> httpx.Response:
    """Post, and wait while the service says that it is behind (503 with Retry-After)."""
    for _ in _patiently():
        answer = client.post(path, content=content, headers={"Content-Type": kind})
        if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
            return _checked(answer)
    raise NotLoaded(f"{path}: still not ready after {PATIENCE_SECONDS:.0f} s")


def _checked(answer: httpx.Response) -> httpx.Response:
    if answer.is_error:
        raise NotLoaded(f"{answer.request.method} {answer.request.url.path}: {answer.status_code} {answer.text[:500]}")
    return answer


def _patiently() -> Iterator[None]:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        yield
        time.sleep(0.3)
