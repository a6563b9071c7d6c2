"""Add up what all processes counted, and write it the way the asker reads it."""

from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from app.operations.metrics.folder import MetricsFolder


def render(folder: MetricsFolder | None, snapshot: Iterable[Metric], accept: str) -> tuple[bytes, str]:
    """Return the text of all metrics and its content type, as the header ``Accept`` asks for it."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Everything(folder, snapshot))
    encode, content_type = choose_encoder(accept)
    return encode(registry), content_type


class _Everything(Collector):
    def __init__(self, folder: MetricsFolder | None, snapshot: Iterable[Metric]) -> None:
        self._folder = folder
        self._snapshot = snapshot

    def collect(self) -> Iterator[Metric]:
        if self._folder is not None:
            with self._folder.reading() as files:
                counted = MultiProcessCollector.merge(files)
            yield from sorted(counted, key=_get_name)
        yield from self._snapshot


def _get_name(metric: Metric) -> str:
    return str(metric.name)
