"""A peer that promises what we do, as most would write it: one transaction, an outbox, and a publisher that polls."""

import asyncio
import hashlib
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from uuid import uuid4

import jwt
from aiokafka import AIOKafkaProducer
from fastapi import Depends, FastAPI, Header, HTTPException, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorClientSession, AsyncIOMotorDatabase
from pymongo.errors import DuplicateKeyError

from tests.bench.peers.http_insert import Award, readyz, serve

AT_ONCE, POLL_SECONDS = 500, 0.05
ISSUER, AUDIENCE = os.environ["PEER_ISSUER"], os.environ["PEER_AUDIENCE"]
KEYS = {key.key_id: key for key in jwt.PyJWKSet.from_json(Path(os.environ["PEER_JWKS"]).read_text()).keys}


async def caller(sent: Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())]) -> str:
    """Who is asking, by a token that holds and has the role."""
    try:
        key = KEYS[jwt.get_unverified_header(sent.credentials)["kid"]]
        claims = jwt.decode(sent.credentials, key, algorithms=["RS256", "ES256"], issuer=ISSUER, audience=AUDIENCE)
    except (jwt.PyJWTError, KeyError) as error:
        raise HTTPException(401, "the token does not hold") from error
    if "service" not in claims.get("roles", []):
        raise HTTPException(403, "the token's roles do not open this")
    return str(claims["sub"])


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    client: AsyncIOMotorClient = AsyncIOMotorClient(os.environ["PEER_MONGO_URL"], w="majority", journal=True)
    app.state.client, app.state.db = client, client[os.environ["PEER_DATABASE"]]
    await app.state.db["awards"].create_index(
        [("student_id", 1), ("credential_code", 1), ("awarded_on", 1)], unique=True
    )
    # Made within transactions that run beside each other, they would conflict.
    for name in ("keys", "outbox"):
        await app.state.db.create_collection(name)
    producer = AIOKafkaProducer(bootstrap_servers=os.environ["PEER_KAFKA"], acks="all")
    await producer.start()
    publishing = asyncio.create_task(publish(app.state.db, producer))
    yield
    publishing.cancel()
    with suppress(asyncio.CancelledError):
        await publishing
    await producer.stop()
    client.close()


async def publish(db: AsyncIOMotorDatabase, producer: AIOKafkaProducer) -> None:
    """Send what the outbox holds, oldest first, and take it out once it is acknowledged; for ever."""
    while True:
        rows = await db["outbox"].find().sort("_id", 1).limit(AT_ONCE).to_list(None)
        if not rows:
            await asyncio.sleep(POLL_SECONDS)
            continue
        sent = [
            await producer.send(os.environ["PEER_TOPIC"], row["event"].encode(), row["key"].encode()) for row in rows
        ]
        await asyncio.gather(*sent)
        await db["outbox"].delete_many({"_id": {"$in": [row["_id"] for row in rows]}})


app = FastAPI(lifespan=lifespan)
app.get("/readyz")(readyz)


@app.post("/v1/awards", status_code=201)
async def record_award(
    award: Award, response: Response, by: Annotated[str, Depends(caller)], idempotency_key: Annotated[str, Header()]
) -> dict[str, str]:
    """Keep an award, its event and the key, all or nothing; the same key again is the same award."""
    db: AsyncIOMotorDatabase = app.state.db
    if await db["students"].find_one({"_id": award.student_id}, {"_id": 1}) is None:
        raise HTTPException(404, "there is no such student")
    id, key = uuid4().hex, f"{by}/{idempotency_key}"
    digest = hashlib.sha256(award.model_dump_json().encode()).hexdigest()
    kept = award.model_dump(mode="json") | {"_id": id, "by": by, "at": datetime.now(UTC).isoformat()}

    async def write(session: AsyncIOMotorClientSession) -> None:
        await db["keys"].insert_one({"_id": key, "award": id, "digest": digest}, session=session)
        await db["awards"].insert_one(kept, session=session)
        await db["outbox"].insert_one({"key": award.student_id, "event": json.dumps(kept)}, session=session)

    try:
        async with await app.state.client.start_session() as session:
            await session.with_transaction(write)
    except DuplicateKeyError as error:
        before = await db["keys"].find_one({"_id": key})
        if before is None:
            raise HTTPException(409, "this student has that award already") from error
        if before["digest"] != digest:
            raise HTTPException(422, "this key was sent with another body") from error
        response.status_code = 200
        return {"id": before["award"]}
    return {"id": id}


if __name__ == "__main__":
    serve(app)
