"""The events of accounts: numbered, kept, and brought to whoever listens, each once and in order.

Whoever learns something of an account writes it here as rows: the journal of orders, Tiger's push, and the comparison
with what Tiger shows. How bytes reach a client is ``app.server``'s, what an answer looks like the views'.
"""
