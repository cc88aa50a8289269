"""`aurora doctor`: what this machine lacks for the local stack, and what would fix it."""

import hashlib
import importlib.util
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil
import typer
from rich.table import Table

from deploy.cli.running import AsJson
from deploy.cli.screen import out, print_json
from deploy.local import gateway, jars, mongo, state
from deploy.local.ports import free
from deploy.local.processes import ROOT
from deploy.local.stack import PREFERRED

OLDEST_PYTHON, OLDEST_JAVA = (3, 11), 17
DISK_GIGABYTES, MEMORY_GIGABYTES = 3, 2
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at; `fix` is what to do when it is not well."""

    what: str
    well: bool
    found: str
    fix: str = ""
    needed: bool = True


def doctor(as_json: AsJson = False) -> None:
    """Look at everything the local stack needs. Exit code 1 when something needed is missing."""
    findings = [look() for look in LOOKS]
    if as_json:
        print_json([asdict(finding) for finding in findings])
    else:
        out.print(_table(findings))
    if any(finding.needed and not finding.well for finding in findings):
        raise typer.Exit(1)


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    return Finding("Python", sys.version_info >= OLDEST_PYTHON, version, "install python3.11 and run `make demo` again")


def _packages() -> Finding:
    """`make` leaves the lock's digest in the environment once its packages are installed."""
    stamp = Path(sys.prefix) / "aurora-lock.sha256"
    wanted = hashlib.sha256((ROOT / "requirements.lock").read_bytes()).hexdigest()
    well = stamp.exists() and stamp.read_text(encoding="ascii").strip() == wanted
    return Finding("locked packages", well, sys.prefix, "run `make setup`", needed=False)


def _java() -> Finding:
    java = shutil.which("java")
    said = _first_line([java, "-version"]) if java else ""
    version = re.search(r'"(\d+)', said)
    well = version is not None and int(version[1]) >= OLDEST_JAVA
    return Finding("Java", well, said or "none", f"install Java {OLDEST_JAVA} (Debian: default-jre-headless)")


def _jars() -> Finding:
    well = (jars.JARS / "pom.sha256").exists()
    return Finding("Kafka's jars", well, str(jars.JARS) if well else "none", "run `make setup` (needs Maven, once)")


def _maven() -> Finding:
    found = shutil.which("mvn")
    needed = not (jars.JARS / "pom.sha256").exists()
    return Finding("Maven", bool(found), found or "none", "install Maven (Debian: maven)", needed=needed)


def _mongod() -> Finding:
    try:
        binary = mongo.binary()
        major, minor = mongo.version_of(binary)
    except (RuntimeError, OSError, subprocess.SubprocessError) as trouble:
        return Finding(
            "mongod", well=False, found=str(trouble), fix="run `make setup`, or install MongoDB 6.0 or later"
        )
    return Finding("mongod", (major, minor) >= mongo.OLDEST, f"{major}.{minor} at {binary}", "run `make setup`")


def _caddy() -> Finding:
    try:
        found = str(gateway.binary())
    except RuntimeError as trouble:
        return Finding("Caddy", well=False, found=str(trouble), fix="run `make setup`")
    return Finding("Caddy", well=True, found=found)


def _ports() -> Finding:
    running = state.read(state.default_folder())
    if running and running.running:
        return Finding("ports", well=True, found="in use by this stack")
    taken = [f"{port} ({name})" for name, port in PREFERRED.items() if not free(port)]
    found = f"in use: {', '.join(taken)}" if taken else "all free"
    return Finding("ports", not taken, found, "nothing: `aurora up` takes the next free ones", needed=False)


def _disk() -> Finding:
    there = shutil.disk_usage(ROOT).free / 1e9
    return Finding("disk", there >= DISK_GIGABYTES, f"{there:.0f} GB free", f"make {DISK_GIGABYTES} GB free")


def _memory() -> Finding:
    there = psutil.virtual_memory().available / 1e9
    fix = f"end other programs: the stack needs about {MEMORY_GIGABYTES} GB"
    return Finding("memory", there >= MEMORY_GIGABYTES, f"{there:.1f} GB free", fix, needed=False)


def _keys() -> Finding:
    key = state.default_folder() / "keys" / "jwks.json"
    return Finding(
        "signing key", key.exists(), str(key) if key.exists() else "none", "`aurora up` makes it", needed=False
    )


def _browser() -> Finding:
    found = next((path for name in BROWSERS if (path := shutil.which(name))), "")
    return Finding(
        "browser", bool(found), found or "none",
        "for the browser test: install chromium (Debian: chromium)", needed=False,
    )  # fmt: skip


def _project() -> Finding:
    found = importlib.util.find_spec("services")
    return Finding("the project", found is not None, str(ROOT), "run `make setup`")


LOOKS: tuple[Callable[[], Finding], ...] = (
    _python, _packages, _project, _java, _maven, _jars, _mongod, _caddy, _ports, _disk, _memory, _keys, _browser,
)  # fmt: skip


def _first_line(command: list[str]) -> str:
    ran = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    return (ran.stdout + ran.stderr).partition("\n")[0]


def _table(findings: list[Finding]) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in ("", "what", "found", "what would fix it"):
        table.add_column(heading)
    for row in _rows(findings):
        table.add_row(*row)
    return table


def _rows(findings: list[Finding]) -> Iterator[tuple[str, str, str, str]]:
    for finding in findings:
        mark = "[green]well[/]" if finding.well else "[red]missing[/]" if finding.needed else "[yellow]note[/]"
        yield mark, finding.what, finding.found, "" if finding.well else finding.fix
