"""A peer: FastAPI, pydantic and Motor as most would write it, one insert a request, majority and journaled."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from typing import Literal

import uvicorn
from fastapi import FastAPI
from motor.motor_asyncio import AsyncIOMotorClient
from pydantic import BaseModel


class Verification(BaseModel):
    level: str
    verified_on: date
    outcome: str


class Award(BaseModel):
    student_id: str
    credential_code: str
    result: Literal["passed", "failed", "in_progress"]
    awarded_on: date | None = None
    verification: Verification | None = None


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    client: AsyncIOMotorClient = AsyncIOMotorClient(os.environ["PEER_MONGO_URL"], w="majority", journal=True)
    app.state.awards = client[os.environ["PEER_DATABASE"]]["awards"]
    await app.state.awards.create_index([("student_id", 1), ("credential_code", 1)])
    yield
    client.close()


app = FastAPI(lifespan=lifespan)


@app.post("/v1/awards", status_code=201)
async def record_award(award: Award) -> dict[str, str]:
    """Keep an award: no idempotency, no scope, no catalogue, no history, no outbox."""
    kept = await app.state.awards.insert_one(award.model_dump(mode="json"))
    return {"id": str(kept.inserted_id)}


@app.get("/readyz")
async def readyz() -> dict[str, bool]:
    return {"ready": True}


def serve(app: FastAPI) -> None:
    """As our own services are served."""
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=int(os.environ["PEER_PORT"]),
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
    )


if __name__ == "__main__":
    serve(app)
