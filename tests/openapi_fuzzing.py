"""schemathesis over a running service's OpenAPI document, within a bounded time."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

# A well-formed request may name what does not exist, break a rule, or be decided on an old
# version: the document cannot say so, and 400, 412, 422 and 428 are the right answers.
BY_DESIGN = "positive_data_acceptance"
# Enough for every example and every operation; `make test-all` goes on for longer.
SECONDS = 60 if os.environ.get("HYPOTHESIS_PROFILE") == "thorough" else 15


def findings(url: str, token: str, folder: Path, *, without: Sequence[str] = ()) -> str:
    """What schemathesis finds, or nothing; `without` names operations whose bodies it cannot make."""
    command = [
        *(sys.executable, "-c", "from schemathesis.cli import schemathesis; schemathesis()", "run"),
        f"{url}/openapi.json",
        *("--header", f"Authorization: Bearer {token}"),
        *("--exclude-checks", BY_DESIGN),
        *("--phases", "examples,coverage,fuzzing"),
        *("--max-examples", "5", "--max-time", str(SECONDS), "--seed", "1", "--no-color", "--continue-on-failure"),
        *(part for each in without for part in ("--exclude-operation-id", each)),
    ]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=4 * SECONDS + 60, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def without_example(document):
    """Every operation that takes a JSON body of which the document gives no example: nobody can try it."""
    return [operation for operation in _operations(document) if not _has_example(document, operation)]


def _operations(document):
    """Every operation that takes a JSON body."""
    for path in document["paths"].values():
        for operation in path.values():
            if "application/json" in operation.get("requestBody", {}).get("content", {}):
                yield operation


def _has_example(document, operation):
    name = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    return bool(document["components"]["schemas"][name].get("examples"))
