"""What one connection has subscribed for."""

from collections.abc import Iterable, Mapping
from typing import Any

from app.simulator.push.subjects import get_text
from app.simulator.push.vocabulary import ACCOUNT_TOPICS, QUOTE_TOPICS, DataType
from app.simulator.trading.contracts import Contract

Tops = dict[str, set[str]]

_TOLD: Mapping[str, tuple[str, tuple[DataType, ...], str]] = {
    "used": ("limit", QUOTE_TOPICS, "subscribedSymbols"),
    "askBidUsed": ("askBidLimit", (DataType.QuoteDepth,), "subscribedAskBidSymbols"),
    "tradeTickUsed": ("tradeTickLimit", (DataType.TradeTick,), "subscribedTradeTickSymbols"),
    "klineUsed": ("klineLimit", (DataType.Kline,), "subscribedKlineSymbols"),
}
"""How the query of subscriptions names each class: its count, its limit, its topics, its symbols."""
_LIMITS = {"limit": "subscribeLimit", "askBidLimit": "subscribeDepthLimit"}
"""Which entitlement limits a class; the others have the first one's [answers of the query in Tiger's example]."""


class Subscriptions:
    """Hold contracts by topic, accounts by topic, and ranks by market."""

    def __init__(self) -> None:
        self.subjects: dict[DataType, dict[str, Contract]] = {}
        self.accounts: dict[DataType, set[str]] = {topic: set() for topic in ACCOUNT_TOPICS}
        self.tops: dict[DataType, Tops] = {DataType.StockTop: {}, DataType.OptionTop: {}}

    def add_subjects(self, topic: DataType, contracts: Iterable[Contract]) -> None:
        """Subscribe for contracts."""
        self.subjects.setdefault(topic, {}).update({contract.key: contract for contract in contracts})

    def remove_subjects(self, topic: DataType, contracts: Iterable[Contract] | None) -> None:
        """End subscriptions for contracts, or for all of a topic."""
        held = self.subjects.setdefault(topic, {})
        for key in list(held) if contracts is None else [contract.key for contract in contracts]:
            held.pop(key, None)

    def list_contracts(self, topics: Iterable[DataType]) -> list[Contract]:
        """Return what is subscribed for in some topics, each contract once."""
        return list({key: found for topic in topics for key, found in self.subjects.get(topic, {}).items()}.values())

    def wants(self, topic: DataType, key: str) -> bool:
        """Say whether events of a topic about a contract are wanted; quotes are one topic under four names."""
        topics = QUOTE_TOPICS if topic in QUOTE_TOPICS else (topic,)
        return any(key in self.subjects.get(name, {}) for name in topics)

    def find_excess(self, topic: DataType, added: Iterable[Contract], figures: Mapping[str, Any]) -> int | None:
        """Return the limit that one subscription more would pass; None where there is room."""
        limit_name, topics, _ = next(row for row in _TOLD.values() if topic in row[1])
        keys = {contract.key for contract in (*self.list_contracts(topics), *added)}
        limit = get_limit(limit_name, figures)
        return limit if len(keys) > limit else None

    def describe_accounts(self) -> dict[str, list[str]]:
        """Return the accounts that are subscribed for, by topic."""
        return {topic.name: sorted(accounts) for topic, accounts in self.accounts.items() if accounts}

    def describe(self, figures: Mapping[str, Any]) -> dict[str, Any]:
        """Return the answer of the query of subscriptions."""
        told: dict[str, Any] = {}
        for count_name, (limit_name, topics, symbols_name) in _TOLD.items():
            symbols = sorted(map(get_text, self.list_contracts(topics)))
            told |= {limit_name: get_limit(limit_name, figures), count_name: len(symbols), symbols_name: symbols}
        return told


def get_limit(name: str, figures: Mapping[str, Any]) -> int:
    """Return how many symbols a developer may subscribe for in a class."""
    return int(figures[_LIMITS.get(name, "subscribeLimit")])
