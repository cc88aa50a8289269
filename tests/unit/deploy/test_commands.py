"""What the commands print, and the exit codes that scripts go by."""

import json
import subprocess
import sys
from importlib import import_module

import httpx
import jwt
import pytest
import typer
from rich.console import Console
from typer.testing import CliRunner

from deploy.cli import asking, running
from deploy.cli.bringing import csv_files, importing, token
from deploy.cli.looking import board, doctor, logs, parts, status
from deploy.cli.looking.doctor import Finding
from deploy.cli.main import COMMANDS, app, loaded
from deploy.local import state
from deploy.local.state import SERVICES, Part, State
from shared.doors.auth import Role
from shared.process.settings import Settings
from shared.producer.producers import PRODUCERS
from tests.unit.deploy.test_state import ONESELF


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("AURORA_LOCAL_FOLDER", str(tmp_path))
    return tmp_path


def run(*arguments):
    return CliRunner().invoke(app, list(arguments))


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command):
    assert run(command, "--help").exit_code == 0


@pytest.mark.parametrize("command", COMMANDS)
def test_the_list_of_commands_says_what_each_says_of_itself(command):
    assert COMMANDS[command][1] == loaded(command).help.split("\n\n")[0].replace("\n", " ")


HEAVY = ("fastapi", "pymongo", "aiokafka", "prometheus_client")


@pytest.mark.real
@pytest.mark.parametrize(
    ("command", "needs_no"),
    [
        ("bringing.token", (*HEAVY, "httpx", "jwt", "psutil")),
        ("bringing.importing", HEAVY),
        ("main", (*HEAVY, "httpx", "jwt")),
        ("looking.status", HEAVY[:1]),
    ],
)
def test_a_command_reads_only_what_it_needs(command, needs_no):
    asked = f"import deploy.cli.{command}, sys; print(sorted(set({needs_no!r}) & set(sys.modules)))"

    assert subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True).stdout == "[]\n"


def claims_of(signed, folder):
    key = jwt.PyJWKSet.from_json((folder / "keys" / "jwks.json").read_text()).keys[0]
    return jwt.decode(signed, key, algorithms=["RS256"], audience="aurora", issuer="aurora")


def test_a_token_is_all_that_is_printed_and_says_what_was_asked(folder):
    printed = run("token", "--role", "instructor", "--program", "it", "--program", "hvac", "--campus", "nw").stdout

    claims = claims_of(printed.strip(), folder)
    assert printed.count("\n") == 1
    assert (claims["roles"], claims["programs"], claims["campuses"]) == (["instructor"], ["it", "hvac"], ["nw"])


def test_a_list_that_is_left_out_means_all_of_them(folder):
    claims = claims_of(run("token", "--role", "leader").stdout.strip(), folder)

    assert claims["districts"] == ["*"]


def test_a_token_holds_as_long_as_asked(folder):
    claims = claims_of(run("token", "--role", "service", "--hours", "0.5").stdout.strip(), folder)

    assert claims["exp"] - claims["iat"] == 1800


def test_a_student_must_be_named(folder):
    assert run("token", "--role", "student").exit_code == 1
    assert claims_of(run("token", "--role", "student", "--student", "s1").stdout.strip(), folder)["student_id"] == "s1"


def test_a_link_signs_in_at_the_address_that_users_have(folder, monkeypatch):
    asked_for = []

    def answer(request):
        asked_for.append((request.method, request.url.path, request.headers["authorization"][:9]))
        return httpx.Response(201, json={"path": "/sign-in?link=once", "good_seconds": 600})

    monkeypatch.setattr(
        "deploy.cli.asking.client_of",
        lambda *_: httpx.Client(
            transport=httpx.MockTransport(answer),
            base_url="http://127.0.0.1:8123",
            headers={"Authorization": "Bearer ey"},
        ),
    )
    gateway = Part(name="gateway", address="http://127.0.0.1:8000", pid=1, started=1.0)
    state.write(folder, State(phase="up", supervisor=ONESELF, parts=(gateway,)))

    printed = run("token", "--role", "leader", "--link").stdout

    assert printed.strip() == "http://127.0.0.1:8000/sign-in?link=once"
    assert asked_for == [("POST", "/v1/sign-in-links", "Bearer ey")]
    monkeypatch.setenv("AURORA_ADDRESS", "aurora.example")
    assert run("token", "--role", "leader", "--link").stdout.strip() == "https://aurora.example/sign-in?link=once"


