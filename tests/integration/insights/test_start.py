"""Insights stands by itself: before anything is counted, and while the database is away."""

from tests.insights_world import asking, close_world, open_world

LEADER = {"roles": ["leader"], "districts": ["*"]}


async def test_before_the_aggregator_has_ever_run_the_board_says_that_nothing_is_known(ask) -> None:
    board = await ask(LEADER, "/v1/scoreboard")
    page = await ask(LEADER, "/goals/W1")
    ready = await ask(None, "/readyz")

    assert board.status_code == 200, board.text
    assert board.json()["goals"][0]["readings"][0]["status_as_counted"] == "no_data"
    assert (page.status_code, ready.status_code) == (200, 200)
    assert ready.json()["details"]["stale"] is True


async def test_while_collections_are_made_and_indexed_the_board_can_be_read(ask, mongo_settings) -> None:
    for _ in range(3):
        world = await open_world(mongo_settings)
        answer = await ask(LEADER, "/v1/scoreboard")
        await world.client.drop_database(mongo_settings.database("aggregator"))
        await close_world(world)
        assert answer.status_code == 200, answer.text


async def test_a_database_that_is_away_is_told_in_words_and_as_a_page(mongo_settings, keys, clock) -> None:
    away = mongo_settings.model_copy(
        update={"mongo_url": "mongodb://127.0.0.1:9/?replicaSet=rs0", "mongo_timeout_seconds": 0.5}
    )
    async with asking(away, keys, clock) as ask:
        board = await ask(LEADER, "/v1/scoreboard")
        page = await ask(LEADER, "/")
        alive = await ask(None, "/livez")
        ready = await ask(None, "/readyz")

    assert (board.status_code, page.status_code, alive.status_code, ready.status_code) == (503, 503, 200, 503)
    assert board.headers["retry-after"] == page.headers["retry-after"] == "2"
    assert "the database does not answer" in board.json()["detail"]
    assert "A part of Aurora does not answer just now" in page.text
