"""What the running stack is, as the supervisor writes it down and everyone else reads it."""

from shared.settings import Settings


def environment(settings: Settings) -> dict[str, str]:
    """The settings as the `AURORA_...` variables that a process is started with."""
    return {f"AURORA_{name.upper()}": str(value) for name, value in settings.model_dump().items()}
