"""Fixtures: a gateway on each database, and a trader whose account and key have limits."""

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.gateway import get_gateway
from app.risk.limits.table import LIMITS, read_value
from app.risk.owners import Owner
from app.settings import GatewaySettings, OrderSettings, Settings, TigerSettings
from tests.support.client import FIRST

SECRET = "a secret of tests, which guards nothing at all"  # noqa: S105 - as it says.
SetLimits = Callable[..., None]


@pytest.fixture
def settings(settings: Settings, database_url: str) -> Settings:
    """Give settings with a database of its own and short waits."""
    return dataclasses.replace(
        settings,
        gateway=GatewaySettings(database_url=database_url, secret_key=SECRET, threads=16),
        tiger=TigerSettings(order_deadline_seconds=5.0, read_deadline_seconds=3.0),
        orders=OrderSettings(absence_seconds=0.4, reconcile_seconds=0.2),
    )


@pytest.fixture
def set_limits(app: Flask) -> SetLimits:
    """Give what sets limits of the first account, or of the key of the client that may do everything."""

    def change(*, of_key: bool = False, currency: str | None = None, **said: Any) -> None:
        owner = Owner.key("demo-full-access") if of_key else Owner.account(FIRST)
        values = {name: None if value is None else read_value(LIMITS[name], value) for name, value in said.items()}
        get_gateway(app).limiting.rows.change(owner, owner.id, values, currency=currency, by="tests")

    return change
