"""The roster service in the test's own process, over a real mongod, and callers of each role."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from services.roster.main import build
from services.roster.store import Store
from shared.doors import local_key
from shared.process.settings import Settings
from tests.apps import Apps

NOW = datetime(2025, 6, 15, 12, tzinfo=UTC)
APPS = Apps(lambda settings: build(settings, now=lambda: NOW))
NAMES = {"given_name": "Sample", "family_name": "Student"}


class Roster:
    """A client of the service; `by(...)` is another caller."""

    def __init__(self, client: httpx.AsyncClient, keys: Path, store: Store, claims: dict[str, Any]) -> None:
        self.client = client
        self.keys = keys
        self.store = store
        self.headers = {"Authorization": f"Bearer {local_key.sign(keys, {'sub': 'manager-1', **claims})}"}

    def by(self, role: str, **claims: Any) -> "Roster":
        return Roster(self.client, self.keys, self.store, {"roles": [role], **claims})

    async def ask(
        self, method: str, path: str, *, headers: dict[str, str] | None = None, **more: Any
    ) -> httpx.Response:
        return await self.client.request(method, f"/v1{path}", headers={**self.headers, **(headers or {})}, **more)

    async def get(self, path: str, status: int = 200, **params: Any) -> Any:
        response = await self.ask("GET", path, params=params)
        assert response.status_code == status, response.text
        return response.json()

    async def ids(self, path: str, **params: Any) -> list[str]:
        return [item["id"] for item in (await self.get(path, **params))["items"]]

    async def put(self, path: str, status: int | None = None, *, version: int | None = None, **body: Any) -> Any:
        headers = {"If-Match": f'"{version}"'} if version is not None else {}
        response = await self.ask("PUT", path, json=body, headers=headers)
        assert response.status_code in ((status,) if status else (200, 201)), response.text
        return response.json() | {"outcome": response.headers.get("Aurora-Outcome")}

    async def void(self, path: str, version: int | None, status: int = 200, *, reason: str = "a mistake") -> Any:
        headers = {"If-Match": f'"{version}"'} if version is not None else {}
        response = await self.ask("POST", f"{path}/void", json={"reason": reason}, headers=headers)
        assert response.status_code == status, response.text
        return response.json()

    async def load(self, kind: str, text: str, status: int = 200, *, dry_run: bool = False) -> Any:
        response = await self.ask(
            "POST",
            f"/{kind}/imports",
            content=text.encode(),
            headers={"Content-Type": "text/csv"},
            params={"dry_run": dry_run},
        )
        assert response.status_code == status, response.text
        return response.json()

    async def maps(self, organisation: str, *names: str) -> Any:
        """Say that an organisation is what sources mean by these names, `<source>:<sourcedId>`."""
        pairs = [dict(zip(("source", "sourced_id"), name.split(":"), strict=True)) for name in names]
        return await self.put(f"/organisations/{organisation}/sources", sources=pairs)

    async def furnish(self) -> None:
        """A cted with a central campus, and two districts with a school and a satellite campus each."""
        await self.put("/organisations/cted", name="Sample", type="cted", time_zone="America/Phoenix")
        await self.put("/organisations/central", name="Central", type="central_campus", parent_id="cted")
        for name in ("north", "south"):
            await self.put(f"/organisations/{name}", name=name, type="district", parent_id="cted")
            await self.put(f"/organisations/{name}-high", name=name, type="school", parent_id=name)
            await self.put(f"/organisations/{name}-sat", name=name, type="satellite_campus", parent_id=name)
        for name in ("welding", "baking"):
            await self.put(
                f"/programs/{name}", title=name, cip_code="48.0508", cluster="Sample", active_from="2019-07-01"
            )

    async def student(self, name: str, school: str = "north-high", **fields: Any) -> Any:
        years = [{"school_year": "2024-25", "school_id": school, "grade_level": "12"}]
        return await self.put(f"/students/{name}", **{**NAMES, "years": years, **fields})

    async def enrol(self, id: str, student: str, program: str = "welding", at: str = "central", **fields: Any) -> Any:
        placed = {"student_id": student, "program_id": program, "organisation_id": at}
        return await self.put(f"/enrolments/{id}", **{**placed, "begin": "2024-08-05", **fields})


@asynccontextmanager
async def running(settings: Settings, keys: Path) -> AsyncIterator[Roster]:
    """The service, ready; the caller is a data manager of everything."""
    with APPS.lent(settings) as app:
        client = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://roster")
        async with app.router.lifespan_context(app), client:
            await app.state.desk.store.prepare()
            opened = Roster(client, keys, app.state.desk.store, {"roles": ["data_manager"], "districts": ["*"]})
            opened.app = app
            yield opened