def test_a_link_to_nowhere_is_refused_with_what_would_work(folder):
    answer = run("token", "--role", "leader", "--link")

    assert answer.exit_code == 1
    assert "aurora up" in answer.output


def test_status_has_its_shape_when_nothing_runs(folder):
    answer = run("status", "--json")

    found = json.loads(answer.stdout)
    assert answer.exit_code == 1
    assert list(found) == ["at", "supervisor", "kafka", "mongo", "gateway", "services"]
    assert [service["name"] for service in found["services"]] == list(SERVICES)
    assert all({"name", "url", "pid", "ready"} <= set(service) for service in found["services"])
    assert not any(service["ready"] for service in found["services"])


METRICS = """\
# TYPE relay_unpublished_records gauge
relay_unpublished_records{service="roster"} 3.0
# TYPE relay_oldest_unpublished_seconds gauge
relay_oldest_unpublished_seconds{service="roster"} 1.25
# TYPE relay_is_holder gauge
relay_is_holder{service="roster"} 1.0
# TYPE aggregator_lag_records gauge
aggregator_lag_records{topic="aurora-roster",partition="0"} 4.0
aggregator_lag_records{topic="aurora-roster",partition="1"} 5.0
# TYPE aggregator_seconds_behind gauge
aggregator_seconds_behind 75.0
# TYPE aggregator_last_commit_timestamp_seconds gauge
aggregator_last_commit_timestamp_seconds 100.0
# TYPE relay_heartbeat_timestamp_seconds gauge
relay_heartbeat_timestamp_seconds{service="roster"} 0.0
# TYPE aggregator_partitions gauge
aggregator_partitions{state="counting"} 11.0
aggregator_partitions{state="stopped"} 1.0
# TYPE aggregator_parked_records gauge
aggregator_parked_records 2.0
# TYPE aggregator_drift gauge
aggregator_drift{measure="W1.headline"} 0.0
"""


def test_series_of_one_metric_make_one_number():
    found = parts.read_metrics(METRICS, parts.AGGREGATOR)
    assert (found["lag"], found["partitions"], found["stopped"], found["drift"]) == (9.0, 12.0, 1.0, 0.0)
    assert found["last_commit_seconds_ago"] > 1e9


def test_a_number_that_nobody_exports_is_unknown_and_not_zero():
    assert parts.read_metrics(METRICS, {"held_back": parts.PRODUCER["held_back"]}) == {"held_back": None}
    heartbeat = parts.read_metrics(METRICS, parts.PRODUCER)["heartbeat_seconds_ago"]
    assert heartbeat is None, "the zero of a gauge that was never set is no heartbeat of 1970"


@pytest.fixture
def stack_that_answers(monkeypatch):
    """Roster, not ready, and the aggregator, ready, of which one was started again; nothing else runs."""

    def answer(request):
        if request.url.path == "/metrics":
            return httpx.Response(200, text=METRICS)
        if request.url.port == 1:
            checks = {"relay": "waits for Kafka", "of all requests": "ok"}
            return httpx.Response(503, json={"reasons": ["MongoDB does not answer"], "checks": checks})
        return httpx.Response(
            200, json={"ready": True, "checks": {"count": "ok"}, "details": {"why": "counting has stopped"}}
        )

    monkeypatch.setattr(
        httpx, "Client", lambda real=httpx.Client, **asked: real(transport=httpx.MockTransport(answer), **asked)
    )
    alive = {"pid": ONESELF.pid, "started": ONESELF.started}
    roster = Part(
        name="roster", address="http://127.0.0.1:1", restarts=2, ended="ended with 70: it was wedged", **alive
    )
    aggregator = Part(name="aggregator", address="http://127.0.0.1:2", **alive)
    return State(phase="up", supervisor=ONESELF, parts=(roster, aggregator))


