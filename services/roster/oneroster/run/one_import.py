"""One import goes from its opened package to its last row, and is written down as it goes."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import structlog

from services.roster.oneroster.apply.applying import Applying
from services.roster.oneroster.check.checked import Checked
from services.roster.oneroster.check.forgotten import Forgotten
from services.roster.oneroster.check.inspection import check, nobody_in, survey
from services.roster.oneroster.keep.delta import add_roles, known_before
from services.roster.oneroster.keep.endings import Endings, endings
from services.roster.oneroster.keep.intake import end, keep
from services.roster.oneroster.keep.wish import Wish
from services.roster.oneroster.read.findings import Finding, NothingApplied
from services.roster.oneroster.read.manifest import Manifest
from services.roster.oneroster.read.package import Package
from services.roster.oneroster.run.imports import (
    KEPT_PROBLEMS,
    SEND_AGAIN,
    WENT_ON,
    Imports,
    ImportStatus,
    Overtaken,
    Turn,
)
from services.roster.oneroster.run.notes import Notes
from services.roster.oneroster.run.package_store import Packages
from services.roster.oneroster.run.stages import Stages
from services.roster.sources import identifier_of
from shared.errors import Retryable
from shared.mongo import MongoError, unavailable

BEAT_SECONDS = 3.0
OTHERS_FIRST = "it waits until imports of other sources have ended"
log = structlog.get_logger(__name__)


def told_of(counts: Mapping[str, int]) -> str:
    """What came of the program enrolments, in words; nothing when nothing did."""
    words = {"created": "new", "changed": "changed", "void": "taken out", "refused": "refused"}
    told = [f"{counts[name]} {word}" for name, word in words.items() if counts.get(name)]
    return f"program enrolments that follow from classes: {', '.join(told)}" if told else ""


class Waits(Exception):
    """The import applies nothing until somebody agrees to all that it would end."""


@dataclass(slots=True)
class Run:
    """An import that runs: what it has done so far, and how it ends."""

    turn: Turn
    imports: Imports
    packages: Packages
    package: Package
    manifest: Manifest
    wish: Wish
    year: tuple[str, str]  # the first and the last day
    checked: Checked = field(default_factory=Checked)
    stages: Stages = field(default_factory=Stages)
    notes: Notes = field(default_factory=Notes)
    problems: int = 0
    kept_problems: int = 0
    says: str = ""
    confirmed: int | None = None  # so many endings the sender knows of
    earlier: bool = False  # a year before that of the source's last package: nothing ends by it
    room: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))  # shared by all of the service
    agreed: bool = False  # an earlier turn had begun to apply it: the endings were agreed to then

    @property
    def id(self) -> str:
        return self.turn.id

    async def to_its_end(self) -> None:
        """Check everything, then apply; whatever happens, the record of the import says so.

        A process that is killed says nothing: when the import has been silent for a while,
        another process takes its turn, with the package as it was kept. So it is when the
        service is stopped, at once, and when the database does not answer.
        """
        beating = asyncio.create_task(self._beat())
        try:
            async with await self._its_turn():
                await self._check_and_apply()
            dry = "this was a dry run: nothing was written" if self.wish.dry_run else ""
            again = WENT_ON if self.wish.again else ""
            await self._end("done", "; ".join(part for part in (dry, self.says, again, self._more()) if part))
        except Waits as waits:
            await self._end("waiting", str(waits))
        except NothingApplied as stopped:
            await self._tell_notes()
            await self._note(stopped.findings, always=True)
            await self._end("refused", "; ".join(part for part in ("nothing was applied", self._more()) if part))
        except Overtaken:
            log.warning("an import is in other hands, or was declared dead, while it ran", id=self.id)
        except asyncio.CancelledError:
            await self._leave()
            raise
        except Exception as error:
            if isinstance(error, Retryable) or unavailable(error):
                log.warning("an import stops, and is taken up again", id=self.id, why=repr(error))
                return
            log.exception("import failed", id=self.id)
            await self._end("failed", f"something broke on our side; {SEND_AGAIN}")
        finally:
            beating.cancel()

    async def _its_turn(self) -> asyncio.Semaphore:
        """Room among the imports that run; while there is none, the record says that it waits."""
        if self.room.locked():
            await self.imports.go_on(self.turn, says=OTHERS_FIRST)
        return self.room

    async def _check_and_apply(self) -> None:
        """Check, see what would end, apply, and only then keep and end what the source has.

        A crash before the last step leaves whole records and the source as it was: the next turn
        ends with the same records.
        """
        self.checked, lines = await asyncio.to_thread(survey, self.package, self.manifest)
        self.stages.begin(lines)
        await self._stage("checking")
        wish, kept = self.wish, self.wish.kept
        before = await known_before(kept, self.manifest, self.checked)
        is_state_id = await identifier_of(wish.store, self.manifest.source) == "state_id"
        self.checked.identifier_is_state_id = is_state_id
        erased = await wish.store.all_erased()
        self.checked.forgotten = Forgotten(self.manifest.source, erased, identifier_is_state_id=is_state_id)
        steps = check(self.package, self.manifest, self.checked, self.year, before)
        while (step := await asyncio.to_thread(next, steps, None)) is not None:
            await self._tell(step.rows, step.findings)
        await add_roles(kept, self.manifest, self.checked, self.year)
        await self._tell_notes()
        if nobody := nobody_in(self.manifest, self.checked, wish.school_year):
            if nobody.effect == "stops_all":
                raise NothingApplied([nobody])
            await self._note([nobody])
        ending = Endings()
        if not self.earlier:
            ending = await endings(
                kept, self.manifest, self.checked, wish.today, reachable_users=await wish.reachable_users()
            )
            if not self.agreed and (says := ending.must_wait(self.confirmed)):
                self.says = says
                if not wish.dry_run:
                    raise Waits(says)
        await self._note(ending.notes)
        applying = Applying(wish, self.package, self.manifest, self.checked, self._tell)
        keeps = 0 if self.earlier else sum(self.checked.tally[each.file].read for each in self.manifest.layouts)
        self.stages.second(applying.to_do() + keeps)
        await self._stage("applying")
        await applying.run()
        if not self.earlier:
            await keep(wish, self.package, self.manifest, self.checked, self._tell)
            await end(wish, self.manifest, self.checked, ending)
        await self._tell_notes()
        if not self.earlier and not wish.dry_run:
            self.says = told_of(await wish.derive())

    async def _stage(self, status: ImportStatus) -> None:
        await self.imports.go_on(self.turn, status=status, **self._told())

    async def _tell(self, rows: int, findings: Sequence[Finding]) -> None:
        """Note that so many rows more are done, and what was found. Raise Overtaken when it was declared dead."""
        self.stages.further(rows)
        await self._note(self.notes.sift(findings))
        await self.imports.go_on(self.turn, **self._told())

    async def _tell_notes(self) -> None:
        await self._note(self.notes.gathered())

    async def _note(self, findings: Sequence[Finding], *, always: bool = False) -> None:
        """Keep what was found, the first so many; why all was stopped is kept `always`."""
        room = len(findings) if always else max(0, KEPT_PROBLEMS - self.kept_problems)
        await self.imports.note(self.turn, self.kept_problems, findings[:room])
        self.kept_problems += min(room, len(findings))
        self.problems += len(findings)

    def _more(self) -> str:
        """What to say when more was found than is kept."""
        if self.problems == self.kept_problems:
            return ""
        return f"{self.problems:,} problems were found, of which the first {self.kept_problems:,} are kept"

    async def _end(self, status: ImportStatus, says: str) -> None:
        if status == "done":
            self.stages.end()
        try:
            await self.imports.end(self.turn, status, says=says, **self._told())
        except (Overtaken, MongoError) as error:
            log.warning("the end of an import is not written: another turn will do it", id=self.id, why=repr(error))
        else:
            log.info("import ended", id=self.id, status=status, problems=self.problems)
            await self._drop()

    async def _drop(self) -> None:
        try:
            await self.packages.drop(self.id)
        except MongoError as error:
            log.warning("a package stays until the database removes it", id=self.id, why=repr(error))

    async def _leave(self) -> None:
        try:
            await self.imports.leave(self.turn)
        except MongoError as error:
            log.warning("an import could not be left to others at once", id=self.id, why=repr(error))

    def _told(self) -> dict[str, object]:
        return {
            "progress": {"done": self.stages.done, "total": self.stages.total},
            "counts": self.checked.tally.as_document(),
            "problems_total": self.problems,
        }

    async def _beat(self) -> None:
        """Note that the import is alive, also through steps that take long."""
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            try:
                await self.imports.go_on(self.turn)
            except Overtaken:
                return
            except MongoError as error:
                log.warning("an import cannot sound alive", id=self.id, why=repr(error))
