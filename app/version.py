"""The release, for whoever reports it; pyproject.toml names the same."""

__version__ = "2.0.0"
