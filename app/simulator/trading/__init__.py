"""Accounts, orders, fills, positions and cash that add up.

Knows contracts and prices only through ``contracts.Prices``; nothing here speaks HTTP.
"""
