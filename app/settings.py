"""The settings of the gateway: what there is to set, with its default, its bounds and one sentence for the docs.

A section is a frozen dataclass, a setting one of its fields. ``app.config.loader`` loads them;
``flask config`` and the table in the documentation are made from them.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

AccountType = Literal["live", "demo"]
Mode = Literal["live", "simulator"]
LEAST_SECRET_CHARACTERS = 32


def setting(
    default: Any,
    doc: str,
    *,
    minimum: float | None = None,
    maximum: float | None = None,
    choices: tuple[str, ...] = (),
    secret: bool = False,
) -> Any:
    """Declare one setting: its default, the sentence that documents it, and its bounds (inclusive)."""
    metadata = {"doc": doc, "minimum": minimum, "maximum": maximum, "choices": choices, "secret": secret}
    return field(default=default, metadata=metadata, repr=not secret)


@dataclass(frozen=True, slots=True)
class GatewaySettings:
    """The service itself: where it listens, what it stores, what it logs."""

    database_url: str = setting(
        "sqlite:///<instance>/gateway.db",
        "SQLAlchemy URL of the database that all workers and machines share (sqlite or postgresql+psycopg).",
        secret=True,
    )
    secret_key: str = setting(
        "",
        "Secret for the digests of API keys and for stored secrets, at least 32 characters. "
        "Made and kept in the instance folder on SQLite; required with PostgreSQL, where machines must share it.",
        secret=True,
    )
    bind: str = setting("127.0.0.1:9000", "Address and port gunicorn listens on.")
    cors_origins: tuple[str, ...] = setting(("*",), "Origins that browsers may call from; * for any.")
    max_body_bytes: int = setting(65_536, "Largest accepted request body, in bytes.", minimum=1_024, maximum=16_777_216)
    trusted_proxies: int = setting(
        0, "How many proxies in front set X-Forwarded-* headers that may be believed.", minimum=0, maximum=10
    )
    log_format: str = setting("text", "Form of the log lines.", choices=("text", "json"))
    log_level: str = setting(
        "info", "Least severe level that is logged.", choices=("debug", "info", "warning", "error")
    )
    threads: int = setting(
        16,
        "Threads of each worker. Three quarters of them may wait for reads; the rest is for orders and health checks.",
        minimum=4,
        maximum=512,
    )
    connections_per_address: int = setting(
        256,
        "Most connections that one address may keep open at each worker, the longest idle being closed first; "
        "0 for any number. Not for loopback, nor behind trusted proxies.",
        minimum=0,
        maximum=65_536,
    )
    timezone: str = setting("America/New_York", "Zone in which dates of orders are read when they name none.")


@dataclass(frozen=True, slots=True)
class TigerSettings:
    """How Tiger is called."""

    read_deadline_seconds: float = setting(
        8.0, "A read is answered within this time, waiting and retries included.", minimum=0.2, maximum=60
    )
    order_deadline_seconds: float = setting(
        12.0,
        "An order command is answered within this time, a wait for a thread and lookups included; within 0.8 of it "
        "where it waits for nothing.",
        minimum=0.5,
        maximum=60,
    )
    connections: int = setting(
        64,
        "Most connections a worker keeps to one Tiger server for reads; order commands have a quarter more.",
        minimum=1,
        maximum=512,
    )
    device_id: str = setting(
        "",
        "Name of this gateway among the devices of the user, to which Tiger gives real-time quotes; made from "
        "gateway.secret_key where empty, and so the same for all workers and machines.",
    )
    language: str = setting("en_US", "Language of names and messages from Tiger.", choices=("en_US", "zh_CN", "zh_TW"))


@dataclass(frozen=True, slots=True)
class BudgetSettings:
    """How calls are kept within Tiger's rate limits."""

    limit_scale: float = setting(
        1.0,
        "Factor on Tiger's rate limits; below 1 where other programs share the tiger_id, 0 counts nothing.",
        minimum=0,
        maximum=1_000_000,
    )
    limits: tuple[str, ...] = setting(
        (),
        "Calls a minute of single methods in place of what Tiger publishes or says was bought, each written as "
        "method=calls; order_rate=calls is what each account may place and modify in a second (5).",
    )
    order_reserve: float = setting(
        0.25,
        "Part of the limits of what both need (order lookups, contracts) that reads leave to order commands.",
        minimum=0,
        maximum=0.9,
    )


@dataclass(frozen=True, slots=True)
class CacheSettings:
    """How long answers of Tiger are used again. Positions, orders and balances never are."""

    quote_seconds: float = setting(1.0, "Quotes.", minimum=0, maximum=60)
    chain_seconds: float = setting(5.0, "Option chains and their expirations.", minimum=0, maximum=3_600)
    status_seconds: float = setting(30.0, "Market states, which Tiger tells 10 times a minute.", minimum=0, maximum=600)
    contract_seconds: float = setting(14_400.0, "Contracts, also those that orders name.", minimum=0, maximum=86_400)
    earnings_seconds: float = setting(
        1_800.0, "The earnings calendar, which costs a call for every 28 days of a market.", minimum=0, maximum=86_400
    )
    names_seconds: float = setting(
        14_400.0, "The lists of names behind the search, refreshed in the background.", minimum=60, maximum=604_800
    )
    coalesce: bool = setting(True, "Let reads that ask the same at the same time share one call.")
    share: bool = setting(True, "Let all workers and machines share what one of them asked for, through the database.")
    megabytes: float = setting(16.0, "Most memory of a worker for kept answers.", minimum=0, maximum=1_024)


