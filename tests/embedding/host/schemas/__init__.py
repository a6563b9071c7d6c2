"""The host's schemas."""
