"""The ceiling: FastAPI and pydantic alone. It reads the same body, keeps nothing, and answers."""

from fastapi import FastAPI

from tests.bench.peers.http_insert import Award, readyz, serve

app = FastAPI()
app.get("/readyz")(readyz)


@app.post("/v1/awards", status_code=201)
async def record_award(award: Award) -> dict[str, str]:
    return {"id": award.student_id}


if __name__ == "__main__":
    serve(app)
