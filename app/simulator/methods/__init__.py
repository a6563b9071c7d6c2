"""The wire methods about the market, one group each: they read requests and write answers, and compute nothing.

What they answer stands in ``app.simulator.market``, which knows no request.
"""
