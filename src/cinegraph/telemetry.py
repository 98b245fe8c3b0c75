"""
How low ranks report what happened without importing who listens.

`emit` calls every handler attached for the event, in order, in the caller's task; a handler that raises is logged
and skipped, so observing never breaks the observed. Event names: `cinegraph.<package>.<thing>.<past participle>`.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog

type Handler = Callable[[str, dict[str, object]], None]

_handlers: dict[str, list[Handler]] = {}
_log = structlog.get_logger(__name__)


def attach(event: str, handler: Handler) -> Callable[[], None]:
    """Call *handler* for every *event* from now on; the returned function takes it off again."""
    _handlers.setdefault(event, []).append(handler)

    def detach() -> None:
        listeners = _handlers.get(event, [])
        if handler in listeners:
            listeners.remove(handler)

    return detach


def emit(event: str, **facts: object) -> None:
    """Tell the handlers of *event* what happened."""
    for handler in tuple(_handlers.get(event, ())):
        try:
            handler(event, facts)
        except Exception:  # noqa: BLE001 - observing never breaks the observed
            _log.exception("telemetry handler failed", telemetry_event=event)


@contextmanager
def span(event: str, **facts: object) -> Iterator[dict[str, object]]:
    """Emit *event* when the block ends, with `elapsed_seconds` and what the block added to the yielded dict."""
    started = time.perf_counter()
    try:
        yield facts
    finally:
        emit(event, **facts, elapsed_seconds=time.perf_counter() - started)