@dataclass(frozen=True, slots=True)
class QuoteSettings:
    """Who has the permission for real-time quotes, which Tiger gives to one device of a user at a time."""

    permission: str = setting(
        "take",
        "Whether the gateway takes the permission and keeps it, or leaves it to the user's other devices.",
        choices=("take", "leave"),
    )
    regain_pause_seconds: float = setting(
        300.0,
        "How long the permission is left to a device that takes it again soon after the gateway took it back; "
        "each further time doubles it, up to an hour.",
        minimum=1,
        maximum=3_600,
    )
    delayed_fallback: bool = setting(
        False,
        "Answer with quotes that are a quarter of an hour old, marked as delayed, where Tiger refuses real-time ones "
        "of United States stocks for want of a permission.",
    )


@dataclass(frozen=True, slots=True)
class LimitSettings:
    """How often clients may call; off unless set."""

    per_key: str = setting("", "Limit of every API key, such as 600/minute; none where empty.")
    keys: tuple[str, ...] = setting((), "Limits of single keys in its place, each written as NAME=600/minute.")
    storage_url: str = setting(
        "memory://",
        "Where requests are counted: in each worker's memory, or in Redis for all (redis://…).",
        secret=True,
    )


@dataclass(frozen=True, slots=True)
class TokenRefreshSettings:
    """When Tiger tokens are refreshed."""

    interval_hours: float = setting(12.0, "Hours between two refreshes of a credential.", minimum=0.0001, maximum=336)
    initial_delay_seconds: float = setting(
        60.0,
        "Wait before a first refresh, and after the start before one that was due while nothing ran.",
        minimum=0,
        maximum=86_400,
    )
    retry_first_seconds: float = setting(
        60.0, "Pause after a first failed refresh; each further failure doubles it.", minimum=0.1, maximum=86_400
    )
    retry_longest_seconds: float = setting(
        3_600.0, "Longest pause between two tries of a failing refresh.", minimum=0.1, maximum=86_400
    )
    call_seconds: float = setting(
        20.0,
        "How long Tiger may take for a new token: one that comes later is lost, so this is generous.",
        minimum=0.5,
        # gunicorn ends a worker that stands still for 30 s, and one that stops waits for what is under way.
        maximum=24,
    )
    join_seconds: float = setting(
        5.0, "A refresh by hand within this time after another one gives that one's answer.", minimum=0, maximum=3_600
    )


@dataclass(frozen=True, slots=True)
class LeadershipSettings:
    """The election of the one worker, of all workers and machines, that does scheduled work."""

    lease_seconds: float = setting(
        6.0,
        "A leader that sends no heartbeat for this long is replaced, at the latest after half as long again.",
        minimum=0.5,
        maximum=300,
    )


@dataclass(frozen=True, slots=True)
class OrderSettings:
    """How order commands are kept, repeated and settled."""

    idempotency_hours: float = setting(
        24.0, "How long a repeat with the same Idempotency-Key gets the first answer again.", minimum=24, maximum=8_760
    )
    journal_days: float = setting(
        365.0, "How old settled commands are before flask journal purge deletes them.", minimum=1, maximum=36_500
    )
    absence_seconds: float = setting(
        10.0,
        "How long after a lost order Tiger may still show or take it; only what is absent after this is sent again.",
        minimum=0.2,
        maximum=600,
    )
    reconcile_seconds: float = setting(
        2.0, "Pause between two rounds in which the leader settles what is unknown.", minimum=0.1, maximum=60
    )
    numbers_ahead: int = setting(
        4, "Most order numbers that a worker reserves ahead for each account that trades.", minimum=0, maximum=50
    )


@dataclass(frozen=True, slots=True)
class MetricsSettings:
    """What is counted for Prometheus, and shown at ``/metrics`` to anyone who reaches it."""

    enabled: bool = setting(True, "Count requests and calls, and answer /metrics; otherwise it is not found.")


@dataclass(frozen=True, slots=True)
class SimulatorSettings:
    """The embedded simulator, which serves while no credentials are configured."""

    folder: str = setting("", "Folder of a simulator that something else runs; by default the gateway starts its own.")
    seed: int = setting(20251029, "Seed of prices and fills.", minimum=0)
    real_hours: bool = setting(False, "Keep the real market hours instead of markets that never close.")
    limit_scale: float = setting(
        1.0, "Factor on Tiger's rate limits as the simulator enforces them; 0 switches them off.", minimum=0
    )
    readings: tuple[str, ...] = setting(
        (),
        "How the simulator plays what nobody knows of Tiger, each as name=value; in the file also a table, "
        "[simulator.readings]. The simulator's page lists them.",
    )


@dataclass(frozen=True, slots=True)
class Account:
    """A brokerage account and what it is served by.

    ``type`` is what the operator declared: a paper account is ``demo``.
    """

    account: str
    tiger_id: str
    type: AccountType
    license: str
    credential: str


@dataclass(frozen=True, slots=True)
class Credential:
    """A Tiger developer id with its private key (base64 DER, one line) and the accounts it serves.

    ``license`` is empty where the properties file names none. ``secret_key`` is what the traders of an institution
    have besides [SDK: client_config].
    """

    name: str
    path: Path
    tiger_id: str
    license: str
    private_key: str = field(repr=False)
    server_url: str | None
    accounts: tuple[Account, ...]
    secret_key: str | None = field(default=None, repr=False)


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
    metrics: MetricsSettings = field(default_factory=MetricsSettings)
    simulator: SimulatorSettings = field(default_factory=SimulatorSettings)
    credentials: tuple[Credential, ...] = ()

    @property
    def mode(self) -> Mode:
        """Tell whether Tiger or the simulator is at the other end."""
        return "live" if self.credentials else "simulator"
