"""Tiger's push service: what it sends over TCP without being asked again, on the port that also answers HTTP.

It lives on the event loop of the server, knows the market and the accounts by the same objects as the wire methods,
and costs nothing before somebody connects.
"""
