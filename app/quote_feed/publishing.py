"""Publish for as long as a term lasts: the elected worker's job."""

import logging
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from typing import Final

from app.leadership import Term
from app.quote_feed.publisher import QuotePublisher

LOOK_SECONDS: Final = 0.25

logger = logging.getLogger(__name__)

Open = Callable[[QuotePublisher], AbstractContextManager[object]]
"""Open a way to those who follow; what it gives is closed at the end of the term."""


def publish(publisher: QuotePublisher, ways: Sequence[Open], term: Term) -> None:
    """Let others follow by all these ways, and ask for what is not pushed, until the term ends."""
    with ExitStack() as opened:
        for way in ways:
            opened.enter_context(way(publisher))
        # What is asked for may take as long as Tiger does; signs are given meanwhile.
        asking = threading.Thread(target=_ask, args=(publisher, term), name="quotes-asking", daemon=True)
        asking.start()
        while not term.ended.wait(LOOK_SECONDS):
            publisher.report_alive()


def _ask(publisher: QuotePublisher, term: Term) -> None:
    has_failed = False
    while not term.ended.wait(LOOK_SECONDS):
        try:
            publisher.ask_due()
            has_failed = False
        except Exception as error:  # noqa: BLE001 - the edge of a thread: without it nothing would be asked for any more.
            # Its type alone: what it says may hold what was sent. Once in a row.
            if not has_failed:
                logger.error("Asking for quotes failed: %s", type(error).__name__)  # noqa: TRY400 - as above.
            has_failed = True
