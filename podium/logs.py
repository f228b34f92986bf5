"""What a process writes about itself: one line an event, for people on a terminal, else as JSON."""

import logging
import sys
from typing import Any

import structlog
from structlog.typing import EventDict, Processor

from podium.plain import plain, plain_lines
from podium.settings import Log

# Libraries that tell at `info` what only their authors want to know.
QUIET = ("aiokafka", "asyncio", "faust", "kafka", "mode", "streams.app", "uvicorn")


def is_human(log: Log) -> bool:
    """Whether lines are for people; `auto` looks at where they go."""
    return log.form == "human" or (log.form == "auto" and sys.stderr.isatty())


def configure(log: Log, part: str = "") -> None:
    """Send structlog and the standard library's logging to stderr in one form; `part` names the process."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="%H:%M:%S" if is_human(log) else "iso", utc=not is_human(log), key="ts"),
    ]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=_renderers(log, part))
    )
    root = logging.getLogger()
    root.handlers, root.level = [handler], getattr(logging, log.level.upper())
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        # Loggers that were used before take a later configuration on too.
        cache_logger_on_first_use=False,
    )


def _renderers(log: Log, part: str) -> list[Processor]:
    remove = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    if is_human(log):
        console = structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), timestamp_key="ts", pad_event_to=0,
            exception_formatter=structlog.dev.plain_traceback,
        )  # fmt: skip
        return [remove, structlog.processors.format_exc_info, _harmless, console]
    named: list[Processor] = [_naming(part)] if part else []
    return [remove, *named, structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]


def _harmless(_: Any, __: str, event: EventDict) -> EventDict:
    """No value of others ends the line or acts on the terminal; a traceback keeps its lines. JSON escapes by itself."""
    shown = {name: plain(value if isinstance(value, str) else repr(value)) for name, value in event.items()}
    kept = {name: plain_lines(event[name]) for name in ("exception", "stack") if isinstance(event.get(name), str)}
    return {**shown, **kept}


def _naming(part: str) -> Processor:
    return lambda _, __, event: {"ts": event.pop("ts", None), "part": part, **event}
