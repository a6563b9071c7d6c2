"""Orders: exactly-once placement, modification and cancellation, whatever fails on the way.

Decides what is sent and what became of it; how a command looks on the wire is known to ``app.tiger``.
"""
