"""What MongoDB writes down says nothing of a student, and nobody else on the machine reads it."""

import stat

import pytest
from pymongo import MongoClient

from deploy.local import mongo, ports, processes
from deploy.local.mongo import Mongod

MARK = "canaryvalue"


@pytest.mark.real
def test_a_slow_command_is_not_written_down(tmp_path, request):
    member = Mongod(tmp_path, ports.any_free(), cache_gigabytes=0.25, oplog_megabytes=64)
    log = tmp_path / "mongo.log"
    process = processes.start(member.program(log))
    request.addfinalizer(lambda: processes.stop(process))
    mongo.wait([member], [process], log)
    with MongoClient(mongo.url_of([member])) as client:
        client.x.records.insert_one({"student_id": MARK})
        found = list(client.x.records.find({"student_id": MARK, "$where": "sleep(300) || true"}))

    assert len(found) == 1
    assert "Waiting for connections" in log.read_text()
    assert MARK not in log.read_text()
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
