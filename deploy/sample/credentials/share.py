"""What the sample sends to credentials: the catalogue and lists, awards and their later fate, assessments."""

import asyncio
from collections.abc import Mapping
from typing import Any

import httpx

from deploy.sample import programs
from deploy.sample.credentials import assessments
from deploy.sample.district import THIRD, District, SampleAward, is_in
from deploy.sample.sending import Rows, Sending, Share, Step, ask, checked, csv_step, send_csv

CATALOGUE = "/v1/catalogue/imports"
AT_ONCE = 8  # so many awards are put right at the same time
OTHER_BOOKS = "night-school:n-{}"


def files(made: District) -> Mapping[str, Rows]:
    """The CSV files by name."""
    return {
        "catalogue.csv": programs.catalogue_rows(),
        "raised-tier.csv": programs.raised_rows(),
        "program-lists.csv": programs.list_rows(),
        "assessments.csv": list(assessments.rows(assessments.sittings(made))),
        "awards.csv": [award_row(award) for award in made.awards if not award.fate],
    }


async def _catalogue(to: Sending) -> None:
    """As it was before a tier was raised: where it has been, that would lower it again."""
    if not await _is_raised(to.services["credentials"]):
        await send_csv(to, "credentials", CATALOGUE, "catalogue.csv")


async def _raised(to: Sending) -> None:
    came = "it was so already"
    if not await _is_raised(to.services["credentials"]):
        restated = await send_csv(to, "credentials", CATALOGUE, "raised-tier.csv")
        came = f"{restated} awards restated"
    what = f"{programs.RAISED_CODE} is {programs.RAISED_TO} for {programs.RAISED_PROGRAM}"
    to.tell(f"a tier changed, backdated: {what} since {programs.RAISED_FROM}: {came}")


async def _is_raised(client: httpx.AsyncClient) -> bool:
    entry = await client.get(f"/v1/catalogue/{programs.RAISED_CODE}")
    if entry.status_code == httpx.codes.NOT_FOUND:
        return False
    wanted = (programs.RAISED_PROGRAM, programs.RAISED_TO, programs.RAISED_FROM)
    tiers = checked(entry).json()["tiers"]
    return any((each["program_id"], each["tier"], each["valid_from"]) == wanted for each in tiers)


async def _awards(to: Sending) -> None:
    """Without those of a student whom an earlier load, maybe of a third, put into two books.

    They are in; and of two records of one award, a row of another file could mean either.
    """
    firsts = {_of_two_books(to.made, every) for every in (to.made.every, THIRD)}
    joined = {one.student.alias for one in firsts if len((await _known(to, one))["records"]) > 1}
    await send_csv(to, "credentials", "/v1/awards/imports", "awards.csv", without=joined)


def _of_two_books(made: District, every: int) -> SampleAward:
    """The award that is logged twice in a district of each so many-th student: the first completer's."""
    passed = (award for award in made.awards if award.result == "passed" and not award.fate)
    return next(award for award in passed if is_in(award.student, every))


async def _known(to: Sending, award: SampleAward) -> dict[str, Any]:
    """The person as roster knows them, by all their records."""
    known: dict[str, Any] = (
        await ask(to.services["roster"], "GET", f"/v1/persons/{award.student.alias}/sources")
    ).json()
    return known


async def _once_too_often(to: Sending) -> None:
    """The first completer stands in a night school's books too, under another id: two records, one person.

    A credential was logged under each; it is one person's, and counts for one. Loading again finds them joined.
    """
    roster, award = to.services["roster"], _of_two_books(to.made, to.made.every)
    student, known = award.student, await _known(to, award)
    if len(known["records"]) > 1:
        return
    names = {"given_name": student.given_name, "family_name": student.family_name}
    books = OTHER_BOOKS.format(student.number)
    other = (await ask(roster, "PUT", f"/v1/students/{books}", json=names)).json()["id"]
    body = {**award_body(award), "student_id": other}
    body.pop("program_id", None)
    await _logged(to.services["credentials"], body, f"sample-{books}")
    reason = {"other": other, "reason": "the night school's clerk confirmed it by telephone (sample)"}
    await ask(roster, "POST", f"/v1/persons/{known['person_id']}/merge", json=reason)


