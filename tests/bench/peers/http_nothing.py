"""The ceiling: FastAPI and pydantic alone. It reads the same body, keeps nothing, and answers."""

import os
from datetime import date
from typing import Literal

import uvicorn
from fastapi import FastAPI
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


app = FastAPI()


@app.post("/v1/awards", status_code=201)
async def record_award(award: Award) -> dict[str, str]:
    return {"id": award.student_id}


@app.get("/readyz")
async def readyz() -> dict[str, bool]:
    return {"ready": True}


if __name__ == "__main__":
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=int(os.environ["PEER_PORT"]),
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
    )
