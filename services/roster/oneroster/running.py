"""One import from its opened package to its last row, written down as it goes."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import structlog

from services.roster.oneroster.applying import Applying, Wish
from services.roster.oneroster.checking import Checked, check, survey
from services.roster.oneroster.findings import Finding, NothingApplied
from services.roster.oneroster.imports import SEND_AGAIN, Imports, Overtaken, Status
from services.roster.oneroster.manifest import Manifest
from services.roster.oneroster.package import Package
from shared.mongo import MongoError

BEAT_SECONDS = 3.0
log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Run:
    """An import that runs: what it has done so far, and how it ends."""

    id: str
    imports: Imports
    package: Package
    manifest: Manifest
    wish: Wish
    year: tuple[str, str]  # the first and the last day
    checked: Checked = field(default_factory=Checked)
    done: int = 0
    total: int = 0
    problems: int = 0

    async def to_its_end(self) -> None:
        """Check everything, then apply; whatever happens, the record of the import says so.

        A process that is killed says nothing: its import is declared dead when it has been
        silent for a while.
        """
        beating = asyncio.create_task(self._beat())
        try:
            await self._check_and_apply()
            await self._end("done", "this was a dry run: nothing was written" if self.wish.dry_run else "")
        except NothingApplied as stopped:
            await self._note(stopped.findings)
            await self._end("refused", "nothing was applied")
        except Overtaken:
            log.warning("import was declared dead while it ran", id=self.id)
        except asyncio.CancelledError:
            await self._end("failed", f"the service was stopped in the middle of this import; {SEND_AGAIN}")
            raise
        except Exception:
            log.exception("import failed", id=self.id)
            await self._end("failed", f"something broke on our side; {SEND_AGAIN}")
        finally:
            beating.cancel()

    async def _check_and_apply(self) -> None:
        self.checked, lines = await asyncio.to_thread(survey, self.package, self.manifest)
        await self._stage("checking", lines)
        steps = check(self.package, self.manifest, self.checked, self.year)
        while (step := await asyncio.to_thread(next, steps, None)) is not None:
            await self._tell(step.rows, step.findings)
        applying = Applying(self.wish, self.package, self.checked, self._tell)
        await self._stage("applying", applying.to_do())
        await applying.run()

    async def _stage(self, status: Status, total: int) -> None:
        self.done, self.total = 0, total
        await self.imports.go_on(self.id, status=status, **self._told())

    async def _tell(self, rows: int, findings: Sequence[Finding]) -> None:
        """So many rows more are done, and this was found. Raise Overtaken when the import was declared dead."""
        self.done = min(self.done + rows, self.total)
        await self._note(findings)
        await self.imports.go_on(self.id, **self._told())

    async def _note(self, findings: Sequence[Finding]) -> None:
        await self.imports.note(self.id, self.problems, findings)
        self.problems += len(findings)

    async def _end(self, status: Status, says: str) -> None:
        if status == "done":
            self.done = self.total
        try:
            await self.imports.end(self.id, status, says=says, **self._told())
        except (Overtaken, MongoError) as error:
            log.warning(
                "the end of an import is not written: it is or will be declared dead", id=self.id, why=repr(error)
            )
        else:
            log.info("import ended", id=self.id, status=status, problems=self.problems)

    def _told(self) -> dict[str, object]:
        return {
            "progress": {"done": self.done, "total": self.total},
            "counts": self.checked.tally.as_document(),
            "problems_total": self.problems,
        }

    async def _beat(self) -> None:
        """Sound alive through steps that take long. The work itself notices when it was declared dead."""
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            try:
                await self.imports.go_on(self.id)
            except Overtaken:
                return
            except MongoError as error:
                log.warning("an import cannot sound alive", id=self.id, why=repr(error))