async def _put_right(to: Sending) -> None:
    """Some at a time: each waits for the record before it only as long as the service does."""
    later = [award for award in to.made.awards if award.fate]
    turns, done = asyncio.Semaphore(AT_ONCE), 0

    async def put_right(award: SampleAward) -> None:
        nonlocal done
        async with turns:
            await _one_put_right(to.services["credentials"], award)
        done += 1
        to.progress("awards put right", done, len(later))

    async with asyncio.TaskGroup() as group:
        for award in later:
            group.create_task(put_right(award))


async def _one_put_right(client: httpx.AsyncClient, award: SampleAward) -> None:
    """Log an award under a key of its own, then do what happened to it later, unless that is done."""
    logged = await _logged(client, award_body(award), f"sample-{award.student.number}-{award.code}")
    url, match, day = f"/v1/awards/{logged['id']}", {"If-Match": f'"{logged["version"]}"'}, award.day.isoformat()
    corrected = award.fate == "corrected" and logged["awarded_on"] == day
    if corrected or logged["void"] or logged.get("revoked_on") or logged.get("celebrations"):
        return
    if award.fate == "corrected":
        await ask(client, "PATCH", url, json={"awarded_on": day, "taken_on": day}, headers=match)
    elif award.fate == "celebrated":
        announced = {"channel": "school_website", "celebrated_on": day}
        await ask(client, "POST", f"{url}/celebration", json=announced, headers=match)
    elif award.fate == "revoked":
        body = {"revoked_on": day, "reason": "withdrawn by the issuer (sample)"}
        await ask(client, "POST", f"{url}/revocation", json=body, headers=match)
    elif award.fate == "voided":
        body = {"reason": "logged for the wrong student (sample)"}
        await ask(client, "POST", f"{url}/void", json=body, headers=match)


async def _logged(client: httpx.AsyncClient, body: Mapping[str, object], key: str) -> dict[str, Any]:
    """The award as it is kept."""
    logged: dict[str, Any] = (
        await ask(client, "POST", "/v1/awards", json=body, headers={"Idempotency-Key": key})
    ).json()
    return logged


TAUGHT = ("enrolments", "catalogue")  # an award or assessment is filed where its student was taught
SHARE = Share(
    "credentials",
    files,
    (
        Step("catalogue", _catalogue, after=("programs",)),
        csv_step("credentials", "program-lists", "/v1/programs/catalogues/imports", after=("catalogue",)),
        csv_step("credentials", "assessments", "/v1/assessments/imports", after=TAUGHT),
        Step("awards", _awards, after=TAUGHT),
        Step("put right", _put_right, after=TAUGHT),
        Step("once too often", _once_too_often, after=("awards",)),
        Step("raised", _raised, after=("awards", "put right", "once too often")),
    ),
)


def award_row(award: SampleAward) -> dict[str, str]:
    """An award as it was first logged, as a row of `awards.csv`."""
    logged = (award.wrong_day or award.day).isoformat()
    return {
        "student_id": award.student.alias,
        "credential_code": award.code,
        "program_id": award.program_id,
        "result": award.result,
        "taken_on": logged,
        "awarded_on": logged if award.result == "passed" else "",
        "expires_on": "",
        "license_number": "",
        "verification_level": award.level,
        "verified_on": (award.verified_on or (award.wrong_day or award.day)).isoformat() if award.level else "",
        "verification_outcome": "confirmed" if award.level else "",
    }


def award_body(award: SampleAward) -> dict[str, object]:
    """The same award as the body of `POST /v1/awards`."""
    row = award_row(award)
    plain: dict[str, object] = {name: value for name, value in row.items() if value and not name.startswith("verif")}
    if award.level:
        plain["verification"] = {
            "level": award.level,
            "verified_on": row["verified_on"],
            "outcome": row["verification_outcome"],
        }
    return plain
