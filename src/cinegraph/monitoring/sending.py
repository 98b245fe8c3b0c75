"""Sending one message to one address, by Apprise: e-mail, Slack, ntfy, webhooks and a hundred more."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, override

from cinegraph.scrubbing import presentable

_LONGEST_PROBLEM: Final = 300


class _Ear(logging.Handler):
    """Hears what Apprise says went wrong, which it tells its log alone."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.told: list[str] = []

    @override
    def emit(self, record: logging.LogRecord) -> None:
        self.told.append(record.getMessage())


def prepare() -> None:
    """Load what sending needs: seconds where a machine is busy, which are nobody's fault."""
    import apprise  # noqa: F401, PLC0415 - a tenth of a second and 20 MB that only a node with addresses needs


def send(url: str, title: str, body: str) -> str | None:
    """
    Send a message; blocks for seconds, so it is called in a thread.

    Returns:
        Why it was not sent, without secrets; None: it was.
    """
    import apprise  # noqa: PLC0415 - see `prepare`

    asset = apprise.AppriseAsset(app_id="Cinegraph", app_desc="Cinegraph", app_url="")
    client = apprise.Apprise(asset=asset)
    with _listening() as told:
        if not client.add(url):
            return "Apprise does not understand this address"
        is_sent = client.notify(
            title=title, body=body, body_format=apprise.NotifyFormat.TEXT
        )
    if is_sent:
        return None
    return presentable(told[-1] if told else "it was not taken", _LONGEST_PROBLEM)


@contextmanager
def _listening() -> Iterator[list[str]]:
    ear, log = _Ear(), logging.getLogger("apprise")
    log.addHandler(ear)
    try:
        yield ear.told
    finally:
        log.removeHandler(ear)
