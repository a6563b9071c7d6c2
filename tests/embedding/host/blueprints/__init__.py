"""The host's routes."""