def test_a_service_that_is_not_ready_says_why(stack_that_answers):
    found = parts.look(stack_that_answers)

    shown = found["services"][0]
    assert (shown["alive"], shown["ready"], shown["reasons"]) == (True, False, ["MongoDB does not answer"])
    assert (shown["oldest_unpublished_seconds"], shown["restarts"]) == (1.25, 2)
    assert not parts.all_ready(found)


def test_the_picture_has_all_that_a_person_on_call_looks_for(stack_that_answers):
    shown = printed(status.pictured(parts.look(stack_that_answers)))

    for words in (
        "relay holder, 3 unpublished, the oldest for 1.2 s",
        "lag 9 records, 75.0 s",
        "1 partitions stopped",
        "2 parked",
        "drift 0",
        "last commit",
        "roster is not ready: MongoDB does not answer",
        "roster, relay: waits for Kafka",
        "roster was started again 2 times. The last time it ended with 70: it was wedged",
        "insights is not ready: not running",
        "kafka is not ready: not running",
        "supervisor: up",
        "aggregator shows its numbers as stale: counting has stopped",
    ):
        assert words in shown
    assert "of all requests" not in shown, "what is well needs no line"


def test_a_lag_that_nobody_measures_is_not_told_as_none():
    standing_by = dict.fromkeys(parts.AGGREGATOR, 0.0) | {"last_commit_seconds_ago": None, "drift": None}

    assert str(status.how_far(standing_by)) == "counts no partition, 0 parked, drift not known yet"


def test_watching_looks_again_and_again_until_somebody_ends_it(folder, monkeypatch):
    looks = []

    def look(stack):
        looks.append(stack)
        if len(looks) == 3:
            raise KeyboardInterrupt
        return parts.look(None)

    monkeypatch.setattr(status, "look", look)
    answer = run("status", "--watch", "--every", "0.2")

    assert answer.exit_code == 0
    assert len(looks) == 3
    assert answer.output.count("nothing was ever started here") == 2
    assert run("status", "--watch", "--json").exit_code == 2


def printed(thing):
    console = Console(width=200, record=True, file=None, quiet=False)
    with console.capture() as captured:
        console.print(thing)
    return captured.get()


@pytest.mark.parametrize(
    ("status", "refused", "code"),
    [
        pytest.param("done", 0, 0, id="clean"),
        pytest.param("done", 3, 1, id="some rows refused"),
        pytest.param("refused", 0, 2, id="nothing applied"),
        pytest.param("failed", 0, 2, id="it broke"),
    ],
)
def test_a_script_can_tell_how_an_import_ended(status, refused, code):
    counts = {"users.csv": {"read": 10, "refused": refused}, "orgs.csv": {"read": 1, "refused": 0}}

    assert importing.exit_code({"status": status, "counts": counts, "problems_total": 5}) == code


REPORT = {"rows": 3, "created": 1, "changed": 0, "unchanged": 1, "refused": 1, "dry_run": False, "warnings": []}
WRONG = {"row": 3, "column": "score", "value": "72,5", "problem": "is no number", "what_would_work": "write 72.5"}


@pytest.mark.parametrize(
    ("arguments", "service", "path"),
    [
        pytest.param(("students.csv",), "roster", "/v1/students/imports", id="as the file is called"),
        pytest.param(("may.csv", "--kind", "awards"), "credentials", "/v1/awards/imports", id="as said"),
    ],
)
def test_a_csv_file_goes_to_the_service_that_keeps_its_kind(folder, monkeypatch, tmp_path, arguments, service, path):
    sent = []

    def taken(_, method, where, **more):
        sent.append((method, where, more["content"], more["params"]))
        return httpx.Response(200, json=REPORT | {"problems": [WRONG]}, request=httpx.Request(method, "http://x"))

    monkeypatch.setenv(f"AURORA_{service.upper()}_URL", "http://x")
    monkeypatch.setattr(httpx.Client, "request", taken)
    (tmp_path / arguments[0]).write_bytes(b"id")

    answer = run("import", str(tmp_path / arguments[0]), *arguments[1:], "--dry-run")

    assert sent == [("POST", path, b"id", {"dry_run": "true"})]
    assert answer.exit_code == 1
    assert "row 3 score '72,5': is no number; write 72.5" in answer.output


