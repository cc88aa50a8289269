"""What a MongoDB URL says of reading and writing does not count: only where the servers are."""

import pytest
from pymongo.read_preferences import Primary

from shared import mongo
from shared.process.settings import Settings

SAFE = mongo.JOURNALED


@pytest.mark.parametrize("driver", ["motor", "pymongo"])
@pytest.mark.parametrize(
    "said",
    [
        pytest.param("retryReads=true", id="nothing of it"),
        pytest.param("readPreference=secondary", id="read from a secondary"),
        pytest.param("readPreference=nearest&readPreferenceTags=dc:east&readPreferenceTags=", id="from one nearby"),
        pytest.param("readPreference=secondaryPreferred&maxStalenessSeconds=120", id="from one two minutes behind"),
        pytest.param("w=1&journal=false", id="unsafe writes"),
        pytest.param("readConcernLevel=local", id="reads that a failover takes back"),
    ],
)
async def test_reads_are_the_primarys_and_of_majority_data_and_writes_are_journaled(driver, said):
    client = mongo.connect(Settings(mongo_url=f"mongodb://127.0.0.1:1/?replicaSet=rs&{said}", mongo_driver=driver))

    assert client.read_preference == Primary()
    assert client.read_concern.level == "majority"
    assert client.write_concern == SAFE
    await mongo.close(client)


def test_what_could_not_be_asked_in_a_session_is_not_asked_beside_it():
    view = mongo.InSession({"records": object()}, object())

    with pytest.raises(AttributeError, match="estimated_document_count"):
        view["records"].estimated_document_count()
