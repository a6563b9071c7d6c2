"""The service itself: where it listens, what it stores, what it counts, and the simulator that it may start."""

from dataclasses import dataclass

from app.settings.declaration import Form, setting

LEAST_SECRET_CHARACTERS = 32
_PORT = r"(6553[0-5]|655[0-2]\d|65[0-4]\d\d|6[0-4]\d{3}|[1-5]\d{4}|[1-9]\d{0,3})"
LISTENING = Form(
    rf"[\w.-]+:{_PORT}|\[[\da-fA-F:.]+\]:{_PORT}|unix:.+|fd://\d+",
    "an address and a port, such as 127.0.0.1:9000, or unix:/path",
)
ORIGIN = Form(r"\*|[a-z][a-z0-9+.-]*://[^\s/*?#]+", "* or an origin such as https://desk.example")
PAGE_ORIGIN = Form(r"[a-z][a-z0-9+.-]*://[^\s/*?#]+", "an origin such as https://desk.example")
DATABASE = Form(
    r"sqlite:///.+|postgresql\+psycopg:\S+",
    "sqlite:/// and a file, such as sqlite:////var/lib/tiger-rest/gateway.db, or postgresql+psycopg://…",
)
SECRET = Form(
    rf"[\s\S]{{{LEAST_SECRET_CHARACTERS},}}|",
    f"at least {LEAST_SECRET_CHARACTERS} characters: openssl rand -hex 32 makes one",
)


@dataclass(frozen=True, slots=True)
class GatewaySettings:
    """The service itself: where it listens, what it stores, what it logs."""

    database_url: str = setting(
        "sqlite:///<instance>/gateway.db",
        "SQLAlchemy URL of the database that all workers and machines share (sqlite or postgresql+psycopg).",
        form=DATABASE,
        secret=True,
    )
    secret_key: str = setting(
        "",
        "Secret for the digests of API keys and for stored secrets, at least 32 characters. "
        "Made and kept in the instance folder on SQLite; required with PostgreSQL, where machines must share it.",
        form=SECRET,
        secret=True,
    )
    older_secret_keys: tuple[str, ...] = setting(
        (),
        "What gateway.secret_key was before: API keys and tokens that were stored with it still serve.",
        form=SECRET,
        secret=True,
    )
    bind: str = setting("127.0.0.1:9000", "Address and port gunicorn listens on.", form=LISTENING)
    cors_origins: tuple[str, ...] = setting(("*",), "Origins that browsers may call from; * for any.", form=ORIGIN)
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
class LimitSettings:
    """How often clients may call; off unless set. Where it is, `tiger-rest[limits]` has to be installed."""

    per_key: str = setting("", "Limit of every API key, such as 600/minute; none where empty.")
    keys: tuple[str, ...] = setting((), "Limits of single keys in its place, each written as NAME=600/minute.")
    storage_url: str = setting(
        "memory://",
        "Where requests are counted: in each worker's memory, or in Redis for all (redis://…).",
        secret=True,
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
class AuditSettings:
    """The audit trail: how often what was linked is signed. Nothing switches it off."""

    checkpoint_rows: int = setting(1_000, "After so many rows the chain is signed.", minimum=1, maximum=1_000_000)
    checkpoint_seconds: int = setting(
        60, "After so many seconds it is signed, where rows were added.", minimum=1, maximum=86_400
    )


@dataclass(frozen=True, slots=True)
class PushSettings:
    """Tiger's push service, which takes one connection of each tiger_id, the newest."""

    enabled: bool = setting(
        True,
        "Connect while somebody streams. False leaves the connection to another program of yours with the same "
        "tiger_id, which would be signed out; streams then go on from polling.",
    )
    certificate_file: str = setting(
        "",
        "File (PEM) of the only certificates that are taken from the push service: an authority's, or its own to pin "
        "it. The system's authorities where empty.",
    )


@dataclass(frozen=True, slots=True)
class StreamSettings:
    """The events of accounts and the quotes that clients are sent as they come."""

    keep_hours: float = setting(
        24.0,
        "How long events are kept for clients that come back; later they are told what is missing.",
        minimum=0.01,
        maximum=720,
    )
    poll_seconds: float = setting(
        5.0,
        "Pause between two looks at the orders of an account that is listened to while Tiger's push is not connected.",
        minimum=1,
        maximum=300,
    )
    check_seconds: float = setting(
        60.0,
        "Pause between two comparisons of an account that is listened to with Tiger while the push is connected: what "
        "it forgot to push is known by then.",
        minimum=5,
        maximum=3_600,
    )
    quote_poll_seconds: float = setting(
        3.0,
        "Pause between two calls for quotes that are streamed and that Tiger does not push.",
        minimum=1,
        maximum=300,
    )
    redis_url: str = setting(
        "",
        "Redis, as redis://…, through which quotes reach the workers of other machines; without it those ask Tiger "
        "themselves. Needs the extra limits.",
        secret=True,
    )


@dataclass(frozen=True, slots=True)
class MetricsSettings:
    """What is counted for Prometheus, and shown at ``/metrics`` to anyone who reaches it."""

    enabled: bool = setting(True, "Count requests and calls, and answer /metrics; otherwise it is not found.")


@dataclass(frozen=True, slots=True)
class McpSettings:
    """Tools for models, by the Model Context Protocol, at ``/mcp``."""

    enabled: bool = setting(True, "Answer /mcp, to callers with an API key; otherwise it is not found.")
    confirmation: bool = setting(
        True,
        "Whether place_order takes only what preview_order confirmed, whatever the API key asks for. Without it the "
        "model has to name each order by a client_order_id.",
    )
    allowed_origins: tuple[str, ...] = setting(
        (),
        "Origins whose pages may call /mcp, beside those that gateway.cors_origins names; * in it names none.",
        form=PAGE_ORIGIN,
    )


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
