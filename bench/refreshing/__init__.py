"""Trials of the token refresh: real gateways, a simulator that counts, and processes that are killed and frozen.

Each trial returns its figures. ``refresh_campaign.py`` runs the long forms and prints them; the tests run short ones.
"""
