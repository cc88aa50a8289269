"""The credentials service in the test's own process, and what its callers do."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from services.credentials.main import PRODUCER
from shared.process.settings import Settings
from tests.producer_app import Came, Served, started


class Credentials(Served):
    """A client of the service; `by(...)` is another caller."""

    async def ids(self, **params: Any) -> list[str]:
        return [item["id"] for item in (await self.get("/awards", **params))["items"]]

    async def put(self, code: str, status: int | None = None, **body: Any) -> Any:
        response = await self.ask("PUT", f"/catalogue/{code}", json=body)
        assert response.status_code in ((status,) if status else (200, 201)), response.text
        return response.json() | {
            "outcome": response.headers.get("Aurora-Outcome"),
            "restated": int(response.headers.get("Aurora-Restated", 0)),
        }

    async def catalogued(self, code: str, *tiers: tuple[str, str | None, str], **more: Any) -> Any:
        dated = [{"program_id": one, "tier": tier, "valid_from": day} for one, tier, day in tiers]
        return await self.put(
            code, **{"title": code, "issuer": "Sample", "type": "Certification", "tiers": dated, **more}
        )

    async def log(self, status: int | None = None, *, key: str | None = None, **body: Any) -> Any:
        plain = {"student_id": "p1", "credential_code": "osha-10", "result": "passed", "awarded_on": "2025-05-20"}
        sent = {name: value for name, value in {**plain, **body}.items() if value is not ...}
        response = await self.ask("POST", "/awards", json=sent, headers={"Idempotency-Key": key or uuid4().hex})
        assert response.status_code in ((status,) if status else (200, 201)), response.text
        return response.json() | {"outcome": response.headers.get("Aurora-Outcome")}

    async def batch(
        self, rows: list[Any], status: int = 200, *, key: str | None = None, dry_run: bool = False, **body: Any
    ) -> Any:
        sent = {
            "credential_code": "osha-10",
            "awarded_on": "2025-05-20",
            "rows": [{"student_id": row} if isinstance(row, str) else row for row in rows],
            **body,
        }
        response = await self.ask(
            "POST",
            "/awards/batch",
            json=sent,
            params={"dry_run": dry_run},
            headers={"Idempotency-Key": key or uuid4().hex},
        )
        assert response.status_code == status, response.text
        return response.json()

    async def act(
        self,
        id: str,
        action: str,
        version: int | None,
        status: int = 200,
        *,
        key: str | None = None,
        **body: Any,
    ) -> Any:
        headers = ({"If-Match": f'"{version}"'} if version is not None else {}) | (
            {"Idempotency-Key": key} if key else {}
        )
        method, path = ("PATCH", f"/awards/{id}") if action == "correct" else ("POST", f"/awards/{id}/{action}")
        response = await self.ask(method, path, json=body, headers=headers)
        assert response.status_code == status, response.text
        return response.json() | {"outcome": response.headers.get("Aurora-Outcome")}

    async def furnish(self) -> None:
        """People, and a credential for welders."""
        await self.people()
        await self.catalogued("osha-10", ("welding", "required", "2020-07-01"), ("nursing", "other", "2020-07-01"))


@asynccontextmanager
async def running(settings: Settings, keys: Path, **changes: Any) -> AsyncIterator[Credentials]:
    """The service, ready; the caller is a data manager of everything."""
    async with started(PRODUCER, settings, keys, Credentials, **changes) as opened:
        yield opened


@asynccontextmanager
async def settled(settings: Settings, keys: Path, *told: Came) -> AsyncIterator[Credentials]:
    """`running`, furnished, told these besides, and with all of roster heard."""
    async with running(settings, keys) as opened:
        await opened.furnish()
        await opened.told(*told)
        await opened.all_heard()
        yield opened
