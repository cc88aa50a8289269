"""What a test leaves in its databases is never met by the next one that has them."""

import pytest
from pymongo import MongoClient

from tests.databases import Databases


@pytest.fixture
def databases(mongo_url):
    opened = Databases(mongo_url)
    yield opened
    opened.close()


@pytest.fixture
def mongo(mongo_url):
    with MongoClient(mongo_url, readConcernLevel="majority") as client:
        yield client


def test_what_is_lent_again_is_empty_and_keeps_its_indexes(databases, mongo):
    prefix = databases.take()
    found = mongo[f"{prefix}_roster"]["records"]
    found.create_index("kind")
    found.insert_many([{"kind": "student"}, {"kind": "program"}])

    databases.give_back(prefix)

    assert databases.take() == prefix
    assert found.count_documents({}) == 0
    assert "kind_1" in found.index_information()
    assert databases.take() != prefix, "nobody else has it meanwhile"
    databases.drop(prefix)


def test_what_was_left_with_other_indexes_than_it_was_lent_with_is_not_lent_again(databases, mongo):
    prefix = databases.take()
    found = mongo[f"{prefix}_roster"]["records"]
    found.create_index("kind")
    databases.give_back(prefix)
    assert databases.take() == prefix
    found.create_index("void")

    databases.give_back(prefix)

    assert databases.take() != prefix
    assert f"{prefix}_roster" not in mongo.list_database_names()
