"""One account at Tiger: its assets, positions, contracts and orders.

Commands say exactly what became of them or raise what leaves it open; what that means for the client, and for the
journal, is decided in ``app.orders``.
"""
