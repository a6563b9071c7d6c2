"""Read what /metrics says, as Prometheus does."""

import math
from collections.abc import Iterator
from typing import Any

from flask import Flask
from prometheus_client.parser import text_string_to_metric_families


class Exposed:
    """The samples of one scrape."""

    def __init__(self, text: str) -> None:
        self.families = {family.name: family for family in text_string_to_metric_families(text)}

    def value(self, sample: str, **labels: str) -> float:
        """Return the sum of the samples with these labels, whatever others they have."""
        return math.fsum(
            each.value for each in self._samples() if each.name == sample and labels.items() <= each.labels.items()
        )

    def labels(self, sample: str, label: str) -> set[str]:
        """Return the values that a label has."""
        return {each.labels[label] for each in self._samples() if each.name == sample}

    def _samples(self) -> Iterator[Any]:
        return (sample for family in self.families.values() for sample in family.samples)


def scrape(app: Flask) -> Exposed:
    """Ask an application for its metrics."""
    answer = app.test_client().get("/metrics")
    assert answer.status_code == 200, answer.text
    return Exposed(answer.text)
