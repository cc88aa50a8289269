"""Each thing worth knowing is one JSON line on stderr, and never holds a value that could be a name."""

import logging
import sys
import traceback
from typing import Any

import structlog
from structlog.typing import EventDict, WrappedLogger

from shared.errors import Retryable, Stopped

# Whose messages can be shown: they hold code and addresses. Any other error may quote what
# somebody typed (a duplicate key, a field that would not parse), so only its kind is logged.
TELLING = (AttributeError, TypeError, NameError, ImportError, OSError, TimeoutError, RuntimeError, Retryable, Stopped)
TELLING_PACKAGES = ("aiokafka", "httpx", "httpcore")
FRAMES_MAX = 8


def configure(service: str, *, level: int = logging.INFO) -> None:
    """Send everything that is logged, by us or by a library, through structlog to stderr."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        without_values,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _naming(service),
                structlog.processors.JSONRenderer(default=str),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=level, force=True)
    for noisy in ("aiokafka", "httpx", "pymongo", "faststream"):
        logging.getLogger(noisy).setLevel(max(level, logging.WARNING))


def _naming(service: str) -> Any:
    def named(_: WrappedLogger, __: str, line: EventDict) -> EventDict:
        return {"service": service, **line}

    return named


def without_values(_: WrappedLogger, __: str, line: EventDict) -> EventDict:
    """Put an exception's kind and frames in the line; its message only when it tells of code."""
    given = line.pop("exc_info", None)
    error = sys.exc_info()[1] if given is True else given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        line["error_kind"] = f"{type(error).__module__}.{type(error).__qualname__}"
        frames = traceback.extract_tb(error.__traceback__)[-FRAMES_MAX:]
        line["frames"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        if isinstance(code := getattr(error, "code", None), int):
            line["error_code"] = code  # MongoDB's number says what its message may not
        if tells(error):
            line.setdefault("error", str(error))
    return line


def tells(error: BaseException) -> bool:
    """Whether the error's message is about code or addresses, and so may be logged."""
    package = type(error).__module__.partition(".")[0]
    return isinstance(error, TELLING) or package in TELLING_PACKAGES
