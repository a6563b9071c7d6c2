"""A fault campaign: many orders through failing workers to a failing Tiger, and a count of what became of each.

Everything runs as in production: gunicorn, the simulator as a process of its own, HTTP between all of them.
"""
