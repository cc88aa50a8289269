"""Kafka's official jars, brought by Maven; it needs no package of ours, so that it can run beside their set-up."""

import fcntl
import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
POM = HERE / "pom.xml"
JARS = HERE.parent.parent / ".local" / "kafka" / "libs"


def provide_jars() -> Path:
    """Have Maven copy what pom.xml names, unless it already has; two callers at once wait for each other."""
    wanted = hashlib.sha256(POM.read_bytes()).hexdigest()
    stamp = JARS / "pom.sha256"
    JARS.parent.mkdir(parents=True, exist_ok=True)
    with (JARS.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_text(encoding="ascii") != wanted:
            shutil.rmtree(JARS, ignore_errors=True)
            _copy_jars()
            stamp.write_text(wanted, encoding="ascii")
    return JARS


def _copy_jars() -> None:
    if shutil.which("mvn") is None:
        raise RuntimeError("Maven is missing: install the packages maven and default-jre-headless")
    command = ["mvn", "-q", "-B", "-f", str(POM), "dependency:copy-dependencies"]
    command += ["-DincludeScope=runtime", f"-DoutputDirectory={JARS}"]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)
    if ran.returncode:
        raise RuntimeError(f"Maven could not copy Kafka's jars: {ran.stdout[-4000:]}{ran.stderr[-1000:]}")


if __name__ == "__main__":
    sys.stdout.write(f"Kafka's jars are in {provide_jars()}\n")
