"""A night's package with thirty mistakes, sent by the command: each is found again from its message alone."""

import csv
import io
from collections.abc import Mapping

import httpx
from typer.testing import CliRunner

from deploy.cli.main import app
from shared.doors import local_key
from tests.oneroster_zips import as_files, demographics, enrollment, org, role, row, sound, user, zipped

TERM = {"title": "Fall", "type": "term", "startDate": "2024-08-01", "endDate": "2024-12-20", "schoolYear": "2025"}
CLASS = {
    "title": "Welding 1 B",
    "courseSourcedId": "c-1",
    "classType": "scheduled",
    "schoolSourcedId": "hs-1",
    "termSourcedIds": "t-fall",
}
SESSION = "academicSessions"
# file, line, column, what stands there, a word of the problem
MISTAKES: list[tuple[str, str, str, str, str]] = [
    ("orgs", org("hs-2", "campus"), "type", "campus", "cannot be this"),
    ("orgs", org("hs-3", parent="d-9"), "parentSourcedId", "d-9", "no row"),
    ("orgs", org("hs-4", name=" "), "name", " ", "empty"),
    ("orgs", org("hs-5", identifier="5\x07"), "identifier", "5\x07", "control character"),
    ("orgs", org("hs-6", parent="hs-6"), "parentSourcedId", "hs-6", "under itself"),
    ("users", user("m-1", agentSourcedIds="nobody"), "agentSourcedIds", "nobody", "no user"),
    ("users", user("m-2", userIds="900009"), "userIds", "900009", "no id with its type"),
    ("users", user("m-3", familyName=""), "familyName", "", "empty"),
    ("users", user("m-4", primaryOrgSourcedId="hs-9"), "primaryOrgSourcedId", "hs-9", "no row"),
    ("users", user("m 5"), "sourcedId", "m 5", "no sourcedId"),
    ("users", user("s-1", "0900077"), "sourcedId", "s-1", "row 2 already"),
    ("users", user("m-7", givenName="Sam\x07"), "givenName", "Sam\x07", "control character"),
    ("users", user("m-8", status="tobedeleted"), "status", "tobedeleted", "read as not there"),
    ("roles", role("s-9"), "userSourcedId", "s-9", "no row"),
    ("roles", role("s-1", "hs-9", sourcedId="r-b"), "orgSourcedId", "hs-9", "no row"),
    ("roles", role("s-1", kind="pupil", sourcedId="r-c"), "role", "pupil", "cannot be this"),
    ("roles", role("s-1", roleType="main", sourcedId="r-d"), "roleType", "main", "cannot be this"),
    ("roles", role("s-1", beginDate="2025-02-30", sourcedId="r-e"), "beginDate", "2025-02-30", "no such day"),
    ("roles", role("s-1", endDate="30.5.2025", sourcedId="r-f"), "endDate", "30.5.2025", "no date"),
    ("demographics", demographics("s-9", sex="female"), "sourcedId", "s-9", "no row"),
    ("demographics", demographics("t-1", sex="fem"), "sex", "fem", "cannot be this"),
    ("demographics", demographics("t-2", white="perhaps"), "white", "perhaps", "neither true nor false"),
    (SESSION, row(SESSION, sourcedId="t-2", **(TERM | {"schoolYear": "24/25"})), "schoolYear", "24/25", "school"),
    (SESSION, row(SESSION, sourcedId="t-3", **(TERM | {"endDate": "2024-07-31"})), "endDate", "2024-07-31", "before"),
    ("courses", row("courses", sourcedId="c-2", orgSourcedId="hs-9"), "orgSourcedId", "hs-9", "no row"),
    ("classes", row("classes", sourcedId="k-2", **(CLASS | {"courseSourcedId": "c"})), "courseSourcedId", "c", "row"),
    ("classes", row("classes", sourcedId="k-3", **{**CLASS, "classType": "lab"}), "classType", "lab", "cannot be this"),
    ("enrollments", enrollment("e-8", "s-1", classSourcedId="k-9"), "classSourcedId", "k-9", "no row"),
    ("enrollments", enrollment("e-9", "s-1", role="pupil"), "role", "pupil", "cannot be this"),
    ("enrollments", enrollment("e-7", "s-1", endDate="2025-05-30"), "endDate", "2025-05-30", "the class meets from"),
]  # fmt: skip


def night() -> dict[str, bytes]:
    rows = sound()
    rows["users"] = [*rows["users"], user("t-2", "78", grades="")]
    for file, line, *_ in MISTAKES:
        rows[file] = [*rows[file], line]
    return as_files(rows)


def found_again(files: Mapping[str, bytes], told: Mapping[str, str]) -> str:
    """The cell that a message names, as somebody finds it who has only the message and the files."""
    lines = list(csv.reader(io.StringIO(files[told["file"]].decode(), newline="")))
    return lines[int(told["row"]) - 1][lines[0].index(told["column"])]


def test_thirty_mistakes_of_one_night_are_each_found_again(keys, start_service, tmp_path):
    files, path = night(), tmp_path / "night.zip"
    path.write_bytes(zipped(files))
    service = start_service("roster")
    bearer = local_key.sign(keys, {"sub": "manager-1", "roles": ["data_manager"], "districts": ["*"]})
    run = CliRunner(env={"AURORA_ROSTER_URL": service.url, "AURORA_TOKEN": bearer})

    arguments = ["import", str(path), "--wait", "--school-year", "2024-25"]
    answer = run.invoke(app, arguments)
    where = next(line.strip() for line in answer.output.splitlines() if line.startswith("/v1/oneroster/imports/"))
    text = httpx.get(f"{service.url}{where}/problems.csv", headers={"Authorization": f"Bearer {bearer}"}).text

    assert answer.exit_code == 1, answer.output
    assert "... and 10 more" in answer.output
    told = list(csv.DictReader(io.StringIO(text, newline="")))
    assert len(MISTAKES) == len(told) == 30
    assert all(found_again(files, one) == one["value"] and one["what_would_work"] for one in told)
    wanted = sorted((f"{file}.csv", column, value) for file, _, column, value, _ in MISTAKES)
    assert sorted((one["file"], one["column"], one["value"]) for one in told) == wanted
    words = {(f"{file}.csv", column, value): word for file, _, column, value, word in MISTAKES}
    assert all(words[one["file"], one["column"], one["value"]] in one["problem"] for one in told)
