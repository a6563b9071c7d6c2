"""Answers about what the Tiger user behind an account may read, and how often."""

from schemas.answers.fields import Answer, flag, many, moment, number, one, text, whole

POLICIES = ("take", "leave")
HOLDERS = ("gateway", "another_device", "unknown")


class HistoryQuota(Answer):
    """How many instruments may be asked for their history, which Tiger counts anew from time to time."""

    method = text("What is asked for: kline (stocks), future_kline or option_kline.", nullable=False)
    used = whole("Instruments that count at the moment.")
    remaining = whole("Instruments that may be added.")


class Plan(Answer):
    """What the user has bought."""

    type = text("Tiger's name of it.")
    expires_at = moment("When it ends")


class Addon(Answer):
    """What the user has bought in addition."""

    type = text("Tiger's name of it.")
    active = flag("Whether it is in force.")
    starts_at = moment("When it begins")
    expires_at = moment("When it ends")


class EntitledLimits(Answer):
    """The limits in force, as Tiger tells them; the gateway keeps to the calls by itself."""

    high_frequency_calls = whole("Calls a minute of each method that may be called often.")
    middle_frequency_calls = whole("Calls a minute of each ordinary method.")
    low_frequency_calls = whole("Calls a minute of each method that may be called rarely.")
    rate_multiple = number("Tiger's factor on them; no source says whether they hold it already.")
    history_stocks = whole("Stocks that may be asked for their history.")
    history_stocks_remaining = whole("Of these, how many may be added.")
    history_futures = whole("Futures that may be asked for their history.")
    history_futures_remaining = whole("Of these, how many may be added.")
    history_options = whole("Options that may be asked for their history.")
    history_options_remaining = whole("Of these, how many may be added.")
    subscriptions = whole("Instruments that may be subscribed to.")
    subscriptions_remaining = whole("Of these, how many may be added.")
    depth_subscriptions = whole("Order books that may be subscribed to.")
    depth_subscriptions_remaining = whole("Of these, how many may be added.")


class Entitlements(Answer):
    """What the user has bought of Tiger's limits."""

    user_level = text("Tiger's level of the user.")
    plan = one(Plan, "What is in force.", nullable=True)
    addons = many(Addon, "What was bought in addition.")
    limits = one(EntitledLimits, "The limits in force.")


class QuotePermission(Answer):
    """One kind of market data that the user may read."""

    name = text("Tiger's name of it, such as usStockQuote.")
    expires_at = moment("When it ends; null for never")


class PermissionsAnswer(Answer):
    """What market data the user may read; real-time quotes come to one of the user's devices at a time."""

    permissions = many(QuotePermission, "What the user has bought or been given.")
    policy = text("Whether this gateway takes real-time quotes or leaves them.", nullable=False, choices=POLICIES)
    holder = text("Which device has real-time quotes, as far as is known.", nullable=False, choices=HOLDERS)
    since = moment("Since when that is known")
    next_grab_at = moment("When the gateway tries next to take them back")
    message = text("Why the gateway's last try failed.")
    history_quota = many(
        HistoryQuota, "Quotas of history; null where Tiger does not say them, or not now.", nullable=True
    )
    entitlements = one(
        Entitlements, "What was bought, and the limits in force; null where Tiger does not say.", nullable=True
    )
