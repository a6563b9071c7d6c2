"""Answer Prometheus: what all workers have counted, and what is known at the moment."""

from flask import Response

from app.errors import NotFound
from app.gateway import Gateway


def scrape(gateway: Gateway, accept: str) -> Response:
    """Return all metrics in the form that the header ``Accept`` asks for.

    Raises:
        NotFound: They are switched off.
    """
    if not gateway.metrics.is_on:
        raise NotFound("Metrics are switched off here: metrics.enabled says so.")
    # What only a scrape needs is loaded by it.
    from app.operations.metrics.exposition import render  # noqa: PLC0415 - as above.
    from app.operations.metrics_snapshot import fetch_metrics_snapshot  # noqa: PLC0415 - see above.

    text, content_type = render(gateway.metrics.folder, fetch_metrics_snapshot(gateway), accept)
    return Response(text, content_type=content_type, headers={"Cache-Control": "no-store"})
