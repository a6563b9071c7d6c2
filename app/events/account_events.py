"""The events of accounts, put together for one process."""

from collections.abc import Callable, Sequence
from typing import Final

from app.clock import get_now_ms
from app.events.account_streams import AccountStreams
from app.events.comparison import Comparison
from app.events.event_log import EventLog
from app.events.events import AccountEvent
from app.events.feeder import Feeder
from app.events.journal_witness import JournalWitness
from app.events.recorder import Recorder
from app.events.snapshots import Snapshots
from app.events.told_states import ToldStates
from app.events.wakes import Wakes
from app.events.watcher import AccountWatcher
from app.events.word_board import WordBoard
from app.operations.metrics import Metrics
from app.orders.service import OrderService
from app.push import PushHub
from app.settings import Settings
from app.storage.engine import Storage
from app.tiger.sessions import Session

LOOK_SECONDS: Final = 1.0
"""Between two rounds of the watcher."""
BOARD: Final = "events.words"
"""File of the instance folder: it holds nothing that outlives the processes."""


class AccountEvents:
    """What writes events and what brings them to clients; it begins nothing by itself."""

    def __init__(
        self,
        settings: Settings,
        storage: Storage,
        metrics: Metrics,
        open_session: Callable[[str], Session],
    ) -> None:
        self._settings = settings.streams
        self._metrics = metrics
        self._open_session = open_session
        self.log = EventLog(storage)
        self._told = ToldStates(storage)
        self.wakes = Wakes()
        self._recorder = Recorder(storage, self.log, self._told, self.wakes)
        self._board = WordBoard(settings.instance / BOARD)
        self._feeder = Feeder(self.log, self._board, self._count, has_other_machines=not storage.is_sqlite)
        self.wakes.add(self._feeder.hear)
        self.wakes.add(self._board.put)
        self.witness = JournalWitness(self.log, self._told, self.wakes)

    def serve(self, orders: OrderService) -> AccountStreams:
        """Return what gives clients the events, once there are orders that the witness hears of."""
        self.comparison = Comparison(self.log, self._told, self._recorder, orders.journal)
        self.watcher = AccountWatcher(
            self._settings, self.log, self._told, self._recorder, self.comparison, self._open_session
        )
        return AccountStreams(
            self.log, self._feeder, Snapshots(self.log, self._told, orders), self._metrics.count_event_gap
        )

    def listen(self, hub: PushHub) -> None:
        """Hear what Tiger pushes; it comes where this process leads."""
        hub.subscribe_account(self.watcher.take)
        hub.on_gap(self.watcher.take_gap)

    def close(self) -> None:
        """End the thread that brings events to clients."""
        self._feeder.close()
        self._board.close()

    def _count(self, events: Sequence[AccountEvent]) -> None:
        now = get_now_ms()
        for event in events:
            self._metrics.count_event(event.topic, event.source, max(0, now - event.id.at) / 1_000)
