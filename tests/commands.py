"""The operator's commands on a test's own Kafka and MongoDB."""

import asyncio
import json

from typer.testing import CliRunner

from deploy.cli.main import app
from deploy.local.state import environment


async def aurora(settings, *arguments, expect=0):
    """What the command answers; it has a loop of its own, so it runs beside the test's."""
    run = CliRunner(env=environment(settings))
    answer = await asyncio.to_thread(run.invoke, app, [str(one) for one in arguments])
    assert answer.exit_code == expect, f"{answer.exit_code}: {answer.output}\n{answer.exception!r}"
    return answer


async def aurora_json(settings, *arguments, expect=0):
    return json.loads((await aurora(settings, *arguments, "--json", expect=expect)).stdout)
