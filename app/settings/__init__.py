"""The settings of the gateway: what there is to set, with its default, its bounds and one sentence for the docs.

A section is a frozen dataclass, a setting one of its fields. ``app.config.loader`` loads them;
``flask config`` and the table in the documentation are made from them.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from app.settings.credentials import Account, AccountType, Credential
from app.settings.service import (
    AuditSettings,
    GatewaySettings,
    LeadershipSettings,
    LimitSettings,
    McpSettings,
    MetricsSettings,
    PushSettings,
    SimulatorSettings,
    StreamSettings,
)
from app.settings.tiger import (
    BudgetSettings,
    CacheSettings,
    OrderSettings,
    QuoteSettings,
    TigerSettings,
    TokenRefreshSettings,
)

__all__ = [
    "Account",
    "AccountType",
    "AuditSettings",
    "BudgetSettings",
    "CacheSettings",
    "Credential",
    "GatewaySettings",
    "LeadershipSettings",
    "LimitSettings",
    "McpSettings",
    "MetricsSettings",
    "Mode",
    "OrderSettings",
    "PushSettings",
    "QuoteSettings",
    "Settings",
    "SimulatorSettings",
    "StreamSettings",
    "TigerSettings",
    "TokenRefreshSettings",
]

Mode = Literal["live", "simulator"]


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings in force, and the credentials when some are configured."""

    instance: Path
    gateway: GatewaySettings = field(default_factory=GatewaySettings)
    tiger: TigerSettings = field(default_factory=TigerSettings)
    budget: BudgetSettings = field(default_factory=BudgetSettings)
    cache: CacheSettings = field(default_factory=CacheSettings)
    quotes: QuoteSettings = field(default_factory=QuoteSettings)
    limits: LimitSettings = field(default_factory=LimitSettings)
    token_refresh: TokenRefreshSettings = field(default_factory=TokenRefreshSettings)
    leadership: LeadershipSettings = field(default_factory=LeadershipSettings)
    orders: OrderSettings = field(default_factory=OrderSettings)
    audit: AuditSettings = field(default_factory=AuditSettings)
    streams: StreamSettings = field(default_factory=StreamSettings)
    metrics: MetricsSettings = field(default_factory=MetricsSettings)
    push: PushSettings = field(default_factory=PushSettings)
    mcp: McpSettings = field(default_factory=McpSettings)
    simulator: SimulatorSettings = field(default_factory=SimulatorSettings)
    credentials: tuple[Credential, ...] = ()

    @property
    def mode(self) -> Mode:
        """Return whether Tiger or the simulator is at the other end."""
        return "live" if self.credentials else "simulator"

    @property
    def agent_origins(self) -> tuple[str, ...]:
        """Return the origins, in lower case, whose pages may call ``/mcp``: those that are named.

        ``*`` names none here: it opens the API to scripts of pages, which is not meant for what drives an agent.
        """
        named = (*self.mcp.allowed_origins, *self.gateway.cors_origins)
        return tuple(origin.lower() for origin in named if origin != "*")
