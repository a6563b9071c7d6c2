"""The rooms of the code, from the bottom up, and what each may import."""

# What a room may import of our own, besides itself, from the bottom up. A room is the longest matching prefix of a
# module's name; what it may import stands above it here, so that no arrow runs up.
PLAIN = {"app.version", "app.errors", "app.settings", "app.clock", "app.durable_file"}
TIGER = {"app.tiger", "app.tiger.wire", "app.tiger.pipeline", "app.tiger.deadline", "app.tiger.symbols"} | {
    "app.tiger.instrument",
    "app.tiger.identification",
    "app.tiger.instrument_filter",
    "app.tiger.order_kinds",
}
SUBJECTS = {"app.tiger.market", "app.tiger.company", "app.tiger.trading", "app.tiger.credential"}
BELOW_THE_GATEWAY = {"app.config", "app.storage", "app.leadership", "app.audit", "app.access", "app.orders"} | {
    "app.tokens",
    "app.risk",
    "app.risk.limits",
}
ALLOWED: dict[str, set[str]] = {
    "app.version": set(),
    "app.errors": set(),
    "app.settings": set(),
    "app.clock": set(),
    "app.durable_file": set(),
    "app.simulator.clock": set(),
    "app.simulator.readings": set(),
    "app.simulator.wire": set(),
    "app.simulator.market": {"app.simulator.clock"},
    "app.simulator.methods": {
        "app.simulator.clock",
        "app.simulator.readings",
        "app.simulator.wire",
        "app.simulator.market",
    },
    "app.simulator": {"app.simulator.clock", "app.simulator.readings", "app.simulator.wire", "app.simulator.methods"}
    | {"app.simulator.market"},
    "app.config": PLAIN,
    "app.logs": PLAIN,
    "app.storage": PLAIN,
    "app.tiger.symbols": set(),
    "app.tiger.instrument": {"app.tiger.symbols"},
    "app.tiger.identification": {"app.tiger.symbols", "app.tiger.instrument"},
    "app.tiger.instrument_filter": {"app.tiger.symbols", "app.tiger.instrument", "app.tiger.identification"},
    "app.tiger.vocabulary": set(),
    "app.tiger.order_kinds": set(),
    "app.tiger.deadline": set(),
    "app.tiger.wire": PLAIN | {"app.tiger.deadline", "app.tiger.symbols", "app.tiger.instrument"},
    "app.tiger.pipeline": PLAIN | {"app.tiger.deadline", "app.tiger.symbols", "app.tiger.vocabulary", "app.tiger.wire"},
    "app.tiger": PLAIN | TIGER,
    "app.tiger.market": PLAIN | TIGER | {"app.tiger.vocabulary"},
    "app.tiger.company": PLAIN | TIGER,
    "app.tiger.trading": PLAIN | TIGER,
    "app.tiger.credential": PLAIN | TIGER,
    "app.tiger.push": PLAIN | TIGER,
    "app.tiger.plain": PLAIN | TIGER | {"app.tiger.trading"},
    "app.operations.metrics": PLAIN,
    "app.leadership": PLAIN | {"app.storage", "app.config"},
    "app.audit": PLAIN | {"app.storage", "app.leadership", "app.logs"},
    "app.shared": PLAIN | {"app.storage", "app.tiger.pipeline", "app.tiger.deadline"},
    "app.server": PLAIN | {"app.config", "app.logs"},
    "app.access": PLAIN | {"app.storage", "app.config", "app.audit"},
    "app.streams": PLAIN | {"app.access", "app.server.stream", "app.storage"},
    "app.entitlements": PLAIN | TIGER | {"app.leadership", "app.shared", "app.tiger.credential"},
    "app.quote_permission": PLAIN | TIGER | {"app.storage", "app.leadership", "app.tiger.credential"},
    "app.orders": PLAIN
    | TIGER
    | {"app.config", "app.storage", "app.leadership", "app.access", "app.audit", "app.tiger.trading"},
    "app.risk.limits": {"app.tiger.symbols"},
    "app.risk": PLAIN
    | TIGER
    | {"app.storage", "app.access", "app.audit", "app.leadership", "app.orders", "app.risk.limits"}
    | {"app.tiger.trading", "app.tiger.market"},
    "app.tokens": PLAIN | TIGER | {"app.storage", "app.leadership", "app.access", "app.audit", "app.tiger.credential"},
    "app.push": PLAIN | TIGER | {"app.storage", "app.leadership", "app.tiger.push"},
    "app.operations.metrics.observers": {"app.operations.metrics", "app.push", "app.tiger", "app.tiger.pipeline"},
    "app.events": PLAIN
    | TIGER
    | {"app.storage", "app.leadership", "app.server.stream", "app.streams", "app.operations.metrics"}
    | {"app.orders", "app.push", "app.tiger.push", "app.tiger.trading"},
    "app.quote_feed": PLAIN
    | TIGER
    | {
        "app.config",
        "app.leadership",
        "app.push",
        "app.server.stream",
        "app.streams",
        "app.tiger.market",
        "app.tiger.push",
    }
    | {"app.tiger.vocabulary"},
    "app.gateway": PLAIN
    | TIGER
    | BELOW_THE_GATEWAY
    | {"app.operations.metrics", "app.operations.metrics.observers"}
    | {"app.server", "app.shared", "app.entitlements", "app.quote_permission"}
    | {"app.events", "app.push", "app.quote_feed", "app.streams"},
    "app.per_process": PLAIN | {"app.gateway", "app.access"},
    "app.request_context": {"app.access", "app.gateway", "app.tiger"},
    "schemas": {"app.tiger.symbols", "app.tiger.instrument", "app.tiger.identification", "app.tiger.vocabulary"}
    | {"app.tiger.instrument_filter", "app.tiger.order_kinds", "app.risk.limits"},
    "app.web": PLAIN
    | {
        "app.access",
        "app.audit",
        "app.config",
        "app.logs",
        "app.server.names",
        "app.server.stream",
        "app.streams",
        "app.gateway",
        "app.per_process",
        "schemas",
    }
    | {
        "app.orders",
        "app.request_context",
        "app.tiger",
        "app.tiger.trading",
        "app.tiger.push",
        "app.risk",
        "app.risk.limits",
    },
    "app.operations": PLAIN
    | TIGER
    | BELOW_THE_GATEWAY
    | SUBJECTS
    | {"app.gateway", "app.web", "app.operations.metrics"},
    "app.openapi": PLAIN | {"app.access", "app.config", "app.operations", "app.web", "app.tiger.company", "schemas"},
    "app.mcp": PLAIN
    | {"app.access", "app.audit", "app.logs", "app.openapi", "app.operations", "app.request_context"}
    | {"app.server.names", "app.web"},
    "app.certify": PLAIN
    | TIGER
    | SUBJECTS
    | {"app.tiger.plain", "app.access", "app.web", "app.gateway"}
    | {"app.request_context"},
    "blueprints": PLAIN
    | SUBJECTS
    | {"app.access", "app.openapi", "app.operations", "app.request_context", "app.streams", "app.web", "schemas"}
    | {"app.mcp"},
    "app.plugins": {"app.config", "blueprints"},
    "app.cli": PLAIN
    | BELOW_THE_GATEWAY
    | {"app.certify", "app.gateway", "app.openapi", "app.operations", "app.quote_permission"},
    "app.factory": PLAIN
    | {"app.access", "app.cli", "app.config", "app.gateway", "app.logs", "app.operations", "app.per_process"}
    | {"app.plugins", "app.request_context", "app.web"},
    "app.embedding": PLAIN
    | {"app.access", "app.cli", "app.config", "app.factory", "app.gateway", "app.per_process"}
    | {"app.web"},
    "app.wheel": PLAIN
    | TIGER
    | SUBJECTS
    | {"app.access", "app.config", "app.embedding", "app.request_context", "app.web", "schemas"},
}
