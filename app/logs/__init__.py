"""How log lines look and where they go; nothing here knows what is logged."""
