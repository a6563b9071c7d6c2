"""Tell how the service is: cheaply, from what is known, and no call to Tiger is waited for."""

from datetime import UTC, datetime
from typing import Any

from app.errors import StorageUnavailable
from app.gateway import Gateway
from app.operations.endpoints import count_endpoints, list_endpoints
from app.tiger.credential.reach import check_reach
from app.version import __version__
from app.web.envelope import get_timestamp

SERVICE = "Tiger MCP REST API - Full Edition"


def get_health(gateway: Gateway) -> dict[str, Any]:
    """Return the documented health object; being able to return it is what makes the process healthy."""
    endpoints = count_endpoints(list_endpoints())
    interval = f"{gateway.settings.token_refresh.interval_hours:g}h"
    return {
        "status": "degraded" if gateway.needs_attention else "healthy",
        "service": SERVICE,
        "version": __version__,
        "timestamp": get_timestamp(),
        "features": [
            f"{endpoints} Tiger API endpoints",
            f"Automatic token refresh ({interval} interval)",
            "Multi-account support",
            "API key authentication",
        ],
        "mode": gateway.mode,
    }


def get_readiness(gateway: Gateway) -> dict[str, Any]:
    """Return whether requests can be served, each reason why not, and what will need attention before long."""
    reasons = [
        f"the database: {trouble.cause}, since {_show_time(trouble.since)}"
        for trouble in (gateway.find_storage_trouble(),)
        if trouble is not None
    ]
    warnings: list[str] = []
    if (limits := gateway.limits) and (trouble := limits.find_trouble()):
        (reasons if limits.is_for_all else warnings).append(f"{trouble[:-1]}: keys that have a limit are refused")
    try:
        for problem in gateway.tokens.fetch_problems():
            (reasons if problem.is_fatal else warnings).append(problem.sentence)
        reasons += [
            f"every call of credential {name} fails since {_show_time(outage.since)}: {outage.message}"
            for name, outage in gateway.tiger.pipeline.outages.items()
        ]
        check_reach(gateway.tiger)
        warnings += filter(None, (permission.find_problem() for permission in gateway.quote_permissions.values()))
        warnings += gateway.push.fetch_problems().values()
        warnings += filter(None, (gateway.leadership.find_problem(),))
    except StorageUnavailable:
        reasons = reasons or ["the database does not answer"]
    return {
        "ready": not reasons,
        "status": "unready" if reasons else "degraded" if warnings else "ready",
        "reasons": reasons,
        "warnings": warnings,
        "mode": gateway.mode,
        "timestamp": get_timestamp(),
    }


def _show_time(since: float) -> str:
    return datetime.fromtimestamp(since, UTC).isoformat(timespec="seconds")
