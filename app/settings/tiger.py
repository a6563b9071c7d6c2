"""How Tiger is called and how orders are kept: deadlines, limits, and how long answers and tokens serve."""

from dataclasses import dataclass

from app.settings.declaration import Form, setting


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
        form=Form("[ -~]{0,100}", "at most 100 plain characters, such as 02:00:00:00:00:01"),
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
        form=Form(r"[a-z_]{1,64}=[1-9]\d{0,8}", "written as method=calls, such as kline=120"),
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

    quote_seconds: float = setting(
        1.0,
        "Quotes, trades, the minutes of a day, and order books, of stocks the latter for three seconds.",
        minimum=0,
        maximum=60,
    )
    bars_seconds: float = setting(
        5.0,
        "The newest bars, but not across the end of a minute: with 5, twenty stocks can be asked for up to 1 200 bars "
        "each all the time, within Tiger's 60 calls a minute.",
        minimum=0,
        maximum=60,
    )
    chain_seconds: float = setting(5.0, "Option chains and their expirations.", minimum=0, maximum=3_600)
    status_seconds: float = setting(
        30.0, "Market states, which Tiger gives 10 times a minute, and sessions of futures.", minimum=0, maximum=600
    )
    analysis_seconds: float = setting(
        15.0,
        "What follows trading in the course of a day: flows of capital, volatilities, ranks, scans and warrants.",
        minimum=0,
        maximum=3_600,
    )
    calendar_seconds: float = setting(14_400.0, "Trading calendars.", minimum=0, maximum=86_400)
    fundamentals_seconds: float = setting(60.0, "Fundamental figures of stocks.", minimum=0, maximum=86_400)
    list_seconds: float = setting(
        14_400.0,
        "What changes slowly: lists of industries, funds and futures, details of stocks, currencies of companies.",
        minimum=0,
        maximum=86_400,
    )
    daily_seconds: float = setting(
        3_600.0,
        "What changes once a day: exchange rates, values of funds, current futures, short interest, brokers' holdings.",
        minimum=0,
        maximum=86_400,
    )
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
class OrderSettings:
    """How order commands are kept, repeated and resolved."""

    idempotency_hours: float = setting(
        24.0, "How long a repeat with the same Idempotency-Key gets the first answer again.", minimum=24, maximum=8_760
    )
    journal_days: float = setting(
        365.0, "How old resolved commands are before flask journal purge deletes them.", minimum=1, maximum=36_500
    )
    absence_seconds: float = setting(
        10.0,
        "How long after a lost order Tiger may still show or take it; only what is absent after this is sent again.",
        minimum=0.2,
        maximum=600,
    )
    reconcile_seconds: float = setting(
        2.0, "Pause between two rounds in which the leader resolves what is unknown.", minimum=0.1, maximum=60
    )
    numbers_ahead: int = setting(
        4, "Most order numbers that a worker reserves ahead for each account that trades.", minimum=0, maximum=50
    )
