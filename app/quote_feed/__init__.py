"""Quotes as they change: one subscription at Tiger for all workers and machines, and what each client is told of it.

The elected worker has a ``QuotePublisher``, which knows the latest of whatever anybody follows; each process has a
``QuoteFeed``, which hears of it: over a socket in the instance folder, through Redis from another machine, or, where
neither leads to a publisher, from one of its own that asks Tiger. Nothing here knows HTTP.
"""

from app.quote_feed.live_quotes import LiveQuotes as LiveQuotes