def test_every_csv_route_of_a_service_has_its_kind(tmp_path):
    settings = Settings(jwks=str(tmp_path / "jwks.json"))
    mains = {one.name: import_module(f"services.{one.name}.main") for one in PRODUCERS}
    paths = {name: main.build(settings).openapi() for name, main in mains.items()}
    routes = {
        (service, path)
        for service, document in paths.items()
        for path, ways in document["paths"].items()
        if "text/csv" in ways.get("post", {}).get("requestBody", {}).get("content", {})
    }

    assert set(csv_files.KINDS.values()) == routes


def test_a_csv_file_of_nobody_knows_what_is_not_sent(folder, tmp_path):
    (tmp_path / "may.csv").write_bytes(b"id")

    answer = run("import", str(tmp_path / "may.csv"))

    assert answer.exit_code == 2
    assert "--kind and one of organisations" in answer.output


@pytest.mark.parametrize(("refused", "code"), [(0, 0), (1, 1), (3, 2)])
def test_a_file_of_which_nobody_was_taken_was_not_applied(refused, code):
    assert csv_files.exit_code(REPORT | {"refused": refused}) == code


def test_an_import_with_no_roster_to_go_to_applied_nothing(folder, tmp_path):
    (tmp_path / "roster.zip").write_bytes(b"PK")

    assert run("import", str(tmp_path / "roster.zip")).exit_code == 2


def test_another_roster_and_its_token_are_taken_from_the_environment(folder, monkeypatch):
    monkeypatch.setenv("AURORA_ROSTER_URL", "https://roster.example/")
    monkeypatch.setenv("AURORA_TOKEN", "theirs")

    assert (running.address_of("roster"), token.given_or_local(Role.SERVICE)) == ("https://roster.example", "theirs")


def test_a_problem_is_told_with_its_cell_and_what_would_work():
    cell = {"file": "users.csv", "row": 7, "column": "grades", "value": "11,12", "effect": "note"}
    words = {"problem": "a student is in one grade", "what_would_work": "write one grade"}
    whole = {"file": "users.csv", "row": None, "column": "", "value": "", "effect": "stops_all"}

    told = importing.told_of(cell | words)
    assert told == "note: users.csv row 7 grades '11,12': a student is in one grade; write one grade"
    assert importing.told_of(whole | words) == "users.csv: a student is in one grade; write one grade"


@pytest.mark.parametrize(
    ("trouble", "code"),
    [
        pytest.param(httpx.ConnectError("refused"), 2, id="nobody there: nothing applied"),
        pytest.param(httpx.ReadError("reset"), 3, id="gone before it answered: not known"),
    ],
)
def test_an_import_that_was_lost_on_its_way_is_not_said_to_have_applied_nothing(
    folder, monkeypatch, tmp_path, trouble, code
):
    def lost(*_, **__):
        raise trouble

    monkeypatch.setenv("AURORA_ROSTER_URL", "http://roster")
    monkeypatch.setattr(httpx.Client, "request", lost)
    (tmp_path / "roster.zip").write_bytes(b"zip")

    assert run("import", str(tmp_path / "roster.zip")).exit_code == code


def test_waiting_for_an_import_outlasts_a_restart(monkeypatch, capsys):
    progress = {"done": 1, "total": 2}
    answers = iter(
        [
            httpx.Response(200, json={"finished_at": None, "progress": progress}),
            httpx.ConnectError("refused"),
            httpx.Response(503, json={"detail": "not ready"}),
            httpx.Response(200, json={"finished_at": "2026-01-01T00:00:00Z", "progress": progress}),
        ]
    )

    def answer(request):
        one = next(answers)
        if isinstance(one, Exception):
            raise one
        return one

    monkeypatch.setattr(importing, "LOOK_SECONDS", 0)
    with httpx.Client(base_url="http://roster", transport=httpx.MockTransport(answer)) as client:
        assert importing._followed(client, "/v1/oneroster/imports/1")["finished_at"]

    assert capsys.readouterr().err.count("goes on when it is back") == 1


