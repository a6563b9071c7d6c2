"""Streams: what is sent to clients as it happens, who may have one, and for how long.

How bytes reach a client is ``app.server.stream``'s; nothing here speaks HTTP, nor to Tiger.
"""