def test_waiting_ends_when_roster_stays_away_and_says_that_the_end_is_not_known(monkeypatch, capsys):
    monkeypatch.setattr(importing, "LOOK_SECONDS", 0)
    monkeypatch.setattr(importing, "AWAY_SECONDS", 0)
    transport = httpx.MockTransport(lambda _: httpx.Response(502))
    with httpx.Client(base_url="http://roster", transport=transport) as client, pytest.raises(typer.Exit) as end:
        importing._followed(client, "/v1/oneroster/imports/1")

    assert end.value.exit_code == 3


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        pytest.param(
            httpx.Response(422, json={"detail": "the file holds no manifest", "errors": []}),
            "no manifest",
            id="refused",
        ),
        pytest.param(httpx.Response(502, text="<html>bad gateway"), "bad gateway", id="something in between"),
        pytest.param(httpx.ConnectError("refused"), "does not answer", id="nobody there"),
    ],
)
def test_a_request_that_fails_is_told_in_a_sentence_and_an_exit_code(answer, words, capsys):
    def answering(request):
        if isinstance(answer, Exception):
            raise answer
        return answer

    client = httpx.Client(base_url="http://roster", transport=httpx.MockTransport(answering))
    with client, pytest.raises(typer.Exit) as end:
        asking.asked(client, "POST", "/v1/oneroster/imports", failing=2)

    assert end.value.exit_code == 2
    assert words in capsys.readouterr().err


def test_doctor_fails_for_what_is_needed_only(monkeypatch):
    note = Finding("browser", well=False, found="none", fix="install one", needed=False)
    missing = Finding("Java", well=False, found="none", fix="install Java 17")
    monkeypatch.setattr(doctor, "LOOKS", (lambda: note,))
    assert run("doctor").exit_code == 0

    monkeypatch.setattr(doctor, "LOOKS", (lambda: note, lambda: missing))
    answer = run("doctor", "--json")

    assert answer.exit_code == 1
    assert json.loads(answer.stdout)[1]["fix"] == "install Java 17"


def test_a_line_half_written_waits_for_its_end(tmp_path, capsys):
    log = tmp_path / "roster.log"
    log.write_bytes(b"one\ntw")
    read_to = logs._show_new("roster", log, 0)
    assert read_to == 4

    log.write_bytes(b"one\ntwo\n")
    assert logs._show_new("roster", log, read_to) == 8
    assert [line.split()[-1] for line in capsys.readouterr().out.splitlines()] == ["one", "two"]


def test_the_board_shows_every_reading_and_every_year():
    number = {
        "numerator": 1218,
        "denominator": 1400,
        "percent": "87.0 %",
        "open": 0,
        "status": "missed",
        "spread": None,
    }
    goal = {
        "key": "W1", "title": "High-value credentials", "target": "0.90", "comparison": ">=",
        "readings_disagree": False,
        "school_year": "2024-25", "school_year_because": {"code": "settled", "words": "The newest settled."},
        "readings": [
            {**number, "label": "as the plan is read", "people_to_target": 42},
            {**number, "label": "how soon", "people_to_target": None,
             "spread": {"median": "12.5", "unit": "days", "measured": 1218, "not_yet": 182}},
        ],
        "years": [number | {"school_year": "2024-25"}, number | {"school_year": "2025-26", "status": "on_track"}],
    }  # fmt: skip
    silent = {"key": "W2", "title": "Not yet", "readings": [], "years": []}
    empty = {**goal, "key": "W3", "years": [], "readings": [{**goal["readings"][0], "denominator": 0}]}
    split = {**goal, "key": "G9", "readings_disagree": True}
    told = {"school_year": "2024-25", "as_of": "2026-11-22", "counted_through": None}
    shown = printed(board.pictured({**told, "goals": [goal, silent, empty, split]}))

    assert [line[:2] for line in shown.splitlines() if "readings disagree" in line] == ["G9"]

    assert all(
        words in shown
        for words in (
            "1,218",
            "87.0 %",
            "median 12.5 days",
            ">= 0.90",
            "missed",
            "42",
            "2025-26",
            "on track",
            "No measure yet: W2",
            "count yet: W3",
            "2024-25: The newest settled.",
        )
    )
